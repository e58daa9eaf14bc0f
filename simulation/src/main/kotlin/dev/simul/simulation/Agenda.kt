// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import java.util.PriorityQueue

/**
 * The virtual time of a simulation, and what is to happen outside of its hosts' loops: deliveries of the network, results of threads,
 * ends of pauses.
 *
 * Entries are in the order of their times; those of one time are in the order in which they were entered. One thread uses it.
 */
internal class Agenda {
    private val entries = PriorityQueue<Entry>()
    private var entered = 0L
    private var cancelled = 0

    /** Nanoseconds since the simulation began. */
    var nowNanos: Long = 0L
        private set

    /** The time of the first entry, or null if there is none. */
    val nextNanos: Long? get() = first()?.nanos

    /** Enters [action] at [nanos]; a time that has passed stands for now. */
    fun at(
        nanos: Long,
        action: () -> Unit,
    ): Entry = Entry(maxOf(nanos, nowNanos), entered++, action).also { entries.add(it) }

    /** Enters [action] in [nanos] from now. */
    fun after(
        nanos: Long,
        action: () -> Unit,
    ): Entry = at(timeAfter(nanos), action)

    /** The time in [nanos] from now, or [Long.MAX_VALUE] if that overflows. */
    fun timeAfter(nanos: Long): Long {
        val time = nowNanos + nanos
        return if (nanos > 0 && time < nowNanos) Long.MAX_VALUE else time
    }

    /** Sets the time; entries that this makes due wait for [runDue]. */
    fun advanceTo(nanos: Long) {
        require(nanos >= nowNanos) { "time cannot go back from $nowNanos ns to $nanos ns" }
        nowNanos = nanos
    }

    /** Runs the entries whose time has come, also those that these add for the same time, and returns how many there were. */
    fun runDue(): Int {
        var count = 0
        while (true) {
            val entry = first() ?: break
            if (entry.nanos > nowNanos) break
            entries.remove()
            count++
            entry.run()
        }
        return count
    }

    private fun first(): Entry? {
        while (true) {
            val entry = entries.peek() ?: return null
            if (!entry.isDone) return entry
            entries.remove()
            cancelled--
        }
    }

    private fun countCancelled() {
        cancelled++
        if (cancelled < FEW || cancelled < entries.size / 2) return
        entries.removeIf { it.isDone }
        cancelled = 0
    }

    /** Something that will happen at [nanos], unless it is cancelled. */
    inner class Entry internal constructor(
        val nanos: Long,
        private val number: Long,
        private var action: (() -> Unit)?,
    ) : Comparable<Entry> {
        /** Whether it has happened, or was cancelled. */
        val isDone: Boolean get() = action == null

        /** It will not happen; without effect once it has. */
        fun cancel() {
            if (isDone) return
            action = null
            countCancelled()
        }

        internal fun run() {
            val action = action ?: return
            this.action = null
            action()
        }

        override fun compareTo(other: Entry): Int {
            val byTime = nanos.compareTo(other.nanos)
            return if (byTime != 0) byTime else number.compareTo(other.number)
        }
    }

    private companion object {
        const val FEW = 64
    }
}
