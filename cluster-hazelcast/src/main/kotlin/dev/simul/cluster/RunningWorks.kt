// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import com.hazelcast.core.HazelcastInstance
import java.util.UUID

/** The works that run at a member, by their numbers, and those that were cancelled before they came. */
internal class RunningWorks {
    /** Guarded by this. An interrupt falls within a work or does not happen: it never strikes the next one in its thread. */
    private val running = HashMap<UUID, Running>()

    /** Guarded by this. A cancellation of a work that has ended, or of one that never comes, is forgotten after some more. */
    private val cancelled =
        object : LinkedHashMap<UUID, Unit>() {
            override fun removeEldestEntry(eldest: Map.Entry<UUID, Unit>) = size > MOST_CANCELLED
        }

    private class Running(
        val thread: Thread,
    ) {
        var wasInterrupted = false
    }

    fun perform(
        id: UUID,
        work: () -> ByteArray,
    ): ByteArray {
        if (!begin(id)) return Outcome.cancelled
        try {
            return work()
        } finally {
            end(id)
        }
    }

    @Synchronized
    private fun begin(id: UUID): Boolean {
        if (cancelled.remove(id) != null) return false
        check(running.put(id, Running(Thread.currentThread())) == null) { "the work $id is under way already" }
        return true
    }

    @Synchronized
    private fun end(id: UUID) {
        if (running.remove(id)!!.wasInterrupted) Thread.interrupted()
    }

    /** Interrupts the work if it runs, and otherwise keeps it from beginning. */
    @Synchronized
    fun cancel(id: UUID) {
        val work = running[id]
        if (work == null) {
            cancelled[id] = Unit
        } else {
            work.wasInterrupted = true
            work.thread.interrupt()
        }
    }

    companion object {
        private const val MOST_CANCELLED = 16_384
        private const val KEY = "dev.simul.cluster.works"

        fun of(hazelcast: HazelcastInstance): RunningWorks = hazelcast.userContext.computeIfAbsent(KEY) { RunningWorks() } as RunningWorks
    }
}
