// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import io.netty.util.concurrent.BlockingOperationException
import io.netty.util.concurrent.DefaultPromise

/**
 * The refusal of calls that would block the loop's thread. Netty refuses them by itself, since a promise asks its event loop whether the
 * caller is in it, but its message names the promise alone.
 */
internal object BlockingCalls {
    private val walker = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)

    fun refused(promise: Any) =
        BlockingOperationException(
            "$promise: sync(), get() and Netty's own await() would block the loop; call await(future) of dev.simul.netty in a coroutine, " +
                "or Asyncio.await(future) in Java",
        )

    /**
     * If a promise asks whether it may block, throws what Netty would, with a message that tells what to do instead. Looking at the stack
     * takes a microsecond: this is for debug mode.
     */
    fun explain() {
        val isAsked =
            walker.walk { frames ->
                frames
                    .limit(
                        DEPTH,
                    ).anyMatch { it.methodName == "checkDeadLock" && DefaultPromise::class.java.isAssignableFrom(it.declaringClass) }
            }
        if (isAsked) throw refused("a future of Netty's")
    }

    private const val DEPTH = 6L
}
