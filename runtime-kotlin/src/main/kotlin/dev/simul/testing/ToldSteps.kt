// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.Task
import dev.simul.TaskStep
import dev.simul.loop.Callback
import dev.simul.loop.EventLoop
import dev.simul.loop.SimulationApi
import dev.simul.loop.StepObserver
import dev.simul.loop.observeSteps

/**
 * Calls [tell] for each step of this loop: that a task continues, and then the line where it waits, or the kind of callback that runs. What
 * it is called with depends on the program alone, not on the JVM that runs it.
 */
@SimulationApi
public fun EventLoop.tellSteps(tell: (String) -> Unit): Unit = observeSteps(ToldSteps(tell))

private class ToldSteps(
    private val tell: (String) -> Unit,
) : StepObserver {
    override fun turnBegins(ready: Int) = Unit

    override fun stepBegins(callback: Callback) = tell(if (callback is TaskStep<*>) "${callback.task.name} continues" else kindOf(callback))

    override fun stepEnds(
        callback: Callback,
        nanos: Long,
    ) {
        val task = (callback as? TaskStep<*>)?.task ?: return
        tell(if (task.done()) "${task.name} has ended" else "${task.name} waits${placeOf(task)}")
    }

    private fun placeOf(task: Task<*>): String = AwaitingLine.of(task)?.let { " at ${it.fileName}:${it.lineNumber}" }.orEmpty()

    /** A lambda has a number in its name that the JVM makes up. */
    private fun kindOf(callback: Callback): String =
        callback.javaClass.name
            .substringAfterLast('.')
            .substringBefore("$\$Lambda")
}
