// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.TimeoutException
import dev.simul.loop.EventLoop
import dev.simul.loop.TimerHandle
import dev.simul.loop.getEventLoop
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlin.time.Duration

/**
 * Runs awaitables concurrently, and gives them in the order in which they are done.
 *
 * @param timeout how long all of them may take together; null means no limit. Those not done by then keep running.
 *
 * Source: `asyncio.as_completed(aws, *, timeout=None)`.
 */
public fun <T> asCompleted(
    awaitables: Iterable<Awaitable<T>>,
    timeout: Duration? = null,
): AsCompleted<T> = AsCompleted(awaitables.toSet(), timeout)

/**
 * The result of [asCompleted].
 *
 * As an iterator it gives coroutines; each one, awaited, returns the result of the next awaitable that is done, or throws its failure. As a
 * flow it emits the futures themselves, when they are done. Iterating again continues where the last iteration stopped.
 *
 * When the timeout has passed, every remaining coroutine, or the flow, throws [TimeoutException].
 */
public class AsCompleted<T> internal constructor(
    awaitables: Set<Awaitable<T>>,
    timeout: Duration?,
) : Iterator<Coroutine<T>>,
    Flow<Future<T>> {
    private val loop: EventLoop = getEventLoop()
    private val running: MutableSet<Future<T>> = awaitables.mapTo(LinkedHashSet()) { ensureFuture(it, loop) }
    private val completed = ArrayDeque<Future<T>?>()
    private val waiters = Waiters<Unit>(this, "the next completion")
    private var left = running.size
    private var missed = 0
    private val onCompletion = OnCompletion()
    private val timer: TimerHandle?

    init {
        for (future in running) future.addDoneCallback(callback = onCompletion)
        timer = if (timeout == null || running.isEmpty()) null else loop.callLater(timeout) { handleTimeout() }
    }

    override fun hasNext(): Boolean = left > 0

    /** A coroutine that waits for the next one. @throws NoSuchElementException if there are no more. */
    override fun next(): Coroutine<T> {
        takeTurn()
        return coroutine { takeNext().result() }
    }

    /** As [next], but the coroutine's result is the future itself. @throws NoSuchElementException if there are no more. */
    public fun nextFuture(): Coroutine<Future<T>> {
        takeTurn()
        return coroutine { takeNext() }
    }

    private fun takeTurn() {
        if (left == 0) throw NoSuchElementException("all awaitables of asCompleted were handed out: ask hasNext() first")
        left--
    }

    /** Emits each future when it is done. Cancelling the collecting task cancels none of them. */
    override suspend fun collect(collector: FlowCollector<Future<T>>) {
        while (left > 0) {
            left--
            collector.emit(takeNext())
        }
    }

    private suspend fun takeNext(): Future<T> {
        while (completed.isEmpty()) {
            val waiter = waiters.add()
            try {
                waiter.wait()
            } catch (e: Throwable) {
                if (completed.isNotEmpty() && !waiter.cancelled()) waiters.firstPending()?.wake()
                throw e
            }
        }
        return completed.removeFirst() ?: throw TimeoutException("asCompleted timed out with $missed awaitables not done")
    }

    private inner class OnCompletion :
        (Future<T>) -> Unit,
        Awaiting {
        override fun invoke(future: Future<T>) = handleCompletion(future)

        override fun onBehalfOf(): List<Future<*>> = ArrayList<Future<*>>().also { all -> waiters.forEach { all += it.awaiters() } }
    }

    private fun handleCompletion(future: Future<T>) {
        if (!running.remove(future)) return // the timeout came first
        put(future)
        if (running.isEmpty()) timer?.cancel()
    }

    private fun handleTimeout() {
        missed = running.size
        for (future in running) {
            future.removeDoneCallback(onCompletion)
            put(null)
        }
        running.clear()
    }

    private fun put(future: Future<T>?) {
        completed.addLast(future)
        waiters.firstPending()?.wake()
    }

    override fun toString(): String = "asCompleted of ${running.size} running"
}
