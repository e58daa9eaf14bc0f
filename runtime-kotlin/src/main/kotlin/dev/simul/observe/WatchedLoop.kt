// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Task
import dev.simul.TaskStep
import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import dev.simul.loop.areStepsObservedBy
import dev.simul.loop.logger
import java.lang.invoke.VarHandle
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds

/**
 * The watchdog of a loop: reports a step that holds the loop for longer than a threshold, while it does, and then how long it took.
 *
 * It goes by samples. A step is under way for as long as the loop is busy and has taken no other callback; what lies between two samples
 * that show the same step counts for it, but for the time in which this process did not run.
 */
internal class WatchedLoop(
    val loop: EventLoop,
    private val stallOf: (EventLoop, Task<*>?, Duration) -> Stall? = Stall::of,
) {
    val ages = TaskAges(loop)

    /** Whether the loop runs, or is about to. */
    @Volatile
    var isRunning = false

    /** In nanoseconds; 0 for no reports. */
    @Volatile
    var threshold: Long = stallThresholdByDefault().inWholeNanoseconds

    // What follows belongs to the observer's thread.

    private var wasBusy = false
    private var position = 0

    /** How long the current step has been seen, and how long the process was stopped meanwhile. */
    @Volatile
    private var held = 0L
    private var stopped = 0L

    /** The report of the current step, if there is one. */
    private var stall: Stall? = null

    /** Whether a report of the current step was tried: one that fails would fail again. */
    private var isTried = false

    /** How long the step that is under way has been seen, in nanoseconds; 0 if the loop is idle. Any thread may ask. */
    val heldFor: Long get() = held

    /** How long the observer may rest. */
    val pauseNanos: Long
        get() = threshold.let { if (it == 0L) Observer.LONGEST_PAUSE_NANOS else (it / 4).coerceIn(SHORTEST_PAUSE_NANOS, PAUSE_NANOS) }

    val isBusy: Boolean
        get() {
            VarHandle.fullFence()
            return loop.isRunning && !loop.isIdle
        }

    private val currentTask: Task<*>?
        get() = loop.current.takeIf { it.isActive }?.let { it.owner as? TaskStep<*> }?.task

    /** Takes a sample, [elapsed] nanoseconds after the last one; for [late] of them, the process did not run. Returns whether the loop is busy. */
    fun sample(
        elapsed: Long,
        late: Long,
    ): Boolean {
        val isBusy = isBusy
        val position = loop.position
        val isSameStep = isBusy && wasBusy && position == this.position
        if (!isSameStep) stepEnded((elapsed - late) / 2)
        wasBusy = isBusy
        this.position = position
        if (isSameStep) {
            held += elapsed - late
            stopped += late
            if (!isTried && threshold.let { it in 1..held }) report()
        }
        if (isBusy && !loop.areStepsObservedBy(TaskTimes)) currentTask?.let { TaskTimes.met(it, elapsed - late) }
        return isBusy
    }

    private fun report() {
        if (loop.isHandingOver) return // The body has yet to begin, in a thread that starts, say; then its task is known.
        if (Debugger.mayBeAttached) return // It holds the loop at its breakpoints.
        isTried = true
        val stall = stallOf(loop, currentTask, held.rounded())
        if (stall == null) {
            isTried = false // No thread holds the loop: it changes hands.
            return
        }
        if (!isBusy || loop.position != position) return // It has ended on the way.
        this.stall = stall
        logger.warn(stall.report)
    }

    /** Another step is under way, or none; the last one went on for about [afterSample] longer than was seen. */
    private fun stepEnded(afterSample: Long) {
        val stall = stall
        val took = (held + afterSample).rounded()
        val notRunning = if (stopped == 0L) "" else ", without ${stopped.rounded()} in which the process did not run"
        held = 0
        stopped = 0
        this.stall = null
        isTried = false
        if (stall != null) logger.warn("{} held its event loop for about {}{}", stall.holder, took, notRunning)
    }

    private fun Long.rounded(): Duration = nanoseconds.inWholeMilliseconds.milliseconds

    companion object {
        private val of = LoopLocal { WatchedLoop(it) }

        operator fun get(loop: EventLoop): WatchedLoop = of[loop]

        fun orNull(loop: EventLoop): WatchedLoop? = of.getOrNull(loop)

        private const val SHORTEST_PAUSE_NANOS = 1_000_000L
        private const val PAUSE_NANOS = 25_000_000L
    }
}
