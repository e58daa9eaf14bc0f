// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaTime")

package dev.simul.interop

import dev.simul.AsCompleted
import dev.simul.Awaitable
import dev.simul.Coroutine
import dev.simul.FacadeApi
import dev.simul.Future
import dev.simul.ReturnWhen
import dev.simul.Timeout
import dev.simul.WaitResult
import dev.simul.asCompleted
import dev.simul.bodies.Body
import dev.simul.context.Context
import dev.simul.loop.EventLoop
import dev.simul.loop.TimerHandle
import dev.simul.observe.stallThreshold
import dev.simul.ownCoroutine
import dev.simul.shutdownDefaultExecutor
import dev.simul.staggered.StaggeredResult
import dev.simul.staggered.staggeredRace
import dev.simul.wait
import dev.simul.waitFor
import java.time.Duration
import java.util.concurrent.Callable
import java.util.function.Consumer
import kotlin.time.toJavaDuration
import kotlin.time.toKotlinDuration

// Functions that take or return durations, as java.time has them: Java cannot call functions with Kotlin's durations.

/** As [EventLoop.time]. */
@FacadeApi
public fun timeOf(loop: EventLoop): Duration = loop.time().toJavaDuration()

/** As [EventLoop.callLater]. */
@FacadeApi
public fun callLater(
    loop: EventLoop,
    delay: Duration,
    context: Context?,
    callback: () -> Unit,
): TimerHandle = loop.callLater(delay.toKotlinDuration(), context, callback)

/** As [EventLoop.callAt]. */
@FacadeApi
public fun callAt(
    loop: EventLoop,
    deadline: Duration,
    context: Context?,
    callback: () -> Unit,
): TimerHandle = loop.callAt(deadline.toKotlinDuration(), context, callback)

/** As [TimerHandle.when]. */
@FacadeApi
public fun whenOf(handle: TimerHandle): Duration = handle.`when`().toJavaDuration()

/** As [EventLoop.slowCallbackDuration]. */
@FacadeApi
public fun slowCallbackDurationOf(loop: EventLoop): Duration = loop.slowCallbackDuration.toJavaDuration()

/** Sets [EventLoop.slowCallbackDuration]. */
@FacadeApi
public fun setSlowCallbackDuration(
    loop: EventLoop,
    duration: Duration,
) {
    loop.slowCallbackDuration = duration.toKotlinDuration()
}

/** As [stallThreshold]. */
@FacadeApi
public fun stallThresholdOf(loop: EventLoop): Duration? = loop.stallThreshold?.toJavaDuration()

/** Sets [stallThreshold]. */
@FacadeApi
public fun setStallThreshold(
    loop: EventLoop,
    threshold: Duration?,
) {
    loop.stallThreshold = threshold?.toKotlinDuration()
}

/** A limit of [delay] from now on; null for none. */
@FacadeApi
public fun timeoutAfter(delay: Duration?): Timeout = Timeout.after(delay?.toKotlinDuration())

/** A limit until [deadline], a time of the loop; null for none. */
@FacadeApi
public fun timeoutUntil(deadline: Duration?): Timeout = Timeout(deadline?.toKotlinDuration())

/** As [Timeout.when]. */
@FacadeApi
public fun whenOf(timeout: Timeout): Duration? = timeout.`when`()?.toJavaDuration()

/** As [Timeout.reschedule]. */
@FacadeApi
public fun reschedule(
    timeout: Timeout,
    deadline: Duration?,
): Unit = timeout.reschedule(deadline?.toKotlinDuration())

/** Runs [callable] in the calling body, within [timeout]; see the other [timeoutInBody]. */
@FacadeApi
public fun <T> timeoutInBody(
    timeout: Timeout,
    callable: Callable<T>,
): T {
    val body = Body.currentForAwait()
    return timeout.enter().endAfter { body.runHere(callable) }
}

/** A coroutine that calls [wait]. */
@FacadeApi
public fun <T> waiting(
    futures: Collection<Future<out T>>,
    timeout: Duration?,
    returnWhen: ReturnWhen,
): Coroutine<WaitResult<T>> = ownCoroutine { wait(futures, timeout?.toKotlinDuration(), returnWhen) }

/** As the other [asCompleted]. */
@FacadeApi
public fun <T> asCompleted(
    awaitables: Iterable<Awaitable<T>>,
    timeout: Duration?,
): AsCompleted<T> = asCompleted(awaitables, timeout?.toKotlinDuration())

/** A coroutine that calls [waitFor]. */
@FacadeApi
public fun <T> waitingFor(
    awaitable: Awaitable<T>,
    timeout: Duration?,
): Coroutine<T> = ownCoroutine { waitFor(awaitable, timeout?.toKotlinDuration()) }

/** A coroutine that calls [staggeredRace] with bodies. */
@FacadeApi
public fun <T> racing(
    attempts: Iterable<Callable<out T>>,
    delay: Duration?,
    discard: Consumer<in T>,
): Coroutine<StaggeredResult<T>> =
    ownCoroutine {
        val bodies = attempts.map { attempt -> suspend { bodyOf<T> { attempt.call() }.await() } }
        staggeredRace(bodies, delay?.toKotlinDuration(), discard::accept)
    }

/** A coroutine that calls [shutdownDefaultExecutor]. */
@FacadeApi
public fun shuttingDownDefaultExecutor(
    loop: EventLoop,
    timeout: Duration?,
): Coroutine<Unit> = ownCoroutine { loop.shutdownDefaultExecutor(timeout?.toKotlinDuration()) }
