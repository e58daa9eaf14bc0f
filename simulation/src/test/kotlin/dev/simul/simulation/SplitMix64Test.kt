// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeBetween
import io.kotest.matchers.shouldBe
import java.util.SplittableRandom

class SplitMix64Test :
    FunSpec({
        test("the numbers are those of the reference implementation") {
            val generator = SplitMix64(1234567)
            List(5) { generator.next().toULong() } shouldContainExactly
                listOf(
                    6457827717110365317u,
                    3203168211198807973u,
                    9817491932198370423u,
                    4593380528125082431u,
                    16408922859458223821u,
                )
        }

        test("the JDK's SplittableRandom draws the same 64 bits") {
            for (seed in listOf(0L, 1L, -1L, Long.MIN_VALUE, 0x5eed)) {
                val generator = SplitMix64(seed)
                val other = SplittableRandom(seed)
                List(100) { generator.next() } shouldBe List(100) { other.nextLong() }
            }
        }

        test("numbers below a bound are below it, and each comes about as often as another") {
            val generator = SplitMix64(7)
            val counts = IntArray(6)
            repeat(60_000) { counts[generator.below(6).toInt()]++ }
            counts.forEach { it.toLong().shouldBeBetween(9_500, 10_500) }
            // The last, partial run of 63 bits is more than a third of all here.
            val large = (Long.MAX_VALUE / 8) * 5
            val upper = (1..3_000).count { generator.below(large) >= large / 2 }
            upper.toLong().shouldBeBetween(1_350, 1_650)
        }
    })
