// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.TimerHandle
import dev.simul.loop.getRunningLoop
import kotlin.time.Duration

/** When [wait] returns. */
public enum class ReturnWhen {
    /** When all futures are done. Source: `asyncio.ALL_COMPLETED`. */
    ALL_COMPLETED,

    /** When one is done. Source: `asyncio.FIRST_COMPLETED`. */
    FIRST_COMPLETED,

    /** When one has failed, or all are done; a cancellation is not a failure. Source: `asyncio.FIRST_EXCEPTION`. */
    FIRST_EXCEPTION,
}

/**
 * The result of [wait]; each set is in the order of the arguments.
 *
 * @property done the futures that are done.
 * @property pending the futures that are not.
 */
public data class WaitResult<out T>(
    public val done: Set<Future<out T>>,
    public val pending: Set<Future<out T>>,
)

/**
 * Waits until the futures are done, or until [timeout] expires, which is not an error; always gives up the turn.
 *
 * Cancelling the waiting task does not cancel the futures.
 *
 * Source: `asyncio.wait(fs, *, timeout=None, return_when=ALL_COMPLETED)`.
 *
 * @throws IllegalArgumentException if there are no futures.
 */
public suspend fun <T> wait(
    futures: Iterable<Future<out T>>,
    timeout: Duration? = null,
    returnWhen: ReturnWhen = ReturnWhen.ALL_COMPLETED,
): WaitResult<T> {
    val awaited = futures.toCollection(LinkedHashSet<Future<out T>>())
    require(awaited.isNotEmpty()) { "Set of Tasks/Futures is empty: give wait at least one" }
    val loop = getRunningLoop()
    val waiter = WaitWaiter(awaited, returnWhen, loop)
    val timer = timeout?.let { loop.callLater(it) { waiter.release() } }
    waiter.timer = timer
    for (future in awaited) future.addDoneCallback(callback = waiter)
    try {
        waiter.await()
    } finally {
        timer?.cancel()
        for (future in awaited) future.removeDoneCallback(waiter)
    }
    val (done, pending) = awaited.partition { it.done() }
    return WaitResult(done.toSet(), pending.toSet())
}

private fun ReturnWhen.isReachedBy(future: Future<*>): Boolean =
    when (this) {
        ReturnWhen.ALL_COMPLETED -> false
        ReturnWhen.FIRST_COMPLETED -> true
        ReturnWhen.FIRST_EXCEPTION -> !future.cancelled() && future.exception() != null
    }

private class WaitWaiter(
    private val awaited: Set<Future<*>>,
    private val returnWhen: ReturnWhen,
    loop: EventLoop,
) : Future<Unit>(loop),
    (Future<*>) -> Unit,
    Awaiting {
    var timer: TimerHandle? = null
    private var left = awaited.size

    /** One of them is done. */
    override fun invoke(future: Future<*>) {
        left--
        if (left > 0 && !returnWhen.isReachedBy(future)) return
        timer?.cancel()
        release()
    }

    fun release() {
        if (!done()) complete(Unit)
    }

    override fun onBehalfOf(): List<Future<*>> = awaiters()

    override val waitKind: String get() = "wait"

    override fun describeWait(): String = "wait for ${describePending(awaited)}"
}
