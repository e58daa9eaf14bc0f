// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.loop.addCloseCallback
import dev.simul.netty.LoopAddressResolverGroup
import io.lettuce.core.resource.DefaultClientResources
import io.lettuce.core.resource.NettyCustomizer
import io.netty.util.concurrent.EventExecutorGroup
import io.netty.util.concurrent.Future
import java.util.concurrent.TimeUnit

/** Resources that have no thread, and end with the loop. */
internal class LoopClientResources(
    builder: DefaultClientResources.Builder,
    private val timer: LoopTimeouts,
    consolidateFlushes: Boolean,
    private val whenEnded: (LoopClientResources) -> Unit,
) : DefaultClientResources(builder) {
    val eventLoop = timer.eventLoop
    private val customizer = LoopCustomizer(consolidateFlushes, super.nettyCustomizer())
    private val closing = eventLoop.loop.addCloseCallback { end(0, 0, TimeUnit.SECONDS) }

    @Volatile
    private var hasEnded = false

    val loop get() = eventLoop.loop

    /** Neither these nor the group under them were shut down. */
    val isUsable: Boolean get() = !hasEnded && !eventLoop.isShuttingDown

    /** Every way to connect asks for it first, in the caller's thread. */
    override fun eventExecutorGroup(): EventExecutorGroup {
        BlockingConnects.refuse(loop)
        return super.eventExecutorGroup()
    }

    /** Each connection asks for it. */
    override fun nettyCustomizer(): NettyCustomizer {
        check(!hasEnded) { "$this were shut down: make a client with others" }
        return customizer
    }

    /** Lettuce's own copies all but the provider, and so would start threads. */
    override fun mutate(): DefaultClientResources.Builder = super.mutate().eventLoopGroupProvider(eventLoopGroupProvider())

    /** The future is the loop's own, since listeners of Lettuce's would start a thread. */
    override fun shutdown(
        quietPeriod: Long,
        timeout: Long,
        timeUnit: TimeUnit,
    ): Future<Boolean> {
        end(quietPeriod, timeout, timeUnit)
        eventLoop.runInLoop { closing.cancel() }
        return eventLoop.newSucceededFuture(true)
    }

    private fun end(
        quietPeriod: Long,
        timeout: Long,
        timeUnit: TimeUnit,
    ) {
        hasEnded = true
        timer.stop()
        super.shutdown(quietPeriod, timeout, timeUnit)
        whenEnded(this)
    }

    override fun toString(): String = "<Lettuce's resources on $loop>"

    companion object {
        /** A builder for everything that would have threads otherwise. */
        fun builder(timer: LoopTimeouts): DefaultClientResources.Builder =
            DefaultClientResources
                .builder()
                .eventLoopGroupProvider(LoopGroupProvider(timer.eventLoop))
                .eventExecutorGroup(timer.eventLoop)
                .addressResolverGroup(LoopAddressResolverGroup)
                .timer(timer)
    }
}
