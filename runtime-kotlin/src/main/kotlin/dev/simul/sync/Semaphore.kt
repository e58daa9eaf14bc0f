// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.Waiter
import dev.simul.Waiters

/**
 * Lets at most as many tasks at a time into a section of code as it has permits.
 *
 * Tasks get a permit in the order in which they asked, and a release hands its permit directly to the first of them: a later task cannot
 * overtake it. Any task may release, and may release more permits than were acquired.
 *
 * It belongs to the loop on which a task first had to wait for it.
 *
 * Source: `asyncio.Semaphore(value=1)`.
 *
 * @param value the initial number of permits.
 * @param name shown by reports of the tasks that wait for it.
 * @throws IllegalArgumentException if [value] is negative.
 */
public open class Semaphore
    @JvmOverloads
    constructor(
        value: Int = 1,
        name: String? = null,
    ) : Acquirable() {
        init {
            require(value >= 0) { "Semaphore initial value must be >= 0, not $value" }
        }

        private val waiters = Waiters<Boolean>(this, "Semaphore.acquire", onWake = ::endWait, name = name)

        /** The name that reports of waiting tasks show. asyncio has no equivalent. */
        public val name: String? get() = waiters.name

        internal var permits: Int = value
            private set

        /** Whether [acquire] would wait: there is no permit, or other tasks already wait. Source: `Semaphore.locked()`. */
        public fun locked(): Boolean = permits == 0 || waiters.anyActive()

        /**
         * Acquires a permit; waits until there is one for this task. Without a wait, the turn is not given up.
         *
         * A task that is cancelled while it waits takes none; if it was already handed one, that goes to the next task.
         *
         * Source: `Semaphore.acquire()`.
         *
         * @return true, always.
         * @throws IllegalStateException if it has to wait on another loop than the semaphore's.
         */
        override suspend fun acquire(): Boolean {
            if (locked()) return waiters.wait()
            permits--
            return true
        }

        private fun endWait(
            waiter: Waiter<Boolean>,
            failure: Throwable?,
        ): Boolean {
            if (failure != null && waiter.done() && !waiter.cancelled()) permits++
            // Permits that were released while other tasks waited for their turn.
            while (permits > 0) if (!handOver()) break
            if (failure != null) throw failure
            return true
        }

        /**
         * Releases a permit: to the first waiting task, if there is one.
         *
         * Source: `Semaphore.release()`.
         */
        override fun release() {
            permits++
            handOver()
        }

        private fun handOver(): Boolean {
            val next = waiters.firstPending() ?: return false
            permits--
            next.wake()
            return true
        }

        override fun toString(): String {
            val state = if (locked()) "locked" else "unlocked, value:$permits"
            return "<${javaClass.simpleName} ${name.before()}[$state${waiters.describeCount()}]>"
        }
    }

/**
 * A [Semaphore] that never has more permits than initially.
 *
 * Source: `asyncio.BoundedSemaphore(value=1)`.
 *
 * @param value the initial and maximum number of permits.
 * @param name shown by reports of the tasks that wait for it.
 * @throws IllegalArgumentException if [value] is negative.
 */
public class BoundedSemaphore
    @JvmOverloads
    constructor(
        value: Int = 1,
        name: String? = null,
    ) : Semaphore(value, name) {
        private val bound = value

        /**
         * Releases a permit: to the first waiting task, if there is one.
         *
         * Source: `BoundedSemaphore.release()`.
         *
         * @throws IllegalArgumentException if no permit is taken.
         */
        override fun release() {
            require(permits < bound) { "BoundedSemaphore released too many times: all of its $bound permits are there already" }
            super.release()
        }
    }
