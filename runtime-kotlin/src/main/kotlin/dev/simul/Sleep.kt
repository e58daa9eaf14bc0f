// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.Timer
import dev.simul.loop.getRunningLoop
import kotlinx.coroutines.yield
import kotlin.coroutines.coroutineContext
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

/**
 * Pauses the calling task for [delay]; a delay that is not positive gives up exactly one turn.
 *
 * Cancelling the task removes the timer.
 *
 * Source: `asyncio.sleep(delay)`.
 */
public suspend fun sleep(delay: Duration) {
    if (delay <= Duration.ZERO) giveUpTurn() else sleepFor<Unit>(delay, Unit)
}

/** As [sleep], and returns [result]. Source: `asyncio.sleep(delay, result)`. */
public suspend fun <T> sleep(
    delay: Duration,
    result: T,
): T {
    if (delay > Duration.ZERO) return sleepFor(delay, result)
    giveUpTurn()
    return result
}

private suspend fun giveUpTurn() {
    val step = coroutineContext.ownStep
    if (step == null) yield() else suspendCoroutineUninterceptedOrReturn<Unit> { step.yieldTurn(it) }
}

private suspend fun <T> sleepFor(
    delay: Duration,
    result: T,
): T = Sleeper(getRunningLoop(), delay, result).wait()

private class Sleeper<T>(
    loop: EventLoop,
    delay: Duration,
    private val result: T,
) : Suspension<T>(loop) {
    private val timer = SleepTimer(loop, loop.deadlineAfter(delay), this).also(loop::add)

    fun wake() {
        if (!done()) complete(Unit)
    }

    override fun onWake(
        step: TaskStep<*>?,
        failure: Throwable?,
    ): Any? {
        if (failure == null) return result
        timer.cancel()
        throw failure
    }

    override fun describeWait(): String = "sleep"

    override fun describeWaitNow(): String = "sleep, ${timer.left()} left"

    override val waitKind: String get() = "sleep"
}

private class SleepTimer(
    loop: EventLoop,
    deadlineNanos: Long,
    private val sleeper: Sleeper<*>,
) : Timer(loop, deadlineNanos) {
    override fun fire() = sleeper.wake()

    /** How long it still takes, by the loop's clock, as precisely as a reader wants to know. */
    fun left(): Duration {
        val left = (deadlineNanos - sleeper.loop.nanoTime()).coerceAtLeast(0).nanoseconds
        return if (left < 10.seconds) left.inWholeMilliseconds.milliseconds else left.inWholeSeconds.seconds
    }

    override fun cutShort(error: Throwable): Boolean {
        sleeper.wake()
        return true
    }
}
