// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import kotlin.time.Duration

/**
 * Awaits [awaitable] in the calling task, but no longer than [timeout]; null means no limit.
 *
 * If the timeout expires, the awaitable is cancelled and its end awaited, so that this may take longer; if it refuses the cancellation and
 * has a result, that is returned. A timeout that is not positive starts nothing: only a future that is already done gives its result.
 *
 * Cancelling the task cancels the awaitable.
 *
 * Source: `asyncio.wait_for(aw, timeout)`.
 *
 * @throws TimeoutException if the timeout has expired.
 */
public suspend fun <T> waitFor(
    awaitable: Awaitable<T>,
    timeout: Duration?,
): T {
    if (timeout == null || timeout > Duration.ZERO) return timeout(timeout) { awaitable.await() }
    val future = ensureFuture(awaitable)
    if (future.done()) return future.result()
    cancelAndWait(future)
    try {
        return future.result()
    } catch (e: CancelledException) {
        throw TimeoutException("wait_for timed out at once: its timeout is $timeout").also { it.initCause(e) }
    }
}

/** Runs [block] in the calling task, but no longer than [timeout]; see the other [waitFor]. */
public suspend fun <T> waitFor(
    timeout: Duration?,
    block: suspend () -> T,
): T = waitFor(Coroutine(block), timeout)

/** Cancels [future] and waits for its end. It is not awaited directly, since cancelling this wait would then be lost. */
private suspend fun cancelAndWait(future: Future<*>) {
    val waiter = SingleWaiter(getRunningLoop(), "waitFor", future)
    future.addDoneCallback(callback = waiter)
    try {
        TaskRegistry[future.loop].asking(Asker.TIMEOUT) { future.cancel() }
        waiter.await()
    } finally {
        future.removeDoneCallback(waiter)
    }
}
