// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.loop.acceptFromThreads
import dev.simul.loop.toldWaitingThreads
import dev.simul.testing.awaitsThreads
import dev.simul.testing.coroutinesInThreads
import dev.simul.testing.mayHearFromOthers
import kotlinx.coroutines.Job
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.locks.LockSupport
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/**
 * Threads that no simulation decides, such as those of a program's own executor, or those of kotlinx. They may hand in callbacks at any
 * real time. These are taken when no host has anything to do, so that the run does not depend on that time as long as one such thread at a
 * time works for the hosts. The virtual time stands still while a host waits for them, but for a second of real time at most if any timer is
 * left.
 */
internal class OtherThreads(
    private val world: World,
) {
    private class InThread(
        val process: HostProcess,
        val job: Job,
    )

    private val woken = ConcurrentLinkedQueue<HostProcess>()
    private val thread = Thread.currentThread()

    /** The coroutines in threads that will hand in how they have ended, and have not, as far as is known here; the first to begin first. */
    private val awaited = ArrayList<InThread>()

    /** Who has something handed in that waits for that of coroutines of other hosts, which began before. */
    private val held = LinkedHashSet<HostProcess>()

    /** Whether threads may still do something: not if they have long done nothing, and so wait for the hosts. */
    private var mayHear = true

    private var turns = 0

    /** Another thread has handed something to the loop of [process]. */
    fun wake(process: HostProcess) {
        woken += process
        LockSupport.unpark(thread)
    }

    /** [process] has had a turn. After many without a pause, some host may be waiting, turn by turn, for what is handed in. */
    fun turnEnded(process: HostProcess) {
        look(process)
        if (++turns % MOST_TURNS == 0) takeWoken()
    }

    /** Lets the hosts have what was handed in, one host after the other; returns whether there was anything. */
    fun takeWoken(): Boolean {
        while (true) held += woken.poll() ?: break
        if (held.isEmpty()) return false
        awaited.removeIf { it.process.isOver }
        val process = awaited.firstOrNull { mayWork(it.process) }?.process ?: held.first()
        if (!held.remove(process)) return false
        process.loop.acceptFromThreads()
        awaited.removeIf { it.process === process && it.job.isCompleted }
        world.wakeHere(process)
        mayHear = true
        return true
    }

    /** How many threads wait for a host has changed. May be called in any thread. */
    fun changed() = LockSupport.unpark(thread)

    /** Waits, in real time, for threads that work for a host: for as long as it takes if nothing else can happen, as [isIdle] tells. */
    fun await(isIdle: Boolean): Boolean {
        // By the machine's clock, which these threads go by.
        val end = System.nanoTime() + LONGEST_NANOS
        while (true) {
            val works = world.live.any { it.loop.awaitsThreads }
            val mayWork = (mayHear && (works || awaitsCoroutines())) || (isIdle && (works || world.live.any { it.loop.mayHearFromOthers }))
            if (!mayWork) return takeWoken()
            if (takeWoken() || Thread.currentThread().isInterrupted) return true
            val left = end - System.nanoTime()
            if (left <= 0 && !(works && isIdle)) {
                mayHear = false
                awaited.clear()
                return false
            }
            LockSupport.parkNanos(this, if (works && isIdle) LONGEST_NANOS else left)
        }
    }

    private fun awaitsCoroutines(): Boolean {
        awaited.removeIf { it.process.isOver }
        return world.live.any { mayWork(it) }
    }

    /** Whether any coroutine of [process] in a thread does more than wait. */
    private fun mayWork(process: HostProcess): Boolean {
        val others = look(process)
        return awaited.count { it.process === process } + others > process.loop.toldWaitingThreads
    }

    /**
     * Looks for coroutines of [process] in threads. One that has ended is awaited until that is handed in, which is a moment later. Returns
     * how many there are that will hand in nothing when they end.
     */
    private fun look(process: HostProcess): Int {
        var others = 0
        for (job in process.loop.coroutinesInThreads) {
            if (job !is CoroutineStackFrame) others++ else if (awaited.none { it.job === job }) awaited += InThread(process, job)
        }
        return others
    }

    private companion object {
        const val MOST_TURNS = 1_000
        const val LONGEST_NANOS = 1_000_000_000L
    }
}
