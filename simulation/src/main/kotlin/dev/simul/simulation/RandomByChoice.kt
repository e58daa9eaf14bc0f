// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import kotlin.math.nextDown
import kotlin.random.Random

/** Whatever [Random] promises, drawn from [choices]; by rules of its own, since those of the standard library may change. */
internal class RandomByChoice(
    private val choices: Choices,
) : Random() {
    override fun nextBits(bitCount: Int): Int = if (bitCount == 0) 0 else choices.nextLong(1L shl bitCount).toInt()

    override fun nextInt(): Int = nextBits(32)

    override fun nextInt(until: Int): Int = nextInt(0, until)

    override fun nextInt(
        from: Int,
        until: Int,
    ): Int {
        require(from < until) { "no number lies from $from until $until" }
        return (from + choices.nextLong(until.toLong() - from)).toInt()
    }

    override fun nextLong(): Long = choices.nextLong()

    override fun nextLong(until: Long): Long = nextLong(0, until)

    override fun nextLong(
        from: Long,
        until: Long,
    ): Long {
        require(from < until) { "no number lies from $from until $until" }
        val range = until - from
        if (range > 0) return from + choices.nextLong(range)
        // More than half of all numbers: one of them is found soon.
        while (true) {
            val number = from + choices.nextLong()
            if (number in from until until) return number
        }
    }

    override fun nextBoolean(): Boolean = choices.nextInt(2) == 1

    override fun nextDouble(): Double = choices.nextLong(1L shl 53) / (1L shl 53).toDouble()

    override fun nextDouble(until: Double): Double = nextDouble(0.0, until)

    override fun nextDouble(
        from: Double,
        until: Double,
    ): Double {
        require(from < until) { "no number lies from $from until $until" }
        val range = until - from
        val number = if (range.isFinite()) from + nextDouble() * range else from + nextDouble() * (until / 2 - from / 2) * 2
        return if (number < until) number else until.nextDown()
    }

    override fun nextFloat(): Float = choices.nextInt(1 shl 24) / (1 shl 24).toFloat()

    override fun nextBytes(
        array: ByteArray,
        fromIndex: Int,
        toIndex: Int,
    ): ByteArray {
        require(
            fromIndex in 0..toIndex && toIndex <= array.size,
        ) { "an array of ${array.size} has no bytes from $fromIndex until $toIndex" }
        for (i in fromIndex until toIndex step Int.SIZE_BYTES) fill(array, i, minOf(i + Int.SIZE_BYTES, toIndex))
        return array
    }

    /** By one choice for all. */
    private fun fill(
        array: ByteArray,
        from: Int,
        to: Int,
    ) {
        var bytes = choices.nextLong(1L shl (Byte.SIZE_BITS * (to - from)))
        for (i in from until to) {
            array[i] = bytes.toByte()
            bytes = bytes shr Byte.SIZE_BITS
        }
    }
}
