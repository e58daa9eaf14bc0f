// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import io.lettuce.core.resource.NettyCustomizer
import io.netty.bootstrap.Bootstrap
import io.netty.channel.Channel
import io.netty.handler.flush.FlushConsolidationHandler

/** What becomes of each channel on a loop, before what [next] does. */
internal class LoopCustomizer(
    private val consolidatesFlushes: Boolean,
    private val next: NettyCustomizer,
) : NettyCustomizer {
    override fun afterBootstrapInitialized(bootstrap: Bootstrap) {
        val channels = bootstrap.config().channelFactory()?.toString().orEmpty()
        check(NATIVE.none { it in channels }) { nativeTransport(channels) }
        next.afterBootstrapInitialized(bootstrap)
    }

    override fun afterChannelInitialized(channel: Channel) {
        if (consolidatesFlushes) channel.pipeline().addFirst(flushConsolidation())
        next.afterChannelInitialized(channel)
    }

    /** Between two reads, too: the answers of a read are given to their tasks in the next turn, and these then send. */
    private fun flushConsolidation() = FlushConsolidationHandler(FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES, true)

    private companion object {
        /** The transports that Lettuce prefers where it finds them, as they appear in the names of their channels. */
        val NATIVE = listOf("Epoll", "IOUring", "IoUring", "KQueue")
    }
}
