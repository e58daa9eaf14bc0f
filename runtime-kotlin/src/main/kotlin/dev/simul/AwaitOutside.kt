// SPDX-License-Identifier: Apache-2.0
package dev.simul

import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/**
 * Awaits this in a coroutine that is not a task: one of kotlinx's, a child of a task or not, in any thread.
 *
 * Cancelling the coroutine cancels this future, as cancelling a task would.
 */
internal suspend fun <T> Future<T>.awaitOutsideTask(): T {
    if ((loop.isInLoop || loop.isClosed) && done()) return result()
    return suspendCancellableCoroutine { continuation ->
        val callback = ResumeForeign(continuation)
        loop.runInLoop { addCallback(callback) }
        continuation.invokeOnCancellation {
            loop.runInLoop {
                removeCallbacks { it === callback }
                cancel()
            }
        }
    }
}

private class ResumeForeign<T>(
    private val continuation: CancellableContinuation<T>,
) : DoneCallback {
    /** A dispatcher may resume the coroutine right here: on behalf of the callback that completes the future, or of none if none runs. */
    override fun schedule(future: Future<*>) {
        val current = future.loop.current
        if (current.isActive) resume(future) else current.runDetached { resume(future) }
    }

    private fun resume(future: Future<*>) {
        val failure = future.failureOrNull()
        @Suppress("UNCHECKED_CAST")
        if (failure != null) continuation.resumeWithException(failure) else continuation.resume(future.storedResult() as T)
    }
}
