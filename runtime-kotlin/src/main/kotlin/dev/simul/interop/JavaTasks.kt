// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaTasks")

package dev.simul.interop

import dev.simul.Awaitable
import dev.simul.FacadeApi
import dev.simul.Future
import dev.simul.TaskGroup
import dev.simul.gatherDone
import dev.simul.gatherResults
import dev.simul.taskGroup
import java.util.function.Function

/**
 * As [gatherResults], but [collect] makes each result from the future, which is done and counts as retrieved.
 *
 * For a coroutine among the awaitables, the future is its task.
 */
@FacadeApi
public fun <T, R> gatherDone(
    awaitables: List<Awaitable<T>>,
    collect: Function<in Future<T>, out R>,
): Future<List<R>> = gatherDone(awaitables, collect::apply)

/** Enters [group], as [taskGroup] does with its own. */
@FacadeApi
public fun enter(group: TaskGroup): Unit = group.enter()

/**
 * Ends the block of [group], in the calling body: waits for the group's tasks, and throws the group's failure, made of [exception], which
 * the block threw, and of the tasks' failures.
 */
@FacadeApi
public fun leaveInBody(
    group: TaskGroup,
    exception: Throwable?,
): Unit = awaitInBody(Leaving(group, exception))

private class Leaving(
    private val group: TaskGroup,
    private val exception: Throwable?,
) : Awaitable<Unit> {
    override suspend fun await() = group.leave(exception)
}
