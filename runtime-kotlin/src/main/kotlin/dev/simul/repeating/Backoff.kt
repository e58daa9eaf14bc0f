// SPDX-License-Identifier: Apache-2.0
package dev.simul.repeating

import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull
import kotlin.math.pow
import kotlin.random.Random
import kotlin.time.Duration

/**
 * How long [retry] pauses between two attempts: [NONE], [constant] or [exponential], and [jittered].
 *
 * Two are equal if they pause alike; their sources of random numbers have to be the same one.
 *
 * asyncio has nothing like it; the words are those of other libraries for retries.
 */
@ConsistentCopyVisibility
public data class Backoff private constructor(
    private val initial: Duration,
    private val factor: Double,
    private val max: Duration,
    private val jitter: Double = 0.0,
    private val random: Random? = null,
) {
    init {
        require(!initial.isNegative()) { "a pause cannot be negative, as $initial is" }
        require(factor >= 1 && factor.isFinite()) { "the factor must be finite and at least 1, not $factor" }
        require(max >= initial) { "the longest pause, $max, must not be shorter than the first, $initial" }
        require(jitter in 0.0..1.0) { "the part that is random must be between 0 and 1, not $jitter" }
    }

    /**
     * This, with pauses that are shortened at random, so that clients that failed together do not come back together.
     *
     * Of a pause of 8 seconds, with a [fraction] of 0.25, at least 6 are left. With 1, which is also called full jitter, it may be
     * any time up to 8 seconds. It is never longer, so that `max` holds.
     *
     * @param random gives one `nextDouble` for each pause; one with a seed makes the pauses of a test repeatable.
     * @param fraction how much of a pause is random, from 0 to 1.
     * @throws IllegalArgumentException if [fraction] is not between 0 and 1.
     */
    public fun jittered(
        random: Random,
        fraction: Double = 1.0,
    ): Backoff = Backoff(initial, factor, max, fraction, random)

    /** As the other [jittered], with the random source of the loop that it is used on: see [EventLoop.random]. */
    public fun jittered(fraction: Double = 1.0): Backoff = Backoff(initial, factor, max, fraction)

    /**
     * How long to pause after so many failures in a row, the first of which is number 1; draws from the random source, if it is jittered.
     *
     * @throws IllegalArgumentException if [failures] is not positive.
     */
    public fun delayAfter(failures: Int): Duration {
        require(failures > 0) { "there is no pause after $failures failures" }
        val delay = if (initial == Duration.ZERO) initial else minOf(initial * factor.pow(failures - 1), max)
        return if (isJittered) delay * (1 - jitter * (random ?: ofLoop()).nextDouble()) else delay
    }

    private val isJittered get() = jitter > 0 || random != null

    /** Outside of a loop there is no source to be repeated. */
    private fun ofLoop(): Random = getRunningLoopOrNull()?.random ?: Random

    override fun toString(): String =
        buildString {
            append("Backoff(").append(initial)
            if (factor > 1) append(" * ").append(factor)
            if (factor > 1 && max.isFinite()) append(" up to ").append(max)
            if (isJittered) append(", jitter ").append(jitter)
            append(')')
        }

    /** Makes backoffs. */
    public companion object {
        /** No pauses; each new attempt gives up one turn. */
        public val NONE: Backoff = constant(Duration.ZERO)

        /**
         * The same pause each time.
         *
         * @throws IllegalArgumentException if [delay] is negative.
         */
        public fun constant(delay: Duration): Backoff = Backoff(delay, 1.0, delay)

        /**
         * Pauses that grow: [initial] after the first failure, and then each [factor] times as long as the one before, up to [max].
         *
         * @throws IllegalArgumentException if [initial] is negative, [factor] is less than 1 or not finite, or [max] is less than
         * [initial].
         */
        public fun exponential(
            initial: Duration,
            factor: Double = 2.0,
            max: Duration = Duration.INFINITE,
        ): Backoff = Backoff(initial, factor, max)
    }
}
