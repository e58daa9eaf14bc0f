// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Task
import dev.simul.TaskStep
import dev.simul.loop.Callback
import dev.simul.loop.StepObserver
import java.util.WeakHashMap

/**
 * How long tasks have held their loops: estimated from the samples of the [Observer], and exact from [exactlyFor] on, as long as that is
 * repeated. The tasks know nothing of it.
 */
internal object TaskTimes : StepObserver {
    private class Times {
        var onLoop = 0L
        var lastEnd: Long? = null
    }

    private val times = WeakHashMap<Task<*>, Times>()

    /** How long [task] has held its loop, in nanoseconds; -1 if that is unknown, since no sample has met it. */
    @Synchronized
    fun of(task: Task<*>): Long = times[task]?.onLoop ?: -1

    /** For how many nanoseconds [task] has not run; -1 if that is unknown: it has not run while times were exact. */
    @Synchronized
    fun waitingFor(task: Task<*>): Long = times[task]?.lastEnd?.let { System.nanoTime() - it } ?: -1

    /** Whether the times of all loops are exact now. */
    val areExact: Boolean get() = Observer.isExact

    /** Makes the times of all loops exact for the next [nanos]. */
    fun exactlyFor(nanos: Long) = Observer.timeExactly(nanos)

    /** A sample has met [task] while it ran, and stands for [nanos]. */
    @Synchronized
    fun met(
        task: Task<*>,
        nanos: Long,
    ) {
        timesOf(task).onLoop += nanos
    }

    override fun turnBegins(ready: Int) = Unit

    override fun stepBegins(callback: Callback) = Unit

    override fun stepEnds(
        callback: Callback,
        nanos: Long,
    ) {
        if (callback is TaskStep<*>) ran(callback.task, nanos)
    }

    @Synchronized
    private fun ran(
        task: Task<*>,
        nanos: Long,
    ) {
        val times = timesOf(task)
        times.onLoop += nanos
        times.lastEnd = System.nanoTime()
    }

    private fun timesOf(task: Task<*>) = times.getOrPut(task) { Times() }
}
