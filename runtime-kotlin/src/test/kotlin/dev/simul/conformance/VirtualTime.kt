// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import dev.simul.loop.Clock
import dev.simul.loop.Poller
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toJavaDuration

/**
 * A loop's clock and poller in one: waiting makes the time pass at once, and waiting without a limit is a deadlock.
 *
 * The loop counts whole nanoseconds, CPython adds floating-point seconds. [seconds] is what CPython's clock would show:
 * it follows the same sums, so that three sleeps of 0.1 end at 0.30000000000000004.
 *
 * @param poller a real one, which is asked in each turn what has happened.
 */
class VirtualTime(
    private val poller: Poller? = null,
) : Clock,
    Poller {
    /** The time as CPython has it. */
    var seconds: Double = 0.0
        private set

    private var nanos = 0L
    private val deadlines = HashMap<Long, Double>()

    /** The duration of a delay that starts now. */
    fun after(delay: Double): Duration {
        val duration = delay.seconds
        deadlines.merge(nanos + duration.inWholeNanoseconds, seconds + delay, ::minOf)
        return duration
    }

    /** As [after], for Java. */
    fun durationAfter(delay: Double): java.time.Duration = after(delay).toJavaDuration()

    override fun nanoTime(): Long = nanos

    override fun poll(timeoutNanos: Long) {
        poller?.expectNews()
        poller?.poll(0)
        if (timeoutNanos < 0) throw Deadlock()
        if (timeoutNanos == 0L) return
        nanos += timeoutNanos
        val deadline = deadlines[nanos] ?: (nanos / NANOS_PER_SECOND)
        seconds += deadline - seconds
        deadlines.keys.removeIf { it <= nanos }
    }

    override fun register(channel: SelectableChannel): SelectionKey = poller!!.register(channel)

    override fun wakeup() {
        poller?.wakeup()
    }

    override fun close() {
        poller?.close()
    }
}

/** The loop would wait for ever: nothing is ready and no timer is set. */
class Deadlock : Error("no task can go on")

private const val NANOS_PER_SECOND = 1e9
