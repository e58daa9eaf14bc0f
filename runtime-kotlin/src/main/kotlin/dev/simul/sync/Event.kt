// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.Waiters

/**
 * A flag that tasks can wait for; it is initially unset.
 *
 * It belongs to the loop on which a task first had to wait for it.
 *
 * Source: `asyncio.Event()`.
 *
 * @param name shown by reports of the tasks that wait for it.
 */
public class Event
    @JvmOverloads
    constructor(
        name: String? = null,
    ) {
        private val waiters = Waiters<Unit>(this, "Event.wait", name = name)

        /** The name that reports of waiting tasks show. asyncio has no equivalent. */
        public val name: String? get() = waiters.name

        /** Whether the flag is set. Source: `Event.is_set()`. */
        public var isSet: Boolean = false
            private set

        /** Sets the flag, and wakes all tasks that wait for it, in the order of their arrival. Source: `Event.set()`. */
        public fun set() {
            if (isSet) return
            isSet = true
            waiters.wakeAll()
        }

        /** Unsets the flag. Tasks that were already woken still continue. Source: `Event.clear()`. */
        public fun clear() {
            isSet = false
        }

        /**
         * Waits until the flag is set; returns at once, without giving up the turn, if it is.
         *
         * Cancelling the task only ends the wait.
         *
         * Source: `Event.wait()`.
         *
         * @return true, always.
         * @throws IllegalStateException if it has to wait on another loop than the event's.
         */
        public suspend fun wait(): Boolean {
            if (isSet) return true
            return waitUntilSet()
        }

        private suspend fun waitUntilSet(): Boolean {
            waiters.wait()
            return true
        }

        override fun toString(): String = "<Event ${name.before()}[${if (isSet) "set" else "unset"}${waiters.describeCount()}]>"
    }
