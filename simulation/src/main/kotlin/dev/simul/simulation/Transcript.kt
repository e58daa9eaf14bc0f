// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import kotlin.time.Duration.Companion.nanoseconds

/**
 * What has happened in a simulation: who did what, and when. It keeps [room] events as lines, the first ones and the last ones;
 * its [hash] is that of all events, of the order in which hosts ran, and of the orders that were chosen.
 */
internal class Transcript(
    private val agenda: Agenda,
    private val room: Int = 200,
) {
    /** Is told of each event, and of each step of each host's loop if it is set before there are hosts. */
    var listener: StepListener? = null

    private class Event(
        val nanos: Long,
        val host: String,
        val what: String,
    )

    private val first = ArrayList<Event>()
    private val last = ArrayDeque<Event>()

    /** How many events there were. */
    var count: Int = 0
        private set

    /** Identifies the run: two runs in which the same happened in the same order have the same. */
    var hash: Long = Fnv.BASIS
        private set

    /** At this time [host] has done [what]. */
    fun add(
        host: String,
        what: String,
    ) {
        count++
        keep(Event(agenda.nowNanos, host, what))
        mix(agenda.nowNanos)
        mix(host)
        mix(what)
        listener?.step(agenda.nowNanos, host, what)
    }

    private fun keep(event: Event) {
        if (first.size < room / 2) {
            first += event
        } else {
            if (last.size == room - room / 2) last.removeFirst()
            last += event
        }
    }

    /** Adds to the [hash] what has no line. */
    fun mix(value: Long) {
        val mixed = (hash xor value) * Fnv.PRIME
        hash = mixed xor (mixed ushr 32)
    }

    private fun mix(text: String) {
        for (char in text) hash = (hash xor char.code.toLong()) * Fnv.PRIME
    }

    /** A line for each event that is kept, the oldest first. */
    override fun toString(): String {
        val kept = first + last
        val times = kept.map { it.nanos.nanoseconds.toString() }
        val timeWidth = times.maxOfOrNull { it.length } ?: 0
        val hostWidth = kept.maxOfOrNull { it.host.length } ?: 0
        val lines = kept.zip(times) { event, time -> "${time.padStart(timeWidth)}  ${event.host.padEnd(hostWidth)}  ${event.what}" }
        val left = if (count > kept.size) listOf("… ${count - kept.size} more events") else emptyList()
        return (lines.take(first.size) + left + lines.drop(first.size)).joinToString("\n")
    }
}
