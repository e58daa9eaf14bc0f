// SPDX-License-Identifier: Apache-2.0
@file:JvmName("Bodies")

package dev.simul.interop

import dev.simul.Awaitable
import dev.simul.Coroutine
import dev.simul.FacadeApi
import dev.simul.Timeout
import dev.simul.bodies.Body
import dev.simul.bodies.Call
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.ownCoroutine
import dev.simul.sleep
import java.time.Duration
import java.util.concurrent.Callable
import kotlin.time.toKotlinDuration

/**
 * A coroutine that runs [callable] as a *body*: sequential code that awaits by [awaitInBody].
 *
 * A body has a stack of its own, in another thread, but takes turns like every coroutine: while it runs, the loop waits for it, and it may
 * use the loop, the current task and context variables like code in the loop's thread.
 *
 * To a body its thread looks new: [ThreadLocal] values set by another body are gone, and so are a name, a priority, an interrupt or a
 * context class loader that it set. But callbacks and Kotlin tasks run on the thread of whichever body awaits, and see its [ThreadLocal]s:
 * keep a task's values in context variables.
 *
 * A monitor or lock that a body holds while it awaits stops the whole loop when another body wants it.
 *
 * If the system allows no more threads, only the body's task fails, with an [IllegalStateException].
 *
 * Cancelling the task throws a [dev.simul.exceptions.CancelledException] at the body's current await. If a body still waits when its loop
 * closes, that await and every later one throw a [dev.simul.exceptions.GeneratorExit].
 *
 * Source: the call of an `async def` function.
 */
@FacadeApi
public fun <T> bodyOf(callable: Callable<T>): Coroutine<T> = ownCoroutine { Body(callable, getRunningLoop()).drive() }

/**
 * Waits in the calling body for the result, and returns it or throws the failure.
 *
 * A [Coroutine] runs in the body's own task. Cancelling that task also cancels the awaited object.
 *
 * Source: `await`.
 *
 * @throws IllegalStateException if the caller is not a body.
 */
@FacadeApi
public fun <T> awaitInBody(awaitable: Awaitable<T>): T {
    val body = Body.currentForAwait()
    return body.await(awaitable)
}

/**
 * A call of the calling body that awaits [awaitable]; it has not begun unless [awaitable] is a future. Outside a body it begins at once, as
 * a task of the thread's loop.
 *
 * @throws IllegalStateException if the thread has no loop, running or set, and [awaitable] is not a future.
 */
@FacadeApi
public fun <T> callInBody(awaitable: Awaitable<T>): Call<T> = Call.to(awaitable)

/**
 * A call of [callable] by the calling body, which has not begun: in place, it runs on the caller's own stack; as a task, it is a body.
 * Outside a body it begins at once, as a task of the thread's loop.
 *
 * @throws IllegalStateException if the thread has no loop, running or set.
 */
@FacadeApi
public fun <T> callInBody(callable: Callable<T>): Call<T> = Call.to(callable)

/**
 * Runs [callable] in the calling body, and cancels it when [delay] has passed; null means no limit.
 *
 * Cancelling the task cancels the callable as if there were no timeout; if both happen at once, the cancellation wins.
 *
 * Source: `async with asyncio.timeout(delay)`.
 *
 * @throws TimeoutException if the timeout expired and the callable ended with the cancellation.
 * @throws IllegalStateException if the caller is not a body.
 */
@FacadeApi
public fun <T> timeoutInBody(
    delay: Duration?,
    callable: Callable<T>,
): T {
    val body = Body.currentForAwait()
    return Timeout.begin(delay?.toKotlinDuration()).endAfter { body.runHere(callable) }
}

/**
 * An awaitable that pauses its task for [delay], or gives up exactly one turn if that is not positive, and returns [result].
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
