// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.Waiters

/**
 * Lets one task at a time into a section of code.
 *
 * It belongs to nobody: any task may release it, and the task that holds it waits for itself if it acquires it again.
 * Tasks get it in the order they asked. A release wakes the first of them and does not hand over: until that task runs the
 * lock is not [locked], yet whoever comes meanwhile queues up behind it.
 *
 * It belongs to the loop on which a task first had to wait for it.
 *
 * Source: `asyncio.Lock()`.
 */
public class Lock : Acquirable() {
    private val waiters = Waiters<Boolean>(this, "Lock.acquire") { _, failure -> endWait(failure) }
    private var locked = false

    /** Whether somebody holds it. Source: `Lock.locked()`. */
    public fun locked(): Boolean = locked

    /**
     * Takes the lock, waiting until it is free and it is this task's turn; without a wait the turn is not given up.
     *
     * A task that is cancelled while it waits does not get the lock; if it was already woken, the next one is.
     *
     * Source: `Lock.acquire()`.
     *
     * @return true, always.
     * @throws IllegalStateException if it has to wait on another loop than the lock's.
     */
    override suspend fun acquire(): Boolean {
        if (locked || waiters.anyActive()) return waiters.wait()
        locked = true
        return true
    }

    private fun endWait(failure: Throwable?): Boolean {
        if (failure != null) {
            if (!locked) wakeFirst()
            throw failure
        }
        locked = true
        return true
    }

    /**
     * Frees the lock, and wakes the task that asked first.
     *
     * Source: `Lock.release()`.
     *
     * @throws IllegalStateException if nobody holds it.
     */
    override fun release() {
        check(locked) { "Lock is not acquired: release $this only after acquire()" }
        locked = false
        wakeFirst()
    }

    private fun wakeFirst() {
        // One that is done already will run: nobody else may be woken before it has.
        val first = waiters.first ?: return
        if (!first.done()) first.wake()
    }

    override fun toString(): String = "<Lock [${if (locked) "locked" else "unlocked"}${waiters.describeCount()}]>"
}

/** How many wait, as the end of a primitive's text; nothing if nobody does. */
internal fun Waiters<*>.describeCount(): String = if (isEmpty()) "" else ", waiters:$size"
