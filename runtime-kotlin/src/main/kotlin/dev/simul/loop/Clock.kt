// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/**
 * Where a loop reads the time: one of its two seams, the other being [Poller].
 *
 * Timers, timeouts and measured durations go by it. A [NioPoller] waits for as many of the machine's nanoseconds as are left until the
 * next timer, so a clock that does not run with the machine's needs a poller that waits by it, as a virtual clock is itself.
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
