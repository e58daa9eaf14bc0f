// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.netty.flushConsolidation
import io.lettuce.core.resource.NettyCustomizer
import io.netty.bootstrap.Bootstrap
import io.netty.channel.Channel

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
        if (consolidatesFlushes) channel.pipeline().addFirst(flushConsolidation(MOST_FLUSHES_HELD_BACK))
        next.afterChannelInitialized(channel)
    }

    private companion object {
        /** Fewer than Netty holds back, so that Redis answers some commands while the tasks write others, rather than each waiting in turn. */
        const val MOST_FLUSHES_HELD_BACK = 32

        /** The transports that Lettuce prefers where it finds them, as they appear in the names of their channels. */
        val NATIVE = listOf("Epoll", "IOUring", "IoUring", "KQueue")
    }
}
