// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/**
 * Where a loop reads the time: one of its two seams; the other is [Poller].
 *
 * Timers, timeouts and measured durations go by it. A [NioPoller] sleeps in the machine's nanoseconds until the next timer, so a clock that
 * runs differently needs a poller that waits by that clock, as a virtual clock does.
 *
 * Source: `asyncio.loop.time()`.
 */
public fun interface Clock {
    /** The time since a fixed but unspecified origin, in nanoseconds. It never goes backwards. */
    public fun nanoTime(): Long
}

/** The machine's monotonic clock, which starts at zero when it is first read. */
public object MonotonicClock : Clock {
    private val origin = System.nanoTime()

    override fun nanoTime(): Long = System.nanoTime() - origin
}
