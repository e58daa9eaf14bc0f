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
 * As [gatherResults], but the results are what [collect] makes of the futures, all of which are done and count as read.
 *
 * A coroutine among the awaitables comes as its task.
 */
@FacadeApi
public fun <T, R> gatherDone(
    awaitables: List<Awaitable<T>>,
    collect: Function<in Future<T>, out R>,
): Future<List<R>> = gatherDone(awaitables, collect::apply)

/** Begins [group], as [taskGroup] does with the one that it makes. */
@FacadeApi
public fun enter(group: TaskGroup): Unit = group.enter()

/**
 * The end of the block of [group], in the calling body: waits for the group's tasks, and throws what it makes of [exception], which the
 * block threw, and of what they threw.
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
