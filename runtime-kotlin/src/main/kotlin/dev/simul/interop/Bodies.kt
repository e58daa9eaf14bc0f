// SPDX-License-Identifier: Apache-2.0
@file:JvmName("Bodies")

package dev.simul.interop

import dev.simul.Awaitable
import dev.simul.Coroutine
import dev.simul.FacadeApi
import dev.simul.Timeout
import dev.simul.bodies.Body
import dev.simul.bodies.Call
import dev.simul.coroutine
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.StackRoom
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import java.time.Duration
import java.util.concurrent.Callable
import kotlin.time.toKotlinDuration

/**
 * A coroutine that runs [callable] as a *body*: plain code that awaits in a straight line, by [awaitInBody].
 *
 * A body has a stack of its own, in another thread, but takes turns as every coroutine does: while it runs, the loop waits
 * for it, and it may use the loop, the current task and context variables as code in the loop's thread may.
 *
 * A body finds its thread as if it were a new one: what another body has left in a [ThreadLocal] is gone, and so are a name, a
 * priority, an interrupt or a context class loader of its making. But callbacks, and tasks of Kotlin, run on the thread of whichever
 * body awaits, and see its [ThreadLocal]s: what belongs to a task belongs in context variables.
 *
 * A monitor or lock that a body holds while it awaits stops the whole loop when another body wants it.
 *
 * If the system allows no more threads the body's task fails, alone, with an [IllegalStateException].
 *
 * Cancelling the task throws a [dev.simul.exceptions.CancelledException] at the body's current await. A body that still waits when its
 * loop closes has a [dev.simul.exceptions.GeneratorExit] thrown there, and by every later await.
 *
 * Source: the call of an `async def` function.
 */
@FacadeApi
public fun <T> bodyOf(callable: Callable<T>): Coroutine<T> = coroutine { Body(callable, getRunningLoop()).drive() }

/**
 * Waits in the calling body until there is a result, and returns it or throws what was thrown instead.
 *
 * A [Coroutine] runs in the body's own task. Cancelling that task cancels what is awaited.
 *
 * Source: `await`.
 *
 * @throws IllegalStateException if the caller is no body.
 */
@FacadeApi
public fun <T> awaitInBody(awaitable: Awaitable<T>): T {
    val body = Body.current()
    StackRoom.requireForAwait()
    body.startPending()
    return body.await(awaitable)
}

/**
 * A call of the calling body to what [awaitable] stands for, which has not begun unless it is a future. Elsewhere it begins at
 * once, as a task of the thread's loop.
 *
 * @throws IllegalStateException if the thread has no loop, running or set, unless it is a future, which needs none.
 */
@FacadeApi
public fun <T> callInBody(awaitable: Awaitable<T>): Call<T> = Call.to(awaitable)

/**
 * A call of the calling body to [callable], which has not begun: in place it runs on the caller's own stack, as a task it is
 * a body. Elsewhere it begins at once, as a task of the thread's loop.
 *
 * @throws IllegalStateException if the thread has no loop, running or set.
 */
@FacadeApi
public fun <T> callInBody(callable: Callable<T>): Call<T> = Call.to(callable)

/**
 * Runs [callable] in the calling body, and cancels it when [delay] has passed; null means without a limit.
 *
 * Cancelling the task cancels the callable as if there were no timeout; of both at once, the cancellation wins.
 *
 * Source: `async with asyncio.timeout(delay)`.
 *
 * @throws TimeoutException if the time has passed and the callable ended with the cancellation.
 * @throws IllegalStateException if the caller is no body.
 */
@FacadeApi
public fun <T> timeoutInBody(
    delay: Duration?,
    callable: Callable<T>,
): T {
    val body = Body.current()
    StackRoom.requireForAwait()
    body.startPending()
    return Timeout.begin(delay?.toKotlinDuration()).endAfter { body.runHere(callable) }
}

/**
 * What pauses its task for [delay], or gives up exactly one turn if that is not positive, and returns [result].
 *
 * Cancelling the task removes the timer.
 *
 * Source: `asyncio.sleep(delay, result)`.
 */
@FacadeApi
public fun <T> sleeping(
    delay: Duration,
    result: T,
): Awaitable<T> = Sleeping(delay, result)

private class Sleeping<T>(
    private val delay: Duration,
    private val result: T,
) : Awaitable<T> {
    override suspend fun await(): T = sleep(delay.toKotlinDuration(), result)
}
