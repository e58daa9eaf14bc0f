// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import kotlin.time.Duration

/**
 * How long something takes: each time any duration [from] the least [to] the most one, as likely as any other. The plainest choice is
 * the least one.
 *
 * What is drawn is cut off to a round number of steps from the least one, such as 100 microseconds if the range is of some milliseconds:
 * to the nanosecond, two messages would never arrive at the same moment, nor one with a timer, and what goes wrong only then would not be
 * found.
 *
 * ```
 * network.conditions.latency = Latency(1.milliseconds, 5.milliseconds).withSpikes(0.01, 2.seconds)
 * ```
 *
 * asyncio has no equivalent.
 *
 * @property from at least as long.
 * @property to at most as long.
 * @throws IllegalArgumentException if a duration is negative or infinite, or [to] is less than [from].
 */
public class Latency private constructor(
    public val from: Duration,
    public val to: Duration,
    private val spikes: Double,
    private val longest: Duration,
) {
    /** A duration [from] the one [to] the other; always the same one if that is the only one. */
    public constructor(from: Duration, to: Duration = from) : this(from, to, 0.0, to)

    init {
        require(from >= Duration.ZERO && to.isFinite() && from <= to) { "a latency from $from to $to: it must be finite, and not negative" }
        require(spikes in 0.0..1.0) { "the probability of a spike is $spikes: it must be from 0.0 to 1.0" }
        require(longest >= to && longest.isFinite()) { "spikes up to $longest: they must be finite, and at least the usual $to" }
    }

    /**
     * This latency, which now and then, with that [probability], is anything up to [longest]: the long tail that a busy switch or a lost
     * packet gives real networks.
     *
     * @throws IllegalArgumentException if [probability] is not from 0.0 to 1.0, or [longest] is less than [to] or infinite.
     */
    public fun withSpikes(
        probability: Double,
        longest: Duration,
    ): Latency = Latency(from, to, probability, longest)

    /** Draws one, in nanoseconds. */
    internal fun draw(choices: Choices): Long {
        val most = if (choices.chance(spikes)) longest else to
        val range = (most - from).inWholeNanoseconds
        val more = choices.nextLong(range + 1)
        return from.inWholeNanoseconds + more - more % stepOf(range)
    }

    /** The largest power of ten that has room ten times in [range]. */
    private fun stepOf(range: Long): Long {
        var step = 1L
        while (step <= range / 100) step *= 10
        return step
    }

    override fun toString(): String =
        (if (from == to) "$from" else "$from to $to") + if (spikes > 0) ", now and then up to $longest" else ""

    /** Ready-made latencies. */
    public companion object {
        /** No time at all. */
        public val NONE: Latency = Latency(Duration.ZERO)
    }
}
