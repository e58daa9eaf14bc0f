// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.inShort
import dev.simul.observe.FrameCallGraphEntry
import dev.simul.observe.TaskIds
import dev.simul.observe.TaskTimes
import dev.simul.observe.cancellationLines
import dev.simul.observe.jmx.RecordType.Companion.INT
import dev.simul.observe.jmx.RecordType.Companion.LONG
import dev.simul.observe.jmx.RecordType.Companion.LONGS
import dev.simul.observe.jmx.RecordType.Companion.TEXT
import dev.simul.observe.jmx.RecordType.Companion.TEXTS
import javax.management.openmbean.CompositeData

/** Tells a task that was [seen] as a record. */
internal class TaskReport(
    private val seen: TaskState,
    private val id: Long,
    private val line: String,
    private val ageNanos: Long,
    private val stack: List<FrameCallGraphEntry>,
) {
    private val task = seen.task

    fun record(): CompositeData = RECORD.of(this)

    private fun cancellation(): List<String> = if (seen.wasAskedToCancel) orElse(emptyList()) { task.cancellationLines() } else emptyList()

    companion object {
        val RECORD =
            RecordType<TaskReport>(
                "Task",
                "A task that is not done",
                Field("id", LONG, "Its number in this JVM") { it.id },
                Field("name", TEXT, "Its name") { it.task.name },
                Field("state", TEXT, "running, ready or waiting") { it.seen.state },
                Field("coroutine", TEXT, "Its outermost frame") { it.line },
                Field("waitingFor", TEXT, "What it waits for; null unless it waits") { it.seen.waitingFor },
                Field("awaits", LONGS, "The tasks that it waits for") { it.seen.awaited.map(TaskIds::of).toLongArray() },
                Field("cancelling", INT, "Requests to cancel it that were not taken back") { it.seen.cancelling },
                Field("cancellation", TEXTS, "Who asked to cancel it, and what became of that") { it.cancellation().toTypedArray() },
                Field("ageNanos", LONG, "For how long it has been there, at least; -1 if that is not known") { it.ageNanos },
                Field("timeOnLoopNanos", LONG, "How long it has held the loop in all; -1 if that is not known") { TaskTimes.of(it.task) },
                Field("waitingNanos", LONG, "For how long it has waited; -1 if that is not known") {
                    if (it.seen.state == LoopReading.WAITING) TaskTimes.waitingFor(it.task) else -1L
                },
                Field("stack", TEXTS, "Its frames, the innermost first, if they were asked for") { it.stack.map(::line).toTypedArray() },
            )

        private fun line(entry: FrameCallGraphEntry) = (if (entry.isAsync) "async " else "") + entry.frame.inShort()
    }
}
