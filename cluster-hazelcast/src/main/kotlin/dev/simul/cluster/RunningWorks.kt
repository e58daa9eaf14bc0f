// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import com.hazelcast.core.HazelcastInstance
import java.util.UUID
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

/** The works that run at a member, by their numbers, and those that were cancelled before they came. */
internal class RunningWorks {
    /** Guarded by this. An interrupt falls within a work or does not happen: it never strikes the next one in its thread. */
    private val running = HashMap<UUID, Running>()

    /** Guarded by this. A cancellation of a work that has ended, or of one that never comes, is forgotten after some more. */
    private val cancelled =
        object : LinkedHashMap<UUID, Unit>() {
            override fun removeEldestEntry(eldest: Map.Entry<UUID, Unit>) = size > MOST_CANCELLED
        }

    /** Guarded by this: the member is leaving. */
    private var isClosed = false

    /** Open when the member is leaving, and nothing runs any longer. */
    private val idle = CountDownLatch(1)

    private class Running(
        val thread: Thread,
    ) {
        private var wasInterrupted = false

        fun interrupt() {
            wasInterrupted = true
            thread.interrupt()
        }

        fun end() {
            if (wasInterrupted) Thread.interrupted()
        }
    }

    fun perform(
        id: UUID,
        work: () -> ByteArray,
    ): ByteArray {
        begin(id)?.let { return it }
        val outcome = work() // Which catches whatever is thrown.
        val isLeaving = end(id)
        return if (isLeaving && Outcome.isFailure(outcome)) Outcome.left else outcome
    }

    /** Why the work must not begin, or null. */
    @Synchronized
    private fun begin(id: UUID): ByteArray? {
        if (isClosed) return Outcome.notBegun
        if (cancelled.remove(id) != null) return Outcome.cancelled
        check(running.put(id, Running(Thread.currentThread())) == null) { "the work $id is under way already" }
        return null
    }

    /** Returns whether the member is leaving. */
    @Synchronized
    private fun end(id: UUID): Boolean {
        running.remove(id)!!.end()
        if (isClosed && running.isEmpty()) idle.countDown()
        return isClosed
    }

    /** Refuses works from now on, interrupts those that run, and waits for them, though not for long. */
    fun close() {
        synchronized(this) {
            isClosed = true
            if (running.isEmpty()) idle.countDown()
            running.values.forEach(Running::interrupt)
        }
        idle.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
    }

    /** Interrupts the work if it runs, and otherwise keeps it from beginning. */
    @Synchronized
    fun cancel(id: UUID) {
        val work = running[id]
        if (work == null) {
            cancelled[id] = Unit
        } else {
            work.interrupt()
        }
    }

    companion object {
        private const val PATIENCE_MILLIS = 1_000L
        private const val MOST_CANCELLED = 16_384
        private const val KEY = "dev.simul.cluster.works"

        fun of(hazelcast: HazelcastInstance): RunningWorks = hazelcast.userContext.computeIfAbsent(KEY) { RunningWorks() } as RunningWorks
    }
}
