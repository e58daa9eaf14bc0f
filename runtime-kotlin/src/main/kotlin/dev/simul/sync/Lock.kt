// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.TaskStep
import dev.simul.Waiter
import dev.simul.Waiters
import dev.simul.nameOfTask
import dev.simul.ownStep
import kotlin.coroutines.coroutineContext

/**
 * Lets one task at a time into a section of code.
 *
 * It has no owner: any task may release it, and a task that acquires it again while holding it waits for itself. Tasks get it in the order
 * in which they asked. A release wakes the first of them but does not hand the lock over: until that task runs the lock is not [locked],
 * yet tasks that arrive meanwhile queue behind it.
 *
 * It belongs to the loop on which a task first had to wait for it.
 *
 * Source: `asyncio.Lock()`.
 *
 * @param name shown by reports of the tasks that wait for it.
 */
public class Lock
    @JvmOverloads
    constructor(
        name: String? = null,
    ) : Acquirable() {
        private val waiters =
            object : Waiters<Boolean>(this, "Lock.acquire", name = name) {
                override fun endWait(
                    waiter: Waiter<Boolean>,
                    step: TaskStep<*>?,
                    failure: Throwable?,
                ) = endWait(step, failure)

                override fun describeOwner() = super.describeOwner() + describeHolder()
            }

        /** The number of the task that has acquired the lock, or [FREE], or [UNNUMBERED]. The task may end first, and is not kept. */
        private var holder = FREE

        /** The name that was given to the last holder, if one was. */
        private var holderName: String? = null

        /** The name that reports of waiting tasks show. asyncio has no equivalent. */
        public val name: String? get() = waiters.name

        /** Whether the lock is held. Source: `Lock.locked()`. */
        public fun locked(): Boolean = holder != FREE

        /**
         * Acquires the lock; waits until it is free and it is this task's turn. Without a wait, the turn is not given up.
         *
         * A task that is cancelled while it waits does not get the lock; if it was already woken, the next task is woken.
         *
         * Source: `Lock.acquire()`.
         *
         * @return true, always.
         * @throws IllegalStateException if it has to wait on another loop than the lock's.
         */
        override suspend fun acquire(): Boolean {
            if (holder != FREE || waiters.anyActive()) return waiters.wait()
            heldBy(coroutineContext.ownStep)
            return true
        }

        private fun heldBy(step: TaskStep<*>?) {
            val task = step?.task
            val number = task?.number ?: 0
            holder = if (number == 0) UNNUMBERED else number
            val name = task?.givenName
            // A reference costs more to write than to read, and most holders have no name.
            if (holderName !== name) holderName = name
        }

        private fun endWait(
            step: TaskStep<*>?,
            failure: Throwable?,
        ): Boolean {
            if (failure != null) {
                if (holder == FREE) wakeFirst()
                throw failure
            }
            heldBy(step)
            return true
        }

        /**
         * Releases the lock, and wakes the task that asked first.
         *
         * Source: `Lock.release()`.
         *
         * @throws IllegalStateException if the lock is not held.
         */
        override fun release() {
            check(holder != FREE) { "Lock is not acquired: release $this only after acquire()" }
            holder = FREE
            wakeFirst()
        }

        private fun wakeFirst() {
            // A waiter that is done already will run: no other may be woken before it has.
            val first = waiters.first ?: return
            if (!first.done()) first.wake()
        }

        private fun describeHolder(): String {
            if (holder == FREE) return ""
            val name = holderName ?: if (holder == UNNUMBERED) return "" else nameOfTask(holder)
            return ", last acquired by $name"
        }

        override fun toString(): String = "<Lock ${name.before()}[${if (locked()) "locked" else "unlocked"}${waiters.describeCount()}]>"
    }

/** In the place of a task's number, all of which are positive: the lock is not held. */
private const val FREE = 0

/** In the place of a task's number: the holder's task was given a name, or it runs in none. */
private const val UNNUMBERED = -1

/** A name, as the beginning of a primitive's text. */
internal fun String?.before(): String = if (this == null) "" else "$this "

/** The number of waiters, as the end of a primitive's text; empty if there is none. */
internal fun Waiters<*>.describeCount(): String = if (isEmpty()) "" else ", waiters:$size"
