// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.loop.DaemonThreads
import dev.simul.loop.EventLoop
import dev.simul.loop.logger
import dev.simul.observe.Debugger
import java.util.concurrent.ScheduledThreadPoolExecutor
import java.util.concurrent.TimeUnit
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/**
 * Ends what runs a test's loop for longer than [limit], or after an interrupt, and reports the tasks that are pending then.
 *
 * It counts its own ticks, so that it does not count the time while the whole process is stopped.
 */
internal class TimeLimit(
    private val limit: Duration,
) {
    init {
        require(limit.isPositive()) { "the timeout of a test is $limit: it must be positive" }
    }

    private val tick = (limit / FEWEST_TICKS).coerceAtMost(LONGEST_TICK)
    private val ticks = (limit / tick).toInt()

    /** Runs [block], which runs [loop]; [what] names it in the report. */
    fun <T> during(
        loop: EventLoop,
        what: String,
        block: () -> T,
    ): T {
        if (limit.isInfinite() || Debugger.mayBeAttached) return explainingInterrupts(loop, what, null, block)
        val watch = Watch(loop, what)
        val nanos = tick.inWholeNanoseconds.coerceAtLeast(1)
        val ticking = timer.scheduleWithFixedDelay(watch, nanos, nanos, TimeUnit.NANOSECONDS)
        val outcome = runCatching { explainingInterrupts(loop, what, watch, block) }
        ticking.cancel(false)
        watch.end(outcome.exceptionOrNull())
        return outcome.getOrThrow()
    }

    private fun <T> explainingInterrupts(
        loop: EventLoop,
        what: String,
        watch: Watch?,
        block: () -> T,
    ): T =
        try {
            block()
        } catch (e: InterruptedException) {
            if (loop.endedBy !== e) throw e // It was thrown by the code under test.
            val stuck = StuckTasks(loop)
            val report = InterruptedException("$what was interrupted, and ${stuck.count} task(s) are pending${stuck.lines}")
            watch?.blockedAt?.let(report::addSuppressed)
            Thread.interrupted() // The loop has restored it, if it did not wait.
            throw stuck.addTo(report).initCause(e)
        }

    private inner class Watch(
        private val loop: EventLoop,
        private val what: String,
    ) : Runnable {
        @Volatile
        private var count = 0
        private var interruptedFor = 0
        private var report: AssertionError? = null
        private var blocked: Thread? = null
        private var isOver = false

        /** Where code kept the turn when the loop was to end. */
        var blockedAt: BlockedLoop? = null
            private set

        /** A tick, in the timer's thread. */
        override fun run() {
            count++
            if (count == ticks) loop.handInSurely(::expire)
            if (count > ticks && (count - ticks) % TICKS_OF_GRACE == 0) interruptIfBlocked()
            if (!loop.isInterrupted) return
            interruptedFor++
            if (interruptedFor == 1) loop.handInSurely(::leaveInterrupted)
            if (interruptedFor % TICKS_OF_GRACE == 0) interruptIfBlocked()
        }

        /** In the loop's thread: ends its run. */
        private fun expire() {
            val expired =
                synchronized(this) {
                    if (isOver) return
                    report().also { report = it }
                }
            loop.leaveWith(expired)
        }

        /** In the loop's thread, as the loop itself does it when it next waits; but it may never wait. */
        private fun leaveInterrupted() {
            if (!synchronized(this) { isOver } && loop.isInterrupted) {
                loop.leaveWith(InterruptedException("the thread of a running event loop was interrupted"))
            }
        }

        /** Does so again and again: the code may go on after an interrupt, and then a log is all that it can leave. */
        @Synchronized
        private fun interruptIfBlocked() {
            if (isOver || report != null) return
            val thread = loop.stacks.holder?.thread ?: return
            if (blocked == null) {
                blockedAt =
                    BlockedLoop(
                        thread,
                    ).also { logger.error("{} has not ended, so its thread is interrupted", what, it) }
            }
            blocked = thread
            thread.interrupt()
        }

        private fun report(): AssertionError {
            val stuck = StuckTasks(loop)
            return stuck.addTo(AssertionError("$what has not ended after $limit, and ${stuck.count} task(s) are pending${stuck.lines}"))
        }

        /** What ran the loop has ended, perhaps with [failure]. Throws the report if that was too late. */
        fun end(failure: Throwable?) {
            synchronized(this) { isOver = true }
            if (blocked === Thread.currentThread()) Thread.interrupted()
            if (count < ticks) return
            val report = report ?: report()
            blockedAt?.let(report::addSuppressed)
            if (failure != null && failure !== report) report.addSuppressed(failure)
            throw report
        }
    }

    private companion object {
        const val FEWEST_TICKS = 20
        const val TICKS_OF_GRACE = 5
        val LONGEST_TICK = 200.milliseconds

        val timer = ScheduledThreadPoolExecutor(1, DaemonThreads("simul-test-timeouts-")).apply { removeOnCancelPolicy = true }
    }
}

/** Shows where a [thread] was that kept the loop's turn. */
internal class BlockedLoop(
    thread: Thread,
) : Throwable("thread '${thread.name}' kept the loop's turn, without awaiting", null, false, true) {
    init {
        stackTrace = thread.stackTrace
    }

    override fun fillInStackTrace(): Throwable = this

    override fun toString(): String = message!!
}
