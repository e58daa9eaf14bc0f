// SPDX-License-Identifier: Apache-2.0
@file:JvmName("Calls")

package dev.simul.interop

import dev.simul.Awaitable
import dev.simul.Coroutine
import dev.simul.DoneCallback
import dev.simul.FacadeApi
import dev.simul.Future
import dev.simul.Task
import dev.simul.TaskOptions
import dev.simul.bodies.Body
import dev.simul.createTask
import dev.simul.loop.EventLoop
import dev.simul.ownCoroutine
import java.util.concurrent.Callable
import java.util.function.Function

/**
 * Starts the last call of the calling body as a task, if it has not begun, before the caller starts anything else.
 *
 * Outside a body there is no such call, and this does nothing.
 */
@FacadeApi
public fun startCalls() {
    Body.currentOrNull()?.startPending()
}

/**
 * Whether the calling thread may directly read and cancel the objects of [loop]: it holds the loop, or it ran the loop last and the loop
 * does not run now.
 */
@FacadeApi
public fun isAtHand(loop: EventLoop): Boolean = loop.isAtHand

/** Whether the caller is a body whose loop closed before its end: every await throws a [dev.simul.exceptions.GeneratorExit]. */
@FacadeApi
public fun isInAbandonedBody(): Boolean = Body.currentOrNull()?.isAbandoned ?: false

/** A coroutine that awaits [awaitable] and returns the result of [function] for its result. */
@FacadeApi
public fun <T, R> mapped(
    awaitable: Awaitable<T>,
    function: Function<in T, out R>,
): Coroutine<R> = ownCoroutine { function.apply(awaitable.await()) }

/** An awaitable that awaits [awaitable] and returns null: Java has no `Unit`, and uses `Void`. */
@FacadeApi
public fun withoutResult(awaitable: Awaitable<*>): Awaitable<Void?> =
    object : Awaitable<Void?> {
        override suspend fun await(): Void? {
            awaitable.await()
            return null
        }
    }

/**
 * Runs [callable] as a body, a task of [loop], from any thread. Bodies submitted by one thread begin in that order.
 *
 * Cancelling the future cancels the task; the future ends when the task has ended. If the loop closes first, the future is cancelled, or
 * fails with the error that ended the loop.
 *
 * Source: `asyncio.run_coroutine_threadsafe(coro, loop)`.
 *
 * @param options how the task is made; if they name no context, it is a copy of the caller's, made now.
 *
 * @throws IllegalStateException if the loop is closed.
 */
@FacadeApi
public fun <T> submit(
    loop: EventLoop,
    options: TaskOptions,
    callable: Callable<T>,
): Future<T> {
    val future = SubmittedFuture<T>(loop)
    loop.callAwaitedSoon(future::lost) { future.begin(options, bodyOf(callable).take()) }
    return future
}

/** As the other [submit], for what awaits [awaitable]. */
@FacadeApi
public fun <T> submit(
    loop: EventLoop,
    options: TaskOptions,
    awaitable: Awaitable<T>,
): Future<T> {
    val future = SubmittedFuture<T>(loop)
    loop.callAwaitedSoon(future::lost) { future.begin(options, awaitable::await) }
    return future
}

/** A task of [loop], in the loop's thread, that awaits [awaitable] and has begun. */
@FacadeApi
public fun <T> startTask(
    loop: EventLoop,
    awaitable: Awaitable<T>,
): Task<T> = loop.createTask(eagerStart = true) { awaitable.await() }

/** A future that any thread may create, before the task that it follows exists. */
private class SubmittedFuture<T>(
    loop: EventLoop,
) : Future<T>(loop),
    DoneCallback {
    private var task: Task<T>? = null

    fun begin(
        options: TaskOptions,
        coroutine: suspend () -> T,
    ) {
        if (done()) return
        val task =
            try {
                loop.createTask(options.name, options.context, options.eagerStart, coroutine)
            } catch (e: Throwable) {
                fail(e)
                throw e
            }
        this.task = task
        task.addCallback(this)
    }

    override fun cancel(message: String?): Boolean = task?.cancel(message) ?: super.cancel(message)

    override fun schedule(future: Future<*>) {
        val failure = if (future.cancelled()) null else future.failureOrNull()
        @Suppress("UNCHECKED_CAST")
        when {
            future.cancelled() -> becomeCancelled(future.cancelMessage, future.takeCancelledException())
            failure != null -> fail(failure)
            else -> complete(future.storedResult() as T)
        }
    }

    override fun lost(future: Future<*>) = lost(loop.endedBy)

    override fun onBehalfOf(): List<Future<*>> = listOf(this)

    /** The loop closed before the task ended, or began. */
    fun lost(cause: Throwable?) {
        if (done()) return
        if (cause == null) becomeCancelled("the event loop was closed") else fail(cause)
    }

    override fun describeWait(): String = task?.describeWait() ?: "a body that was submitted"
}
