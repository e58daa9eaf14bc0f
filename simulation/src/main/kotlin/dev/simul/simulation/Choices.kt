// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import kotlin.random.Random

/**
 * The one sequence that decides whatever is random in a simulation. A run is its choices: the same sequence gives the same run.
 *
 * Each choice is a number from 0 until a bound, and is recorded. **0 is always the plainest behaviour**: first in order, least latency, no
 * fault. What has only one possibility is no choice, and is not recorded. One thread uses it.
 */
internal class Choices private constructor(
    private val generator: SplitMix64?,
    private val replayed: LongArray,
) {
    /** Choices by the generator, from [seed]. */
    constructor(seed: Long) : this(SplitMix64(seed), LongArray(0))

    /**
     * The choices of an earlier run's [recorded]. Past their end each choice is 0; a number that is too large for what is asked is taken
     * modulo the bound.
     */
    constructor(recorded: LongArray) : this(null, recorded)

    private var values = LongArray(64)

    /** How many choices were made. */
    var count: Int = 0
        private set

    /** The choices made so far, in order: what another run replays. */
    val recorded: LongArray get() = values.copyOf(count)

    /** A view for code that takes a [Random], such as `loop.random`. */
    val random: Random = RandomByChoice(this)

    /** A number from 0 until [bound]. */
    fun nextInt(bound: Int): Int = nextLong(bound.toLong()).toInt()

    /** A number from 0 until [bound]. */
    fun nextLong(bound: Long): Long {
        require(bound > 0) { "a choice needs a positive bound, not $bound" }
        if (bound == 1L) return 0
        return record(generator?.below(bound) ?: (replay() % bound))
    }

    /** Any 64 bits, as two choices of 32. */
    fun nextLong(): Long = (nextLong(1L shl 32) shl 32) or nextLong(1L shl 32)

    /** True with this [probability]: a choice of two, 0 for false. */
    fun chance(probability: Double): Boolean {
        require(probability in 0.0..1.0) { "a probability is from 0.0 to 1.0, not $probability" }
        if (probability == 0.0 || probability == 1.0) return probability == 1.0
        val isSo = if (generator != null) generator.fraction() < probability else replay() % 2 == 1L
        return record(if (isSo) 1 else 0) == 1L
    }

    /** Permutes [list] by Fisher and Yates, from its beginning: for each place, which of those that are left comes there. */
    fun <T> shuffle(list: MutableList<T>) {
        for (place in 0 until list.size - 1) {
            val chosen = place + nextInt(list.size - place)
            if (chosen != place) list[chosen] = list.set(place, list[chosen])
        }
    }

    private fun replay(): Long = if (count < replayed.size) replayed[count] else 0

    private fun record(value: Long): Long {
        if (count == values.size) values = values.copyOf(2 * count)
        values[count++] = value
        return value
    }
}
