// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Task
import dev.simul.TaskObserver
import dev.simul.TaskStep
import dev.simul.currentTask
import dev.simul.loop.Callback
import dev.simul.loop.EventLoop
import dev.simul.loop.StepObserver
import jdk.jfr.FlightRecorder
import jdk.jfr.FlightRecorderListener
import jdk.jfr.Recording
import jdk.jfr.RecordingState
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicBoolean

/** Knows which of our events the recordings of this JVM want, and calls [changed] when that has changed. */
internal class FlightRecorderSwitch(
    private val changed: () -> Unit,
) : FlightRecorderListener {
    @Volatile
    var wantsTasks = false
        private set

    @Volatile
    var wantsSteps = false
        private set

    private val listens = AtomicBoolean()

    val isRecorderThere: Boolean get() = FlightRecorder.isInitialized()

    /** Listens for recordings, and looks for those that run already. */
    fun listen() {
        if (!listens.compareAndSet(false, true)) return
        FlightRecorder.addListener(this)
        if (!isRecorderThere) return
        val wanted = wantsTasks || wantsSteps // When it last listened.
        if (wanted || FlightRecorder.getFlightRecorder().recordings.any { it.state == RecordingState.RUNNING }) look()
    }

    /** Takes back [listen], which may be called again. */
    fun endListening() {
        if (listens.compareAndSet(true, false)) FlightRecorder.removeListener(this)
    }

    override fun recordingStateChanged(recording: Recording) {
        if (recording.state == RecordingState.DELAYED || recording.state == RecordingState.NEW) return
        look()
    }

    private fun look() {
        wantsTasks = TaskEvent().isEnabled || TaskCreatedEvent().isEnabled || CancelEvent().isEnabled
        wantsSteps = StepEvent().isEnabled || SlowStepEvent().isEnabled || TurnEvent().isEnabled
        changed()
    }

    fun taskObserver(loop: EventLoop): TaskObserver = RecordedTasks(loop)

    fun stepObserver(): StepObserver = RecordedSteps()
}

private class RecordedTasks(
    private val loop: EventLoop,
) : TaskObserver {
    /** Those that were created since the recording has begun. */
    private val begun = ConcurrentHashMap<Task<*>, TaskEvent>()

    private val current: Task<*>? get() = if (loop.isInLoop && loop.current.isActive) currentTask(loop) else null

    override fun created(task: Task<*>) {
        val created = TaskCreatedEvent()
        if (created.isEnabled) {
            created.task = task.name
            created.by = current?.name
            created.commit()
        }
        val event = TaskEvent()
        if (!event.isEnabled) return
        event.begin()
        begun[task] = event
    }

    override fun ended(task: Task<*>) {
        val event = begun.remove(task) ?: return
        if (!task.done() || !event.shouldCommit()) return
        event.task = task.name
        val failure = task.peekFailure()
        event.outcome =
            if (task.cancelled()) {
                "cancelled"
            } else if (failure == null) {
                "result"
            } else {
                "exception"
            }
        event.exception = if (task.cancelled()) null else failure?.toString()
        event.commit()
    }

    override fun askedToCancel(
        task: Task<*>,
        message: String?,
    ) {
        val event = CancelEvent()
        if (!event.isEnabled) return
        event.task = task.name
        event.message = message
        event.by = current?.name
        event.commit()
    }
}

private class RecordedSteps : StepObserver {
    private var turn: TurnEvent? = null
    private var left = 0
    private var step: StepEvent? = null
    private var slow: SlowStepEvent? = null

    override fun turnBegins(ready: Int) {
        left = ready
        turn = TurnEvent().takeIf { it.isEnabled }
        turn?.ready = ready
        turn?.begin()
    }

    override fun stepBegins(callback: Callback) {
        step = StepEvent().takeIf { it.isEnabled }
        slow = SlowStepEvent().takeIf { it.isEnabled }
        step?.begin()
        slow?.begin()
    }

    override fun stepEnds(
        callback: Callback,
        nanos: Long,
    ) {
        step?.end()
        slow?.end()
        val task = (callback as? TaskStep<*>)?.task?.name
        step?.commit(task, callback)
        slow?.commit(task, callback)
        if (--left == 0) turn?.commit()
    }
}
