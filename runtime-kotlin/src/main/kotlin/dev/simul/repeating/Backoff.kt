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
 * Two backoffs are equal if their pauses are; their sources of random numbers must be the same object.
 *
 * asyncio has no equivalent; the names are those of other retry libraries.
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
     * Returns a copy whose pauses are shortened at random, so that clients that failed together do not retry together.
     *
     * With a [fraction] of 0.25, a pause of 8 seconds becomes one of 6 to 8 seconds. With 1, also called full jitter, it becomes any time
     * up to 8 seconds. A pause is never longer, so that `max` holds.
     *
     * @param random called once for each pause, by `nextDouble`; one with a seed makes the pauses of a test repeatable.
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
     * The pause after [failures] failures in a row, 1 for the first; draws from the random source if this is jittered.
     *
     * @throws IllegalArgumentException if [failures] is not positive.
     */
    public fun delayAfter(failures: Int): Duration {
        require(failures > 0) { "there is no pause after $failures failures" }
        val delay = if (initial == Duration.ZERO) initial else minOf(initial * factor.pow(failures - 1), max)
        return if (isJittered) delay * (1 - jitter * (random ?: ofLoop()).nextDouble()) else delay
    }

    private val isJittered get() = jitter > 0 || random != null

    /** Outside a loop there is no source whose numbers could be repeated. */
    private fun ofLoop(): Random = getRunningLoopOrNull()?.random ?: Random

    override fun toString(): String =
        buildString {
            append("Backoff(").append(initial)
            if (factor > 1) append(" * ").append(factor)
            if (factor > 1 && max.isFinite()) append(" up to ").append(max)
            if (isJittered) append(", jitter ").append(jitter)
            append(')')
        }

    /** Creates backoffs. */
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
         * Increasing pauses: [initial] after the first failure, then each [factor] times the one before, up to [max].
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
