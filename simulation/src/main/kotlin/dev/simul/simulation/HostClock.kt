// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.loop.Clock

/** The clock of one host: the simulation's time plus a skew, which may change; it never goes back, but stands still instead. */
internal class HostClock(
    private val agenda: Agenda,
) : Clock {
    /** In nanoseconds. */
    var skew: Long = 0
        set(value) {
            nanoTime()
            field = value
        }

    private var latest = Long.MIN_VALUE

    override fun nanoTime(): Long = maxOf(latest, agenda.nowNanos + skew).also { latest = it }

    /** When, by the simulation's time, this clock reaches [nanos]. */
    fun agendaTimeOf(nanos: Long): Long =
        when {
            nanos <= nanoTime() -> agenda.nowNanos
            skew < 0 && nanos > Long.MAX_VALUE + skew -> Long.MAX_VALUE
            else -> nanos - skew
        }
}
