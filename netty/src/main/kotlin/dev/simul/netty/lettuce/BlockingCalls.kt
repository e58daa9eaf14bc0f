// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.loop.EventLoop
import io.netty.util.concurrent.BlockingOperationException
import java.util.concurrent.CompletableFuture

/** Throws if the calling thread runs [loop], before anything is sent. */
internal fun refuseBlocking(
    loop: EventLoop,
    method: String,
    instead: String,
) {
    if (loop.isInLoop) throw BlockingOperationException("$method would block the loop: call $instead, and await its future")
}

/** Waits for the end of something that has begun. In the loop's thread it must be done by now, as most things are that end there. */
internal fun CompletableFuture<*>.joinUnlessIn(
    loop: EventLoop,
    method: String,
    instead: String,
) {
    if (!isDone) refuseBlocking(loop, method, instead)
    join()
}

/**
 * The refusal of `connect()` and its siblings, which start what their asynchronous versions start and then block. The caller's stack tells
 * them apart; looking at it takes microseconds, and a connection takes hundreds.
 */
internal object BlockingConnects {
    private val walker = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE) // for descriptors

    /** What to call instead of what. */
    private val instead =
        mapOf(
            "connect" to "connectAsync",
            "connectPubSub" to "connectPubSubAsync",
            "connectSentinel" to "connectSentinelAsync",
            "getPartitions" to "refreshPartitionsAsync",
            "refreshPartitions" to "refreshPartitionsAsync",
        )

    fun refuse(loop: EventLoop) {
        if (!loop.isInLoop) return
        val method = walker.walk { frames -> frames.filter(::isBlocking).findFirst().orElse(null) }?.methodName ?: return
        refuseBlocking(loop, "$method()", instead.getValue(method))
    }

    /** Lettuce also has a `connect` for itself, which does not block. */
    private fun isBlocking(frame: StackWalker.StackFrame): Boolean =
        frame.methodName in instead && frame.className.startsWith("io.lettuce.core.") && !frame.descriptor.endsWith("/Mono;")
}
