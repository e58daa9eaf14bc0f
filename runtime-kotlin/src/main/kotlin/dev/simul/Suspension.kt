// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import kotlin.coroutines.coroutineContext
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn

/**
 * A future that one coroutine waits for, and the code that handles the end of the wait.
 *
 * The code is in [onWake] instead of in a frame around an `await`: a frame is one more object for each wait, and each resumption and
 * exception passes through it.
 */
internal abstract class Suspension<T>(
    loop: EventLoop,
) : Future<Unit>(loop) {
    /**
     * Ends the wait, in a [step] of the waiting task, or without one outside of tasks, after this was completed; if there is a [failure],
     * the wait has failed.
     *
     * Returns the wait's result, or [COROUTINE_SUSPENDED] after a [renew]; throws the wait's failure.
     */
    abstract fun onWake(
        step: TaskStep<*>?,
        failure: Throwable?,
    ): Any?

    /** Waits until this is done, and then for the result of [onWake]. */
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
            val result = onWake(null, failure)
            if (result !== COROUTINE_SUSPENDED) return result as T
        }
    }
}
