// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.AsyncContextManager
import dev.simul.Waiter
import dev.simul.Waiters
import dev.simul.loop.EventLoop
import dev.simul.loop.Timer
import dev.simul.loop.plusSaturated
import kotlin.time.Duration

/**
 * Lets at most [limit] tasks enter within any period of length [per], wherever it begins: a sliding window.
 *
 * The first [limit] tasks enter at once; each later one waits until [per] has passed since the entry [limit] places before its own. So two
 * windows can never be used up back to back, as with a token bucket or with fixed windows, which let twice the limit through at once; "100
 * requests in a minute" holds for every minute, wherever it begins. An entry counts from the time when its task continues, on the loop's
 * clock.
 *
 * Tasks enter in the order in which they asked. It limits when tasks begin, not how many run at once: combine it with a [Semaphore] for
 * that. There is nothing to release.
 *
 * It belongs to the loop on which it was first used, and goes by that loop's clock. It keeps the times of [limit] entries, eight bytes
 * each.
 *
 * asyncio has no equivalent.
 *
 * @property limit how many entries a window has.
 * @property per how long a window is.
 * @param name shown by reports of the tasks that wait for it.
 * @throws IllegalArgumentException if [limit] or [per] is not positive.
 */
public class RateLimiter(
    public val limit: Int,
    public val per: Duration,
    name: String? = null,
) : AsyncContextManager<Unit> {
    init {
        require(limit > 0) { "a window needs at least one entry, not $limit" }
        require(per > Duration.ZERO) { "a window must have some length, not $per" }
    }

    private val waiters = Waiters<Unit>(this, "RateLimiter.acquire", onWake = ::endWait, name = name)

    /** The name that reports of waiting tasks show. asyncio has no equivalent. */
    public val name: String? get() = waiters.name

    /** When the window's places become free, the earliest first from [next] on. */
    private val free = LongArray(limit) { Long.MIN_VALUE }
    private var next = 0

    /** How many tasks were woken, for the places from [next] on, and have not entered yet. */
    private var woken = 0
    private var timer: Timer? = null

    /**
     * Whether [acquire] would wait: the window is used up, or other tasks already wait.
     *
     * @throws IllegalStateException on another loop than the limiter's, or outside a loop.
     */
    public fun locked(): Boolean = waiters.anyActive() || !isFree(waiters.bind())

    /**
     * Enters; waits until it is this task's turn and the window has room. Without a wait, the turn is not given up.
     *
     * A task that is cancelled while it waits does not enter, and its place goes to the next task.
     *
     * @throws IllegalStateException on another loop than the limiter's.
     */
    public suspend fun acquire() {
        val loop = waiters.bind()
        if (!waiters.anyActive() && isFree(loop)) return enter(loop)
        val waiter = waiters.add()
        wakeWhoMayEnter(loop)
        waiter.wait()
    }

    private fun isFree(loop: EventLoop) = free[next] <= loop.nanoTime()

    private fun enter(loop: EventLoop) {
        free[next] = loop.nanoTime().plusSaturated(per)
        next = (next + 1) % limit
    }

    private fun endWait(
        waiter: Waiter<Unit>,
        failure: Throwable?,
    ) {
        val wasWoken = waiter.done() && !waiter.cancelled()
        if (wasWoken) woken--
        val loop = waiter.loop
        if (failure == null) enter(loop)
        if (!loop.isClosed) wakeWhoMayEnter(loop)
        if (failure != null) throw failure
    }

    /** Wakes as many tasks as there is room for, and schedules the waking of the next one. */
    private fun wakeWhoMayEnter(loop: EventLoop) {
        while (woken < limit) {
            val first = waiters.firstPending() ?: break
            val due = free[(next + woken) % limit]
            if (due > loop.nanoTime()) return wakeAt(due, loop)
            woken++
            first.wake()
        }
        stopTimer()
    }

    private fun wakeAt(
        due: Long,
        loop: EventLoop,
    ) {
        if (timer?.deadlineNanos == due) return
        stopTimer()
        timer = Wakeup(loop, due).also(loop::add)
    }

    private fun stopTimer() {
        timer?.cancel()
        timer = null
    }

    private inner class Wakeup(
        private val loop: EventLoop,
        deadlineNanos: Long,
    ) : Timer(loop, deadlineNanos) {
        override fun fire() {
            timer = null
            wakeWhoMayEnter(loop)
        }

        override fun cutShort(error: Throwable): Boolean {
            fire()
            return true
        }
    }

    /** Runs [block] after [acquire]; the block may take any time. */
    public suspend inline fun <R> use(block: () -> R): R {
        acquire()
        return block()
    }

    /** Enters, as [acquire] does. */
    override suspend fun aenter(): Unit = acquire()

    /** Does nothing; suppresses nothing. */
    override suspend fun aexit(exception: Throwable?): Boolean = false

    override fun toString(): String = "<RateLimiter ${name.before()}[$limit per $per${waiters.describeCount()}]>"
}
