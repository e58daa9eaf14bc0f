// SPDX-License-Identifier: Apache-2.0
@file:JvmName("Repeating")

package dev.simul.interop

import dev.simul.Awaitable
import dev.simul.FacadeApi
import dev.simul.bodies.Body
import dev.simul.loop.EventLoop
import dev.simul.repeating.Backoff
import dev.simul.repeating.MissedTicks
import dev.simul.repeating.Retries
import dev.simul.repeating.Ticks
import dev.simul.repeating.every
import dev.simul.repeating.retry
import java.time.Duration
import java.util.concurrent.Callable
import java.util.function.Predicate
import java.util.random.RandomGenerator
import kotlin.random.Random
import kotlin.random.asJavaRandom
import kotlin.time.toKotlinDuration

/** As [retry], in the calling body: each attempt runs on its stack. */
@FacadeApi
public fun <T> retryInBody(
    attempts: Int,
    backoff: Backoff,
    retryIf: Predicate<in Exception>,
    callable: Callable<T>,
): T {
    val body = Body.currentForAwait()
    val retries = Retries(attempts, backoff)
    while (true) {
        try {
            return body.runHere(callable)
        } catch (e: Throwable) {
            val failure = retries.failed(e)
            if (!retryIf.test(failure)) throw retries.withEarlier(failure)
            retries.goOnAfter(failure)
        }
        awaitInBody(awaitable { retries.pause() })
    }
}

/** As [every], in the calling body: each run is on its stack. */
@FacadeApi
public fun everyInBody(
    period: Duration,
    initialDelay: Duration,
    missedTicks: MissedTicks,
    callable: Callable<*>,
): Nothing {
    val body = Body.currentForAwait()
    val ticks = Ticks(period.toKotlinDuration(), initialDelay.toKotlinDuration(), missedTicks)
    awaitInBody(awaitable { ticks.awaitFirst() })
    while (true) {
        body.runHere(callable)
        awaitInBody(awaitable { ticks.awaitNext() })
    }
}

/** An awaitable that runs [block] in the task that awaits it. */
private fun awaitable(block: suspend () -> Unit): Awaitable<Unit> =
    object : Awaitable<Unit> {
        override suspend fun await() = block()
    }

/** As [Backoff.constant]. */
@FacadeApi
public fun constantBackoff(delay: Duration): Backoff = Backoff.constant(delay.toKotlinDuration())

/** As [Backoff.exponential]; without a longest pause if [max] is null. */
@FacadeApi
public fun exponentialBackoff(
    initial: Duration,
    factor: Double,
    max: Duration?,
): Backoff = Backoff.exponential(initial.toKotlinDuration(), factor, max?.toKotlinDuration() ?: kotlin.time.Duration.INFINITE)

/** As [Backoff.jittered]. */
@FacadeApi
public fun jittered(
    backoff: Backoff,
    random: RandomGenerator,
    fraction: Double,
): Backoff = backoff.jittered(GeneratorRandom(random), fraction)

/** As the other [jittered], with the loop's random source. */
@FacadeApi
public fun jittered(
    backoff: Backoff,
    fraction: Double,
): Backoff = backoff.jittered(fraction)

/** Sets [EventLoop.random]. */
@FacadeApi
public fun setRandom(
    loop: EventLoop,
    random: RandomGenerator,
) {
    loop.random = GeneratorRandom(random)
}

/** [EventLoop.random] as a Java generator of random numbers. */
@FacadeApi
public fun randomOf(loop: EventLoop): RandomGenerator = (loop.random as? GeneratorRandom)?.generator ?: loop.random.asJavaRandom()

/** A Java [generator] as a source of random numbers; a data class since backoffs are compared. */
private data class GeneratorRandom(
    val generator: RandomGenerator,
) : Random() {
    override fun nextBits(bitCount: Int): Int = if (bitCount == 0) 0 else generator.nextInt() ushr (Int.SIZE_BITS - bitCount)

    override fun nextDouble(): Double = generator.nextDouble()
}
