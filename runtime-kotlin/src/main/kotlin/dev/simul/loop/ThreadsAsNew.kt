// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.util.concurrent.Executor
import java.util.concurrent.SynchronousQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

/**
 * Platform threads, as many as there is concurrent work; to each piece of work its thread looks new: a daemon that has inherited nothing
 * from the thread that submitted the work, and keeps nothing of earlier work.
 *
 * They are reused, and end after ten seconds without work. If [ThreadLocals] cannot be cleared, each thread does one piece of work and
 * ends.
 *
 * @param prefix the start of their names; a number follows.
 */
internal class ThreadsAsNew(
    private val prefix: String,
) : Executor {
    private val numbers = AtomicInteger()
    private val executor: Executor = if (ThreadLocals.canBeCleared) Pool() else Executor { newThread(it).start() }

    override fun execute(work: Runnable): Unit = executor.execute(work)

    private fun newThread(work: Runnable) = ThreadAsNew(prefix + numbers.incrementAndGet(), work)

    private inner class Pool : ThreadPoolExecutor(0, Int.MAX_VALUE, 10, TimeUnit.SECONDS, SynchronousQueue(), ::newThread) {
        override fun afterExecute(
            work: Runnable,
            failure: Throwable?,
        ) = (Thread.currentThread() as ThreadAsNew).forget()
    }
}

private class ThreadAsNew(
    private val givenName: String,
    work: Runnable,
) : DaemonThread(givenName, work = work) {
    /** Restores whatever the work may have changed, and drops what it used. */
    fun forget() {
        if (name != givenName) name = givenName
        uncaughtExceptionHandler = null
        if (priority != NORM_PRIORITY) priority = NORM_PRIORITY
        contextClassLoader = ClassLoader.getSystemClassLoader()
        ThreadLocals.clear()
        interrupted()
    }
}
