// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.Waiters
import dev.simul.exceptions.isCancellation
import dev.simul.ownStep
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import kotlin.coroutines.coroutineContext

/**
 * Lets tasks wait, in a section guarded by a lock, until another task notifies them of a change.
 *
 * It belongs to the loop on which a task first waited for it.
 *
 * Source: `asyncio.Condition`.
 */
public class Condition internal constructor(
    private val lock: Lock,
    owner: Any?,
    operation: String,
    name: String?,
) : Acquirable() {
    private val waiters = Waiters<Unit>(owner ?: this, operation, name = name)

    /**
     * A condition guarded by [lock]; several conditions may share one. Source: `asyncio.Condition(lock)`.
     *
     * @param name shown by reports of the tasks that wait for it.
     */
    @JvmOverloads
    public constructor(lock: Lock, name: String? = null) : this(lock, null, "Condition.wait", name)

    /** A condition with a lock of its own. Source: `asyncio.Condition()`. */
    public constructor() : this(Lock())

    /** The name that reports of waiting tasks show. asyncio has no equivalent. */
    public val name: String? get() = waiters.name

    /** Whether the lock is held. Source: `Condition.locked()`. */
    public fun locked(): Boolean = lock.locked()

    /** Acquires the lock, as [Lock.acquire] does. Source: `Condition.acquire()`. */
    override suspend fun acquire(): Boolean = lock.acquire()

    /** Releases the lock, as [Lock.release] does. Source: `Condition.release()`. */
    override fun release(): Unit = lock.release()

    /**
     * Releases the lock, waits until this task is notified, and acquires the lock again.
     *
     * A task may be woken without a reason, so check the state that you wait for when this returns; [waitFor] does.
     *
     * A cancelled task also acquires the lock before this throws, even if it is cancelled again while it waits for the lock; a notification
     * that it received goes to the next waiter.
     *
     * Source: `Condition.wait()`.
     *
     * @return true, always.
     * @throws IllegalStateException if the lock is not held, or on another loop than the condition's.
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

    /** Acquires the lock in spite of cancellations; then throws the last one. */
    private suspend fun acquireAgain() {
        // A coroutine that is not a task stays cancelled: trying again would never end.
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
     * Waits until [predicate] is true: calls it now, and each time this task is woken, with the lock held.
     *
     * Cancelling the task works as in [wait].
     *
     * Source: `Condition.wait_for(predicate)`.
     *
     * @return true, always.
     * @throws IllegalStateException if the lock is not held and the predicate is false.
     */
    public suspend fun waitFor(predicate: () -> Boolean): Boolean {
        while (!predicate()) wait()
        return true
    }

    /**
     * Wakes the first [n] waiting tasks; they continue when they get the lock, which this does not release.
     *
     * Source: `Condition.notify(n=1)`.
     *
     * @throws IllegalStateException if the lock is not held.
     */
    public fun notify(n: Int = 1) {
        check(locked()) { "cannot notify on un-acquired lock: acquire $this first" }
        wake(n)
    }

    /**
     * Wakes all waiting tasks, as [notify] does. Java calls it `notifyAllWaiters`, since [Object.notifyAll] is final.
     *
     * Source: `Condition.notify_all()`.
     *
     * @throws IllegalStateException if the lock is not held.
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

    override fun toString(): String = "<Condition ${name.before()}[${if (locked()) "locked" else "unlocked"}${waiters.describeCount()}]>"
}
