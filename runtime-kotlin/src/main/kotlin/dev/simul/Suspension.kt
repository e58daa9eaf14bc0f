// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import kotlin.coroutines.coroutineContext
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn

/**
 * A future that one coroutine waits for, and what that coroutine does with the end of its wait.
 *
 * It says so in [onWake] instead of in a frame around an `await`: a frame is an object more for each wait, which the coroutine is
 * resumed through, and an exception thrown through.
 */
internal abstract class Suspension<T>(
    loop: EventLoop,
) : Future<Unit>(loop) {
    /**
     * Ends the wait, in a step of the coroutine that waits, after this was completed; the wait has failed if there is a [failure].
     *
     * Returns what the wait comes to, or [COROUTINE_SUSPENDED] after a [renew]; throws what it fails with.
     */
    abstract fun onWake(failure: Throwable?): Any?

    /** Waits until this is done, and then for what [onWake] says. */
    suspend fun wait(): T {
        val step = coroutineContext.ownStep
        return if (step == null) waitOutsideTask() else suspendCoroutineUninterceptedOrReturn { step.awaitFuture(this, it) }
    }

    @Suppress("UNCHECKED_CAST")
    private suspend fun waitOutsideTask(): T {
        while (true) {
            val failure =
                try {
                    awaitOutsideTask()
                    null
                } catch (e: Throwable) {
                    e
                }
            val result = onWake(failure)
            if (result !== COROUTINE_SUSPENDED) return result as T
        }
    }
}
