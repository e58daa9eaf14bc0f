// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.Task
import dev.simul.allTasks
import dev.simul.cancellationsInEffect
import dev.simul.loop.EventLoop
import dev.simul.loop.SimulationApi

/**
 * A task that was pending when its test had to end: suppressed in the failure of the test, it says what the task waits for, and its stack
 * trace says where.
 */
internal class StuckTask(
    task: Task<*>,
) : Throwable(task.describeStuck(), null, false, true) {
    init {
        stackTrace = AwaitingLine.allOf(task).toTypedArray()
    }

    override fun fillInStackTrace(): Throwable = this

    override fun toString(): String = message!!
}

/** The pending tasks of a [loop], for the failure of its test; to be made in the loop's thread, or while the loop does not run. */
@SimulationApi
public class StuckTasks(
    loop: EventLoop?,
) {
    private val tasks = loop?.let { allTasks(it) }.orEmpty().toList()

    public val count: Int get() = tasks.size

    /** A line for each task. */
    public val lines: String = tasks.take(MOST_SHOWN).joinToString("", transform = ::linesOf) + andMore()

    private val traces = tasks.take(MOST_SHOWN).map(::StuckTask)

    /** Adds to [failure] where each task waits. */
    public fun <E : Throwable> addTo(failure: E): E =
        failure.apply { traces.filter { it.stackTrace.isNotEmpty() }.forEach(::addSuppressed) }

    private fun linesOf(task: Task<*>) = "\n    ${task.describeStuck()}" + task.cancellationsInEffect().joinToString("") { "\n        $it" }

    private fun andMore() = if (count > MOST_SHOWN) "\n    and ${count - MOST_SHOWN} more" else ""

    private companion object {
        const val MOST_SHOWN = 50
    }
}
