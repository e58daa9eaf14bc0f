// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.Waiters
import dev.simul.exceptions.isCancellation
import dev.simul.ownStep
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import kotlin.coroutines.coroutineContext

/**
 * Lets tasks wait, in a section that a lock guards, until another task says that something has changed there.
 *
 * It belongs to the loop on which a task first waited for it.
 *
 * Source: `asyncio.Condition`.
 */
public class Condition internal constructor(
    private val lock: Lock,
    owner: Any?,
    operation: String,
) : Acquirable() {
    private val waiters = Waiters<Unit>(owner ?: this, operation)

    /** A condition that guards its section with [lock]; conditions may share one. Source: `asyncio.Condition(lock)`. */
    public constructor(lock: Lock) : this(lock, null, "Condition.wait")

    /** A condition with a lock of its own. Source: `asyncio.Condition()`. */
    public constructor() : this(Lock())

    /** Whether somebody holds the lock. Source: `Condition.locked()`. */
    public fun locked(): Boolean = lock.locked()

    /** Takes the lock, as [Lock.acquire] does. Source: `Condition.acquire()`. */
    override suspend fun acquire(): Boolean = lock.acquire()

    /** Frees the lock, as [Lock.release] does. Source: `Condition.release()`. */
    override fun release(): Unit = lock.release()

    /**
     * Frees the lock, waits until this task is notified, and takes the lock again.
     *
     * A task may be woken without reason, so check what you wait for when this returns; [waitFor] does.
     *
     * A cancelled task holds the lock when this throws: it takes it first, even if it is cancelled again while it
     * waits for it, and passes on the notification that it may have had.
     *
     * Source: `Condition.wait()`.
     *
     * @return true, always.
     * @throws IllegalStateException if nobody holds the lock, or on another loop than the condition's.
     */
    public suspend fun wait(): Boolean {
        check(locked()) { "cannot wait on un-acquired lock: acquire $this first" }
        val waiter = waiters.add()
        release()
        try {
            try {
                waiter.wait()
            } finally {
                acquireAgain()
            }
        } catch (e: Throwable) {
            wake(1)
            throw e
        }
        return true
    }

    /** Takes the lock through all cancellations; the last one is thrown when it has it. */
    private suspend fun acquireAgain() {
        // A coroutine that is no task stays cancelled: trying again would never end.
        if (coroutineContext.ownStep == null) return withContext(NonCancellable) { lock.acquire() }.let {}
        var cancellation: Throwable? = null
        while (true) {
            try {
                lock.acquire()
                break
            } catch (e: Throwable) {
                if (!e.isCancellation) throw e
                cancellation = e
            }
        }
        if (cancellation != null) throw cancellation
    }

    /**
     * Waits until [predicate] is true, asking it now and whenever this task was woken, with the lock held.
     *
     * Cancelling the task is as in [wait].
     *
     * Source: `Condition.wait_for(predicate)`.
     *
     * @return true, always.
     * @throws IllegalStateException if nobody holds the lock and the predicate is false.
     */
    public suspend fun waitFor(predicate: () -> Boolean): Boolean {
        while (!predicate()) wait()
        return true
    }

    /**
     * Wakes the first [n] tasks that wait; they go on when they get the lock, which this does not release.
     *
     * Source: `Condition.notify(n=1)`.
     *
     * @throws IllegalStateException if nobody holds the lock.
     */
    public fun notify(n: Int = 1) {
        check(locked()) { "cannot notify on un-acquired lock: acquire $this first" }
        wake(n)
    }

    /**
     * Wakes all tasks that wait, as [notify] does. Java calls it `notifyAllWaiters`, since [Object.notifyAll] is final.
     *
     * Source: `Condition.notify_all()`.
     *
     * @throws IllegalStateException if nobody holds the lock.
     */
    @JvmName("notifyAllWaiters")
    public fun notifyAll(): Unit = notify(waiters.size)

    private fun wake(n: Int) {
        var left = n
        waiters.forEach {
            if (left <= 0) return
            if (!it.done()) {
                left--
                it.wake()
            }
        }
    }

    override fun toString(): String = "<Condition [${if (locked()) "locked" else "unlocked"}${waiters.describeCount()}]>"
}
