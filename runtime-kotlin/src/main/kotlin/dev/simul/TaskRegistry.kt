// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.LinkedQueue
import dev.simul.loop.LoopLocal
import dev.simul.loop.getRunningLoop

/**
 * The tasks of a loop: the one whose step runs now, and all pending ones, which it keeps alive.
 *
 * Only the loop's thread changes the pending ones; another thread that reads them starts again if a task ends meanwhile.
 */
internal class TaskRegistry(
    private val loop: EventLoop,
) {
    val current: TaskStep<*>? get() = loop.current.owner as TaskStep<*>?

    /** The loop's task factory. */
    @JvmField
    var factory: TaskFactory? = null

    private val pending = LinkedQueue<TaskStep<*>>()

    fun add(step: TaskStep<*>) = pending.add(step)

    fun remove(step: TaskStep<*>) = pending.remove(step)

    fun pending(): Set<Task<*>> {
        val tasks = LinkedHashSet<Task<*>>()
        while (!pending.walk { if (!it.task.done()) tasks.add(it.task) }) tasks.clear()
        return tasks
    }

    companion object {
        private val of =
            LoopLocal(
                onClose = { _, registry -> registry.reportPending() },
                initial = ::TaskRegistry,
            )

        operator fun get(loop: EventLoop): TaskRegistry = of[loop]
    }

    private fun reportPending() {
        for (task in pending()) {
            loop.callExceptionHandler(
                ExceptionContext("Task was destroyed but it is pending!", null, mapOf("task" to task), task.origin),
            )
            task.lost()
        }
    }
}

/**
 * The task that is running now: null in a plain callback. A kotlinx coroutine that is a child of a task counts as that task.
 *
 * Source: `asyncio.current_task(loop=None)`.
 *
 * @throws IllegalStateException if no loop is given and none is running.
 */
public fun currentTask(loop: EventLoop? = null): Task<*>? = TaskRegistry[loop ?: getRunningLoop()].current?.task

/**
 * The tasks that are not done, in the order of their creation; may be called from another thread for a given [loop].
 *
 * Source: `asyncio.all_tasks(loop=None)`.
 *
 * @throws IllegalStateException if no loop is given and none is running.
 */
public fun allTasks(loop: EventLoop? = null): Set<Task<*>> = TaskRegistry[loop ?: getRunningLoop()].pending()
