// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

import org.apache.commons.rng.simple.RandomSource

/**
 * The numbers that Python draws by `random.seed(seed)`, so that a program of an article draws those that the article shows.
 *
 * Source: `random.Random` of CPython, a Mersenne Twister (Matsumoto and Nishimura, 1998).
 */
internal class PythonRandom(
    seed: Int,
) {
    private val twister = RandomSource.MT.create(intArrayOf(seed))

    /** A whole number from [low] to [high], both included. Source: `random.randint`. */
    fun randint(
        low: Int,
        high: Int,
    ): Int {
        val count = high - low + 1
        val bits = Int.SIZE_BITS - count.countLeadingZeroBits()
        var number: Int
        do number = twister.nextInt() ushr (Int.SIZE_BITS - bits) while (number >= count)
        return low + number
    }

    /** A number from [low] to [high]. Source: `random.uniform`. */
    fun uniform(
        low: Double,
        high: Double,
    ): Double = low + (high - low) * random()

    private fun random(): Double {
        val upper = (twister.nextInt() ushr 5).toLong()
        val lower = (twister.nextInt() ushr 6).toLong()
        return ((upper shl 26) + lower) / (1L shl 53).toDouble()
    }
}
