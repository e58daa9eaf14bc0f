// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

/**
 * The generator of a simulation's choices. It is written out here so that a seed means the same run with every version of Kotlin, Java and
 * this module.
 *
 * Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, with the constants of Vigna's
 * `splitmix64.c`.
 */
internal class SplitMix64(
    private var state: Long,
) {
    /** The next 64 bits. */
    fun next(): Long {
        state += -0x61c8864680b583ebL
        var bits = state
        bits = (bits xor (bits ushr 30)) * -0x40a7b892e31b1a47L
        bits = (bits xor (bits ushr 27)) * -0x6b2fb644ecceee15L
        return bits xor (bits ushr 31)
    }

    /** A number from 0 until [bound], each with the same probability: 63 bits modulo [bound], drawn again if they are in the last, partial run. */
    fun below(bound: Long): Long {
        while (true) {
            val bits = next() ushr 1
            val value = bits % bound
            if (bits - value + (bound - 1) >= 0) return value
        }
    }

    /** A number from 0 until 1: the upper 53 of 64 bits. */
    fun fraction(): Double = (next() ushr 11) * FRACTION_UNIT

    private companion object {
        const val FRACTION_UNIT = 1.0 / (1L shl 53)
    }
}
