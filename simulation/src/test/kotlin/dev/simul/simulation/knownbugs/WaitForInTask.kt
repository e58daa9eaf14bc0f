// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.knownbugs

import dev.simul.Task
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.wait
import kotlinx.coroutines.CancellationException
import kotlin.time.Duration

/**
 * A `waitFor` with a task of its own for [block], and a future that tells of its end or of the timeout.
 *
 * If [block] has ended, but the caller has not run since, and is cancelled in between, it returns the result, and the cancellation is gone.
 *
 * Source: `asyncio.wait_for` of Python 3.8 to 3.11; python/cpython#86296.
 */
internal suspend fun <T> waitForInTask(
    limit: Duration,
    block: suspend () -> T,
): T {
    val task = createTask(coroutine = block)
    val over = getRunningLoop().createFuture<Unit>()

    fun tell() {
        if (!over.done()) over.setResult(Unit)
    }
    val timer = getRunningLoop().callLater(limit) { tell() }
    task.addDoneCallback { tell() }
    try {
        over.await()
    } catch (e: CancellationException) {
        if (task.done()) return task.result() // The mistake.
        end(task)
        throw e
    } finally {
        timer.cancel()
    }
    if (!task.done()) {
        end(task)
        throw TimeoutException("not done within $limit")
    }
    return task.result()
}

private suspend fun end(task: Task<*>) {
    task.cancel()
    wait(listOf(task))
}
