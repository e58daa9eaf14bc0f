// SPDX-License-Identifier: Apache-2.0
package dev.simul.staggered

import dev.simul.Asker
import dev.simul.Awaiting
import dev.simul.Future
import dev.simul.SingleWaiter
import dev.simul.Task
import dev.simul.TaskRegistry
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.loop.isFatal
import dev.simul.ownStep
import dev.simul.run
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import kotlin.coroutines.coroutineContext
import kotlin.time.Duration

/**
 * Runs [attempts] concurrently, until one of them succeeds; the others are then cancelled and waited for.
 *
 * The first attempt begins at once; each other one begins when [delay] has passed since the previous one began, or when that one has
 * failed. Each is a task. Cancelling the calling task cancels them all, waits for them, and throws.
 *
 * Source: `asyncio.staggered.staggered_race(coro_fns, delay)`.
 *
 * @param delay null to begin an attempt only when the last one has failed.
 * @param discard called with the unused result of an attempt: it succeeded although it was cancelled, or the calling task was cancelled at
 *   the same time.
 */
public suspend fun <T> staggeredRace(
    attempts: Iterable<suspend () -> T>,
    delay: Duration?,
    discard: (T) -> Unit = {},
): StaggeredResult<T> = StaggeredRace(getRunningLoop(), attempts.iterator(), delay, discard).run()

private class StaggeredRace<T>(
    private val loop: EventLoop,
    private val attempts: Iterator<suspend () -> T>,
    private val delay: Duration?,
    private val discard: (T) -> Unit,
) {
    private val racer = currentTask(loop)
    private val exceptions = ArrayList<Throwable?>()
    private val running = LinkedHashSet<Task<Unit>>()
    private var winner: Int? = null
    private var result: T? = null

    /** Woken when it may be time for the next attempt, or nothing is left to wait for. */
    private var news: SingleWaiter? = null

    suspend fun run(): StaggeredResult<T> {
        try {
            while (winner == null && attempts.hasNext()) {
                begin(attempts.next())
                awaitNews(if (attempts.hasNext()) delay else null)
            }
            while (winner == null && running.isNotEmpty()) awaitNews(null)
        } catch (e: CancellationException) {
            cancelAll()
            dropResult()
            throw e
        }
        cancelAll()?.let {
            dropResult()
            throw it
        }
        return StaggeredResult(result, winner, exceptions)
    }

    private fun begin(attempt: suspend () -> T) {
        val index = exceptions.size
        // The entry of an attempt that has not begun, which a cancellation may prevent.
        exceptions.add(CancelledException())
        val task = loop.createTask { make(index, attempt) }
        running.add(task)
        task.addDoneCallback(callback = AttemptDone(index))
    }

    private inner class AttemptDone(
        private val index: Int,
    ) : (Future<Unit>) -> Unit,
        Awaiting {
        override fun invoke(task: Future<Unit>) {
            running.remove(task)
            if (winner != null || index == exceptions.lastIndex || running.isEmpty()) tell()
        }

        override fun onBehalfOf(): List<Future<*>> = news?.awaiters().orEmpty()
    }

    private suspend fun make(
        index: Int,
        attempt: suspend () -> T,
    ) {
        val result =
            try {
                attempt()
            } catch (e: Throwable) {
                if (e.isFatal) throw e
                exceptions[index] = e
                return
            }
        exceptions[index] = null
        if (winner == null) win(index, result) else discard(result)
    }

    private fun win(
        index: Int,
        result: T,
    ) {
        winner = index
        this.result = result
        cancelRunning(except = currentTask())
    }

    private fun cancelRunning(except: Task<*>? = null) =
        TaskRegistry[loop].asking(Asker.RACE, racer) { for (task in running) if (task !== except) task.cancel() }

    private suspend fun awaitNews(delay: Duration?) {
        val news = SingleWaiter(loop, "staggeredRace", running.map { it.name }).also { news = it }
        val timer = delay?.let { loop.callLater(it, callback = ::tell) }
        try {
            news.await()
        } finally {
            timer?.cancel()
        }
    }

    private fun tell() {
        news?.wake()
    }

    /** Cancels the remaining attempts, and waits for them; returns the last cancellation that came meanwhile. */
    private suspend fun cancelAll(): CancellationException? {
        var cancellation: CancellationException? = null
        cancelRunning()
        while (running.isNotEmpty()) {
            try {
                awaitUnlessCancelledForGood(cancellation)
            } catch (e: CancellationException) {
                cancellation = e
                cancelRunning()
            }
        }
        return cancellation
    }

    /** A cancelled kotlinx scope around the race stays cancelled, and would never wait. */
    private suspend fun awaitUnlessCancelledForGood(cancellation: CancellationException?) {
        if (cancellation != null && coroutineContext.ownStep == null) {
            withContext(NonCancellable) { awaitNews(null) }
        } else {
            awaitNews(null)
        }
    }

    private fun dropResult() {
        if (winner == null) return
        winner = null
        @Suppress("UNCHECKED_CAST")
        discard(result as T)
    }
}
