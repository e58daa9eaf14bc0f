// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.knownbugs

import dev.simul.Future
import dev.simul.Task
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.ExceptionGroup
import dev.simul.loop.getRunningLoop
import dev.simul.taskGroup
import kotlinx.coroutines.CancellationException

/** Starts a task in a group. */
internal typealias Spawn = (coroutine: suspend () -> Unit) -> Unit

/** Runs a block with a group of tasks. */
internal typealias Group = suspend (block: suspend (Spawn) -> Unit) -> Unit

/** Ours. */
internal suspend fun rightTaskGroup(block: suspend (Spawn) -> Unit) =
    taskGroup { group -> block { coroutine -> group.createTask(coroutine = coroutine) } }

/**
 * A task group that throws the failures of its tasks, and forgets about a cancellation of its parent by somebody else at the same time: if the
 * parent handles the failures, it goes on, although it was to end.
 *
 * Source: `asyncio.TaskGroup` of Python 3.11 and 3.12; python/cpython#116720.
 */
internal suspend fun forgetfulTaskGroup(block: suspend (Spawn) -> Unit) = ForgetfulTaskGroup(currentTask()!!).run(block)

private class ForgetfulTaskGroup(
    private val parent: Task<*>,
) {
    private val tasks = LinkedHashSet<Task<*>>()
    private val errors = ArrayList<Throwable>()
    private var isAborting = false
    private var hasCancelledParent = false
    private var completed: Future<Unit>? = null

    suspend fun run(block: suspend (Spawn) -> Unit) {
        var cancellation: CancellationException? = null
        try {
            block(::spawn)
        } catch (e: CancellationException) {
            cancellation = e
            abort()
        } catch (e: Throwable) {
            errors += e
            abort()
        }
        while (tasks.isNotEmpty()) {
            try {
                getRunningLoop().createFuture<Unit>().also { completed = it }.await()
            } catch (e: CancellationException) {
                if (isAborting) continue
                cancellation = e
                abort()
            }
        }
        if (hasCancelledParent && parent.uncancel() == 0) cancellation = null
        // The mistake: the parent, if it is cancelled from outside too, has to be cancelled again.
        if (errors.isNotEmpty()) throw ExceptionGroup("unhandled errors in a task group", errors)
        if (cancellation != null) throw cancellation
    }

    private fun spawn(coroutine: suspend () -> Unit) {
        val task = createTask(coroutine = coroutine)
        tasks += task
        task.addDoneCallback { ended(task) }
    }

    private fun ended(task: Task<*>) {
        tasks -= task
        if (tasks.isEmpty()) completed?.let { if (!it.done()) it.setResult(Unit) }
        if (task.cancelled()) return
        errors += task.exception() ?: return
        if (isAborting) return
        hasCancelledParent = true
        abort()
        parent.cancel()
    }

    private fun abort() {
        isAborting = true
        tasks.forEach { it.cancel() }
    }
}
