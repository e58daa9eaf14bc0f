// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.Task
import dev.simul.bodies.Body
import dev.simul.bodies.framesOfWait
import dev.simul.observe.CallStack
import dev.simul.observe.FrameCallGraphEntry
import dev.simul.observe.TaskIds
import dev.simul.observe.TaskTimes
import dev.simul.observe.cancellationLines
import dev.simul.observe.inShort
import javax.management.openmbean.CompositeData

/**
 * Tells [state] as a record, in the thread of whoever asks, while the loop runs on: the frames of a task that has continued meanwhile may
 * be those of now, or be missing.
 *
 * @param withStacks whether to tell the stacks of the tasks too.
 * @param framesOf reads the stack of a body's thread.
 */
internal class LoopReport(
    private val state: LoopState,
    private val withStacks: Boolean,
    private val framesOf: (Body<*>) -> List<StackTraceElement> = Body<*>::framesOfWait,
) {
    fun record(): CompositeData {
        state.tasks.forEach { TaskIds.of(it.task) } // In the order of their creation, before one names another that it awaits.
        val stacks = stacks()
        val lines = OutermostLines.of(state.tasks.map { it.task }, stacks, framesOf)
        return LoopRecord.of(
            "id" to state.loop.number,
            "thread" to state.loop.threadName,
            "state" to state.activity.word,
            "answered" to state.isAnswer,
            "busyNanos" to state.busyNanos,
            "busyTask" to (state.running?.let(TaskIds::of) ?: 0L),
            "busyStack" to state.stack.take(MOST_FRAMES).map { it.inShort() }.toTypedArray(),
            "metrics" to metrics(),
            "exactTimes" to TaskTimes.areExact,
            "tasks" to state.tasks.map { recordOf(it, lines[it.task].orEmpty(), stacks[it.task].orEmpty()) }.toTypedArray(),
        )
    }

    private fun metrics(): CompositeData =
        with(state.metrics) {
            MetricsRecord.of(
                "turns" to turns,
                "lagNanos" to state.lagNanos,
                "ready" to ready,
                "tasks" to tasks,
                "timers" to timers,
                "connections" to connections,
            )
        }

    /** Those of all tasks if they are asked for, otherwise that of the running one. */
    private fun stacks(): Map<Task<*>, List<FrameCallGraphEntry>> {
        val stacks = HashMap<Task<*>, List<FrameCallGraphEntry>>()
        if (withStacks) state.tasks.associateTo(stacks) { it.task to orElse(emptyList()) { CallStack.of(it.task, framesOf = framesOf) } }
        val running = state.running
        if (running != null) stacks[running] = orElse(emptyList()) { CallStack.ofRunning(running, state.stack) }
        return stacks
    }

    private fun recordOf(
        seen: TaskState,
        line: String,
        stack: List<FrameCallGraphEntry>,
    ): CompositeData {
        val task = seen.task
        return TaskRecord.of(
            "id" to TaskIds.of(task),
            "name" to task.name,
            "state" to seen.state,
            "coroutine" to line,
            "waitingFor" to seen.waitingFor,
            "awaits" to seen.awaited.map(TaskIds::of).toLongArray(),
            "cancelling" to seen.cancelling,
            "cancellation" to cancellationOf(seen).toTypedArray(),
            "ageNanos" to -1L,
            "timeOnLoopNanos" to TaskTimes.of(task),
            "waitingNanos" to if (seen.state == LoopReading.WAITING) TaskTimes.waitingFor(task) else -1L,
            "stack" to if (withStacks) stack.take(MOST_FRAMES).map(::line).toTypedArray() else emptyArray<String>(),
        )
    }

    private fun cancellationOf(seen: TaskState): List<String> =
        if (seen.wasAskedToCancel) orElse(emptyList()) { seen.task.cancellationLines() } else emptyList()

    private fun line(entry: FrameCallGraphEntry) = (if (entry.isAsync) "async " else "") + entry.frame.inShort()

    private companion object {
        const val MOST_FRAMES = 256
    }
}
