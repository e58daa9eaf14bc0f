// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.TaskRegistry
import dev.simul.loop.EventLoop
import dev.simul.loop.StepObserver
import dev.simul.loop.observeSteps
import dev.simul.loop.stopObservingSteps
import java.util.WeakHashMap

/**
 * Switches the events of loops on while a recording of the JDK's Flight Recorder wants them.
 *
 * A loop has no check for that: it is told of steps by a path of its own that debug mode uses too, and tells of tasks if anybody observes
 * them. An image of the JDK, or the class loader of this library, may lack the recorder: only [FlightRecorderSwitch] knows its classes.
 *
 * To listen for recordings takes tens of milliseconds, most of it for loading classes. So it is done at once only if the recorder is there
 * already, as with `-XX:StartFlightRecording`, and otherwise by the [Observer], a second later.
 */
internal object FlightRecordings {
    /** The loops that have run, and who observes their steps. */
    private val loops = WeakHashMap<EventLoop, StepObserver?>()

    private val switch: FlightRecorderSwitch? =
        try {
            FlightRecorderSwitch(::changed)
        } catch (_: LinkageError) {
            null
        }

    /** [loop] begins to run; its tasks may be there already. */
    fun began(loop: EventLoop) {
        val switch = switch ?: return
        if (switch.isRecorderThere) listen()
        synchronized(this) {
            val isNew = loop !in loops
            if (isNew) loops[loop] = null
            observe(loop)
            if (isNew) TaskRegistry[loop].run { observer?.let { pending().forEach(it::created) } }
        }
    }

    /** From now on recordings are noticed, also those that have begun before. */
    fun listen() {
        switch?.listen()
    }

    /** Takes back [listen]: no loop has run for long, and the recorder would keep the classes of this library alive. */
    fun endListening() {
        switch?.endListening()
    }

    /** A recording has begun or ended. */
    @Synchronized
    private fun changed() = loops.keys.toList().forEach(::observe)

    private fun observe(loop: EventLoop) {
        val switch = switch ?: return
        val registry = TaskRegistry[loop]
        if (switch.wantsTasks != (registry.observer != null)) registry.observer = if (switch.wantsTasks) switch.taskObserver(loop) else null
        val steps = loops[loop]
        if (switch.wantsSteps == (steps != null)) return
        loops[loop] =
            if (switch.wantsSteps) {
                switch.stepObserver().also(
                    loop::observeSteps,
                )
            } else {
                null.also { loop.stopObservingSteps(steps!!) }
            }
    }
}
