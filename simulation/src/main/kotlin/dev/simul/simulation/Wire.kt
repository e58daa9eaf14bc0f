// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

/** The way [from] one host [to] another; back is another one. */
internal class Wire(
    private val network: Network,
    private val agenda: Agenda,
    val from: String,
    val to: String,
) {
    /** Whether nothing passes, because of a partition. */
    var isCut = false

    /** What holds between these two hosts alone. */
    var ownConditions: NetworkConditions? = null

    val conditions: NetworkConditions get() = ownConditions ?: network.conditions

    /** Until when the bytes before fill the bandwidth. */
    private var busyUntil = 0L

    /** When the last datagram arrives that keeps the order. */
    private var lastDatagramAt = 0L

    /** Puts that many bytes on their way; returns when the last of them has left. */
    fun depart(size: Int): Long {
        val bandwidth = conditions.bandwidth ?: return agenda.nowNanos
        busyUntil = maxOf(busyUntil, agenda.nowNanos) + (size * NANOS_PER_SECOND / bandwidth).toLong()
        return busyUntil
    }

    /** When a datagram of that size arrives that leaves now. */
    fun datagramArrival(
        size: Int,
        choices: Choices,
    ): Long {
        val arrival = depart(size) + conditions.latency.draw(choices)
        if (choices.chance(conditions.datagramReordering)) return arrival + 1 + choices.nextLong(heldUpNanos())
        lastDatagramAt = maxOf(lastDatagramAt, arrival)
        return lastDatagramAt
    }

    private fun heldUpNanos() = HELD_UP_TIMES * conditions.latency.to.inWholeNanoseconds + NANOS_PER_MILLI

    private companion object {
        const val NANOS_PER_SECOND = 1e9
        const val NANOS_PER_MILLI = 1_000_000L

        /** A datagram that is overtaken takes up to that many times the usual latency. */
        const val HELD_UP_TIMES = 4
    }
}
