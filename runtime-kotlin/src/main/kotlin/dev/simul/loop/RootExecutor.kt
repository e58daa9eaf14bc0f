// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.Executor
import java.util.concurrent.atomic.AtomicReference
import java.util.concurrent.locks.LockSupport

/**
 * Runs work on the loop's root thread while that waits: the continuations of virtual threads scheduled on it, so that a switch between two
 * of them is a jump inside one thread.
 */
internal class RootExecutor : Executor {
    /** There is nearly always at most one. */
    private val first = AtomicReference<Runnable?>()
    private val others = ConcurrentLinkedQueue<Runnable>()

    @Volatile
    private var idle: Thread? = null

    override fun execute(work: Runnable) {
        if (!first.compareAndSet(null, work)) others.add(work)
        val thread = idle
        if (thread != null) LockSupport.unpark(thread)
    }

    /** Runs one piece of work. If there is none, returns false, and the next [execute] unparks the calling thread. */
    fun runOne(): Boolean {
        val work = take() ?: takeOrBeIdle() ?: return false
        if (idle != null) idle = null
        work.run()
        return true
    }

    private fun takeOrBeIdle(): Runnable? {
        idle = Thread.currentThread()
        return take()
    }

    private fun take(): Runnable? {
        val work = first.get() ?: return others.poll()
        first.setRelease(null)
        return work
    }
}
