// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds

/**
 * A scheduled callback, which [cancel] removes.
 *
 * Source: `asyncio.Handle`.
 */
public abstract class Handle internal constructor() {
    /** The context variables that the callback runs with. Source: `Handle.get_context()`. */
    public abstract val context: Context

    /** Whether [cancel] was called. Source: `Handle.cancelled()`. */
    public abstract fun cancelled(): Boolean

    /** Cancels the callback; does nothing if it was cancelled before or has run. Source: `Handle.cancel()`. */
    public abstract fun cancel()
}

/**
 * A callback scheduled for a time of the loop's clock. Handles are ordered by that time.
 *
 * Source: `asyncio.TimerHandle`.
 */
public abstract class TimerHandle internal constructor() :
    Handle(),
    Comparable<TimerHandle> {
        internal abstract val deadlineNanos: Long

        /** When the callback is due, as a time of [EventLoop.time]. Source: `TimerHandle.when()`. */
        public fun `when`(): Duration = deadlineNanos.nanoseconds

        override fun compareTo(other: TimerHandle): Int = deadlineNanos.compareTo(other.deadlineNanos)
    }
