// SPDX-License-Identifier: Apache-2.0
package dev.simul.channels

import dev.simul.OutsideWork
import dev.simul.Waiter
import dev.simul.Waiters
import dev.simul.loop.EventLoop
import dev.simul.loop.News
import dev.simul.loop.simulation
import dev.simul.loop.surely
import java.util.concurrent.atomic.AtomicReference

/** How an end of a channel came to its end. */
internal class Ending(
    val how: String,
    val cause: Throwable?,
)

/**
 * The tasks that wait at one end of a channel, in the order of their arrival, and how the other loop wakes them.
 *
 * While tasks wait, a message to their loop lies ready. The other loop takes it and sends it off: so one wake-up is under way at a time, and
 * sending it allocates nothing. A task first lays the message out, then looks once more whether it need wait, and only then waits.
 *
 * @param owner the end; its text is shown in reports of what a task waits for.
 * @param possible how many tasks could go on now; all of them if the wait is over for good.
 * @param onWake handles the end of a wait in the task's own step: as [Waiters.onWake].
 */
internal class ChannelSide<R>(
    val loop: EventLoop,
    private val otherLoop: EventLoop,
    private val owner: Any,
    operation: String,
    name: String?,
    private val possible: () -> Int,
    onWake: (Waiter<R>, Throwable?) -> Any?,
) {
    private val waiters =
        Waiters<R>(owner, operation, name = name) { waiter, failure ->
            try {
                onWake(waiter, failure)
            } finally {
                countAsOutside()
            }
        }
    private val message = AtomicReference<WakeUp?>()

    /** Null as long as this end is open. */
    @Volatile
    var ending: Ending? = null
        private set

    private var isCounted = false

    /** Whether the other loop should call [wake]. */
    val awaitsWake: Boolean get() = message.get() != null

    /** Wakes tasks if some wait. Called by the other loop after it has made something possible. */
    fun wake() {
        val news = message.getAndSet(null) ?: return
        surely { news.tell() }
    }

    /** From now on the other loop sends a message when it makes something possible. */
    fun expectWake() {
        if (message.get() == null) message.set(WakeUp())
    }

    /** Waits; the caller has called [expectWake], and has looked after that. */
    suspend fun wait(item: Any? = null): R {
        val waiter = waiters.add(item)
        countAsOutside()
        return waiter.wait()
    }

    /** As [wait], for a task that was woken in vain. */
    fun waitAgain(waiter: Waiter<R>): Any = waiters.waitAgain(waiter)

    /** The task of [waiter] gives up; if it was woken and [isPossible], the next one is woken. */
    fun withdraw(
        waiter: Waiter<R>,
        isPossible: Boolean,
    ) {
        waiter.cancel()
        if (isPossible && !waiter.cancelled()) waiters.takeAndWakeFirst()
    }

    /** Ends this end, unless it has ended; returns whether it does. Called by its loop, or while that is closing. */
    fun end(ending: Ending): Boolean {
        if (this.ending != null) return false
        this.ending = ending
        if (!loop.isClosed) wakeAll()
        return true
    }

    /** @throws IllegalStateException unless the caller is in this end's loop. */
    fun checkLoop() = check(loop.isInLoop) { "$owner belongs to another loop than this: use it in a task or a callback of $loop" }

    private fun wakeAll() {
        while (!waiters.isEmpty()) waiters.takeAndWakeFirst()
        countAsOutside()
    }

    private fun wakePossible() {
        do {
            val count = possible()
            repeat(minOf(count, waiters.size)) { waiters.takeAndWakeFirst() }
            if (waiters.isEmpty()) break
            expectWake()
        } while (possible() > count)
        countAsOutside()
    }

    /** A loop on virtual time must wait for the other loop, as it waits for threads. */
    private fun countAsOutside() {
        if (loop.goesByMachineTime || otherLoop === loop) return
        val waits = !waiters.isEmpty()
        if (waits == isCounted || loop.simulation != null) return
        isCounted = waits
        if (waits) OutsideWork[loop].begin() else OutsideWork[loop].end()
    }

    private inner class WakeUp : News(loop) {
        override fun hear() = wakePossible()
    }
}
