// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.Context
import dev.simul.loop.EventLoop
import dev.simul.loop.getEventLoop
import dev.simul.loop.getRunningLoop

/**
 * Runs [coroutine] as a task of the running loop; its first step is a turn of its own.
 *
 * Source: `asyncio.create_task(coro, *, name=None, context=None, eager_start=None)`.
 *
 * @param name the task's name; `Task-N` if it is null.
 * @param context the context variables it runs with; if null, a copy of the current ones, made now.
 * @param eagerStart whether its first step runs inside this call; if null, the loop's [taskFactory] decides.
 * @throws IllegalStateException if no loop is running.
 */
public fun <T> createTask(
    name: String? = null,
    context: Context? = null,
    eagerStart: Boolean? = null,
    coroutine: suspend () -> T,
): Task<T> = getRunningLoop().createTask(name, context, eagerStart, coroutine)

/** As the other [createTask], for an existing coroutine. */
public fun <T> createTask(
    coroutine: Coroutine<T>,
    name: String? = null,
    context: Context? = null,
    eagerStart: Boolean? = null,
): Task<T> = getRunningLoop().createTask(coroutine, name, context, eagerStart)

/**
 * Runs [coroutine] as a task of this loop; its first step is a turn of its own.
 *
 * Source: `loop.create_task(coro, *, name=None, context=None, eager_start=None)`.
 *
 * @param eagerStart whether its first step runs inside this call, if the loop is running.
 * @throws IllegalStateException if the loop is closed, or if the task should start eagerly in a context that is already entered.
 */
public fun <T> EventLoop.createTask(
    name: String? = null,
    context: Context? = null,
    eagerStart: Boolean? = null,
    coroutine: suspend () -> T,
): Task<T> {
    val registry = TaskRegistry[this]
    val factory = registry.factory ?: return Task(coroutine, this, name, context, eagerStart ?: false, registry)
    return factory.create(this, coroutine, TaskOptions(name, context, eagerStart))
}

/** As the other [createTask], for an existing coroutine; if this fails, the coroutine can still be awaited. */
public fun <T> EventLoop.createTask(
    coroutine: Coroutine<T>,
    name: String? = null,
    context: Context? = null,
    eagerStart: Boolean? = null,
): Task<T> {
    checkOpen()
    return createTask(name, context, eagerStart, coroutine.take())
}

/**
 * Creates the tasks of a loop.
 *
 * Source: `loop.set_task_factory(factory)`.
 */
public interface TaskFactory {
    /** Returns a task of [loop] that runs [coroutine]; usually made by [newTask]. */
    public fun <T> create(
        loop: EventLoop,
        coroutine: suspend () -> T,
        options: TaskOptions,
    ): Task<T>
}

/**
 * The arguments of `createTask`; null where the caller gave none.
 *
 * @property name the task's name.
 * @property context the context variables it runs with.
 * @property eagerStart whether its first step runs inside the call.
 */
public class TaskOptions(
    public val name: String? = null,
    public val context: Context? = null,
    public val eagerStart: Boolean? = null,
) {
    /** Returns a copy with that [name]. */
    public fun withName(name: String?): TaskOptions = TaskOptions(name, context, eagerStart)

    /** Returns a copy with those [context] variables. */
    public fun withContext(context: Context?): TaskOptions = TaskOptions(name, context, eagerStart)

    /** Returns a copy with a first step that runs inside the call, or in a turn of its own. */
    public fun withEagerStart(eagerStart: Boolean?): TaskOptions = TaskOptions(name, context, eagerStart)

    override fun toString(): String = "TaskOptions(name=$name, context=$context, eagerStart=$eagerStart)"
}

/** Creates a task of this loop without its factory; for use in a [TaskFactory]. Source: `asyncio.Task(coro, loop=loop, **kwargs)`. */
public fun <T> EventLoop.newTask(
    options: TaskOptions = TaskOptions(),
    coroutine: suspend () -> T,
): Task<T> = Task(coroutine, this, options.name, options.context, options.eagerStart ?: false)

/** Starts every task eagerly, unless its caller says otherwise. Source: `asyncio.eager_task_factory`. */
public object EagerTaskFactory : TaskFactory {
    override fun <T> create(
        loop: EventLoop,
        coroutine: suspend () -> T,
        options: TaskOptions,
    ): Task<T> = loop.newTask(options.withEagerStart(options.eagerStart ?: true), coroutine)
}

/**
 * The factory of this loop's tasks; null stands for tasks that start in a turn of their own.
 *
 * Source: `loop.set_task_factory()`, `loop.get_task_factory()`.
 */
public var EventLoop.taskFactory: TaskFactory?
    get() = TaskRegistry[this].factory
    set(value) {
        TaskRegistry[this].factory = value
    }

/**
 * Returns [awaitable] itself if it is a future, otherwise a task that awaits it.
 *
 * Source: `asyncio.ensure_future(obj, *, loop=None)`.
 *
 * @throws IllegalArgumentException if the future belongs to another loop than [loop].
 */
public fun <T> ensureFuture(
    awaitable: Awaitable<T>,
    loop: EventLoop? = null,
): Future<T> =
    when (awaitable) {
        is Future<T> -> {
            require(loop == null || awaitable.loop === loop) {
                "The future belongs to a different loop than the one specified as the loop argument: $awaitable"
            }
            awaitable
        }
        is Coroutine<T> -> createTaskOrClose(loop, awaitable)
        else -> (loop ?: getEventLoop()).createTask { awaitable.await() }
    }

private fun <T> createTaskOrClose(
    loop: EventLoop?,
    coroutine: Coroutine<T>,
): Task<T> =
    try {
        (loop ?: getEventLoop()).createTask(coroutine)
    } catch (e: IllegalStateException) {
        coroutine.close()
        throw e
    }
