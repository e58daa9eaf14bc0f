// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.TaskStep
import dev.simul.loop.Callback
import dev.simul.loop.EventLoop
import dev.simul.loop.SimulationApi
import dev.simul.loop.StepObserver
import dev.simul.loop.observeSteps

/**
 * Calls [tell] before each step of this loop: with the name of the task whose step it is and the line where that continues, or the kind of
 * callback. What it is called with depends on the program alone, not on the JVM that runs it.
 */
@SimulationApi
public fun EventLoop.tellSteps(tell: (String) -> Unit): Unit = observeSteps(ToldSteps(tell))

private class ToldSteps(
    private val tell: (String) -> Unit,
) : StepObserver {
    override fun turnBegins(ready: Int) = Unit

    override fun stepBegins(callback: Callback) = tell(if (callback is TaskStep<*>) stepOf(callback) else kindOf(callback))

    override fun stepEnds(
        callback: Callback,
        nanos: Long,
    ) = Unit

    private fun stepOf(step: TaskStep<*>): String {
        val line = AwaitingLine.of(step.task)
        return if (line == null) step.task.name else "${step.task.name} at ${line.fileName}:${line.lineNumber}"
    }

    /** A lambda has a number in its name that the JVM makes up. */
    private fun kindOf(callback: Callback): String =
        callback.javaClass.name
            .substringAfterLast('.')
            .substringBefore("$\$Lambda")
}
