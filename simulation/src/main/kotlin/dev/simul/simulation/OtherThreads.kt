// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.testing.awaitsThreads
import dev.simul.testing.mayHearFromOthers
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.locks.LockSupport

/**
 * Threads that no simulation decides, such as those of a program's own executor. They may hand in callbacks at any real time, which then is
 * no longer a matter of the choices. The virtual time stands still while a host waits for them, but for a second of real time at most if any
 * timer is left.
 */
internal class OtherThreads(
    private val world: World,
) {
    private val woken = ConcurrentLinkedQueue<HostProcess>()
    private val thread = Thread.currentThread()

    /** Another thread has handed something to the loop of [process]. */
    fun wake(process: HostProcess) {
        woken += process
        LockSupport.unpark(thread)
    }

    /** Returns whether there was anything. */
    fun takeWoken(): Boolean {
        var any = false
        while (true) {
            val process = woken.poll() ?: return any
            world.wakeHere(process)
            any = true
        }
    }

    /** Waits, in real time, for threads that work for a host: for as long as it takes if nothing else can happen, as [isIdle] tells. */
    fun await(isIdle: Boolean): Boolean {
        val works = world.live.any { it.loop.awaitsThreads }
        if (!works && !(isIdle && world.live.any { it.loop.mayHearFromOthers })) return takeWoken()
        // By the machine's clock, which these threads go by.
        val end = System.nanoTime() + LONGEST_NANOS
        while (!takeWoken()) {
            val left = end - System.nanoTime()
            if (left <= 0 && !(works && isIdle)) return false
            if (Thread.currentThread().isInterrupted) return true
            LockSupport.parkNanos(this, if (works && isIdle) LONGEST_NANOS else left)
        }
        return true
    }

    private companion object {
        const val LONGEST_NANOS = 1_000_000_000L
    }
}
