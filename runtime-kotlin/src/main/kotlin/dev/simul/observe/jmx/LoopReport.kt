// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.Task
import dev.simul.bodies.Body
import dev.simul.bodies.framesOfWait
import dev.simul.inShort
import dev.simul.observe.CallStack
import dev.simul.observe.FrameCallGraphEntry
import dev.simul.observe.TaskIds
import dev.simul.observe.TaskTimes
import dev.simul.observe.WatchedLoop
import dev.simul.observe.jmx.RecordType.Companion.FLAG
import dev.simul.observe.jmx.RecordType.Companion.INT
import dev.simul.observe.jmx.RecordType.Companion.LONG
import dev.simul.observe.jmx.RecordType.Companion.TEXT
import dev.simul.observe.jmx.RecordType.Companion.TEXTS
import javax.management.openmbean.CompositeData

/**
 * Tells [state] as a record, in the thread of whoever asks, while the loop runs on: the frames of a task that has continued meanwhile may
 * be those of now, or be missing.
 *
 * @param wantsStack whether to tell the stack of the task with that id, too.
 * @param framesOf reads the stack of a body's thread.
 */
internal class LoopReport(
    private val state: LoopState,
    private val wantsStack: (id: Long) -> Boolean,
    private val framesOf: (Body<*>) -> List<StackTraceElement> = Body<*>::framesOfWait,
) {
    fun record(): CompositeData = RECORD.of(this)

    private fun tasks(): Array<CompositeData> {
        val ids = state.tasks.map { TaskIds.of(it.task) } // In the order of their creation, before one names another that it awaits.
        val stacks = stacks(ids)
        val lines = OutermostLines.of(state.tasks.map { it.task }, stacks, framesOf)
        val now = System.nanoTime()
        val ages = WatchedLoop.orNull(state.loop)?.ages?.also { it.sample(now) }
        return Array(ids.size) { index ->
            val seen = state.tasks[index]
            val stack = if (wantsStack(ids[index])) stacks[seen.task].orEmpty().take(MOST_FRAMES) else emptyList()
            TaskReport(seen, ids[index], lines[seen.task].orEmpty(), ages?.of(seen.task, now) ?: -1L, stack).record()
        }
    }

    /** Those of the tasks for which they are asked for, and that of the running one. */
    private fun stacks(ids: List<Long>): Map<Task<*>, List<FrameCallGraphEntry>> {
        val stacks = HashMap<Task<*>, List<FrameCallGraphEntry>>()
        state.tasks.forEachIndexed { index, seen ->
            if (wantsStack(ids[index])) stacks[seen.task] = orElse(emptyList()) { CallStack.of(seen.task, framesOf = framesOf) }
        }
        val running = state.running
        if (running != null) stacks[running] = orElse(emptyList()) { CallStack.ofRunning(running, state.stack) }
        return stacks
    }

    companion object {
        private const val MOST_FRAMES = 256

        val RECORD =
            RecordType<LoopReport>(
                "LoopSnapshot",
                "A loop and its tasks",
                Field("id", INT, "Its number in this JVM") { it.state.loop.number },
                Field("thread", TEXT, "The thread that runs it, or ran it last") { it.state.loop.threadName },
                Field("state", TEXT, "running, idle or stopped") { it.state.activity.word },
                Field("answered", FLAG, "Whether it said this itself; if not, it was read while it ran") { it.state.isAnswer },
                Field("busyNanos", LONG, "How long the current step has taken; -1 if that is not known") { it.state.busyNanos },
                Field("busyTask", LONG, "The task whose step runs; 0 if there is none") { it.state.running?.let(TaskIds::of) ?: 0L },
                Field("busyStack", TEXTS, "The stack of the thread that holds it, if it did not answer") { report ->
                    report.state.stack
                        .take(MOST_FRAMES)
                        .map { it.inShort() }
                        .toTypedArray()
                },
                Field("metrics", LoopFigures.RECORD.type, "What it has to do") { LoopFigures.RECORD.of(it.state.figures) },
                Field("exactTimes", FLAG, "Whether times on the loop are measured rather than sampled") { TaskTimes.areExact },
                Field("tasks", TaskReport.RECORD.arrayType, "Its tasks, in the order of their creation") { it.tasks() },
            )
    }
}
