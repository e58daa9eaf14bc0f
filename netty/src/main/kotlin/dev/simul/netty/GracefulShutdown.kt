// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import io.netty.util.concurrent.DefaultPromise
import io.netty.util.concurrent.ImmediateEventExecutor
import java.util.concurrent.RejectedExecutionException
import kotlin.time.Duration.Companion.nanoseconds

/**
 * The end of [eventLoop], in Netty's steps: its channels are closed and its timers cancelled; then it waits until it has had no task for a
 * quiet period, but no longer than a timeout; from then on it accepts none.
 */
internal class GracefulShutdown(
    private val eventLoop: SimulEventLoop,
) {
    enum class Phase { RUNNING, SHUTTING_DOWN, SHUTDOWN, TERMINATED }

    @Volatile
    var phase: Phase = Phase.RUNNING
        private set

    /** Whether the last tasks run and the last channels are closed, which may need tasks of their own. */
    @Volatile
    private var isFinishing = false

    private val loop = eventLoop.loop
    private var quietNanos = 0L
    private var timeoutNanos = 0L
    private var beganAt = 0L
    private var lastTaskAt = 0L

    /** Whether the caller may still add tasks, timers and handles. */
    val accepts: Boolean get() = phase < Phase.SHUTDOWN || (isFinishing && eventLoop.isHere)

    /** Begins, from any thread; once it has begun, it goes on as it was asked to first. */
    fun begin(
        quietNanos: Long,
        timeoutNanos: Long,
    ) {
        synchronized(this) {
            if (phase != Phase.RUNNING) return
            this.quietNanos = quietNanos
            this.timeoutNanos = timeoutNanos
            phase = Phase.SHUTTING_DOWN
        }
        try {
            eventLoop.execute {
                beganAt = now()
                proceed()
            }
        } catch (_: RejectedExecutionException) {
            // The loop has closed meanwhile, and that was the end.
        }
    }

    /** Ends in a turn to come, from any thread: from now on nothing is accepted, and what was accepted before runs. */
    fun beginAtOnce() {
        synchronized(this) {
            if (phase >= Phase.SHUTDOWN) return
            phase = Phase.SHUTDOWN
        }
        try {
            loop.callSoonThreadsafe { finish() }
        } catch (e: IllegalStateException) {
            if (!loop.isClosed) throw e
        }
    }

    /** A task runs, which begins the quiet period anew. */
    fun taskRuns() {
        if (phase == Phase.SHUTTING_DOWN) lastTaskAt = now()
    }

    private fun proceed() {
        if (phase != Phase.SHUTTING_DOWN) return
        eventLoop.cancelTimers()
        eventLoop.closeHandles()
        val now = now()
        val leftOfTimeout = timeoutNanos - (now - beganAt)
        val leftOfQuiet = quietNanos - (now - lastTaskAt)
        when {
            leftOfTimeout <= 0 -> finish()
            eventLoop.hasTasks || eventLoop.hasHandles -> loop.callSoon { proceed() }
            leftOfQuiet <= 0 -> finish()
            else -> loop.callLater(minOf(leftOfTimeout, leftOfQuiet).nanoseconds) { proceed() }
        }
    }

    /** Ends without waiting: what tasks there are run now. */
    fun finish() {
        if (phase == Phase.TERMINATED || isFinishing) return
        isFinishing = true
        eventLoop.cancelTimers()
        eventLoop.runTasks(MOST_LAST_TASKS)
        eventLoop.closeHandles()
        eventLoop.runTasks(MOST_LAST_TASKS)
        phase = Phase.SHUTDOWN
        isFinishing = false
        eventLoop.cancelTimers()
        eventLoop.closeHandles()
        eventLoop.runTasks()
        phase = Phase.TERMINATED
        eventLoop.terminated()
    }

    private fun now() = eventLoop.ticker().nanoTime()

    private companion object {
        /** Closing a channel takes some tasks; but tasks that add others without end must not keep it from ending. */
        const val MOST_LAST_TASKS = 100_000
    }
}

/** The end of [eventLoop]. Its listeners are called by the thread that ends it, or at once: no task could be added for them. */
internal class Termination(
    override val eventLoop: SimulEventLoop,
) : DefaultPromise<Void?>(ImmediateEventExecutor.INSTANCE),
    OfLoop {
    override fun checkDeadLock() {
        if (eventLoop.inEventLoop()) throw BlockingCalls.refused(this)
    }
}
