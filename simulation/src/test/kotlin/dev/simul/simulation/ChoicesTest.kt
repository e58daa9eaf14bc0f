// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeBetween
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe

class ChoicesTest :
    FunSpec({
        test("a seed means these choices, with every version") {
            val choices = Choices(7)
            List(8) { choices.nextInt(100) } shouldContainExactly SEVEN
        }

        test("the same seed gives the same choices, another one others") {
            everything(Choices(1)) shouldBe everything(Choices(1))
            everything(Choices(1)) shouldNotBe everything(Choices(2))
        }

        test("what was recorded replays") {
            val first = Choices(42)
            val drawn = everything(first)
            val second = Choices(first.recorded)
            everything(second) shouldBe drawn
            second.recorded shouldBe first.recorded
        }

        test("past the end each choice is 0, the plainest behaviour") {
            val choices = Choices(longArrayOf(3))
            choices.nextInt(5) shouldBe 3
            choices.nextInt(5) shouldBe 0
            choices.nextLong() shouldBe 0
            choices.chance(0.99) shouldBe false
            mutableListOf(1, 2, 3).also { choices.shuffle(it) } shouldContainExactly listOf(1, 2, 3)
            choices.random.nextDouble() shouldBe 0.0
            choices.random.nextInt(-4, 9) shouldBe -4
            choices.random.nextLong(Long.MIN_VALUE, Long.MAX_VALUE) shouldBe Long.MIN_VALUE
        }

        test("a recorded number that is too large is taken modulo the bound, and recorded as that") {
            val choices = Choices(longArrayOf(7, 9))
            choices.nextInt(5) shouldBe 2
            choices.chance(0.1) shouldBe true
            choices.recorded shouldBe longArrayOf(2, 1)
        }

        test("what has only one possibility is no choice") {
            val choices = Choices(1)
            choices.nextInt(1) shouldBe 0
            choices.chance(0.0) shouldBe false
            choices.chance(1.0) shouldBe true
            choices.shuffle(mutableListOf("alone"))
            choices.count shouldBe 0
        }

        test("a chance is true about as often as its probability says") {
            val choices = Choices(3)
            (1..10_000).count { choices.chance(0.2) }.shouldBeBetween(1_850, 2_150)
        }

        test("a shuffle reaches every order about as often as another") {
            val choices = Choices(5)
            val orders = (1..6_000).groupingBy { mutableListOf(1, 2, 3).also { choices.shuffle(it) } }.eachCount()
            orders.size shouldBe 6
            orders.values.forEach { it.shouldBeBetween(880, 1_120) }
        }

        test("the view as a Random keeps to its ranges") {
            val random = Choices(11).random
            repeat(1_000) {
                random.nextInt(-3, 4).shouldBeBetween(-3, 3)
                (random.nextLong(Long.MIN_VALUE, 5) < 5) shouldBe true
                (random.nextDouble(1.0, 2.0) in 1.0..<2.0) shouldBe true
                (random.nextFloat() in 0f..<1f) shouldBe true
                random.nextBits(3).shouldBeBetween(0, 7)
            }
            random.nextBytes(16).toSet().size.shouldBeBetween(10, 16)
        }

        test("bytes are drawn four at a time, and are zero where nothing is chosen") {
            val choices = Choices(5)
            choices.random.nextBytes(ByteArray(12), 1, 11).also { listOf(it.first(), it.last()) shouldBe listOf<Byte>(0, 0) }
            choices.count shouldBe 3
            Choices(choices.recorded).random.nextBytes(10) shouldBe Choices(5).random.nextBytes(10)
            Choices(LongArray(0)).random.nextBytes(7) shouldBe ByteArray(7)
            Choices(longArrayOf(0x04030201, 0xFF05)).random.nextBytes(6) shouldBe byteArrayOf(1, 2, 3, 4, 5, -1)
        }

        test("bounds and probabilities that mean nothing are refused") {
            shouldThrow<IllegalArgumentException> { Choices(1).nextInt(0) }.message shouldBe "a choice needs a positive bound, not 0"
            shouldThrow<IllegalArgumentException> { Choices(1).chance(1.5) }.message shouldBe "a probability is from 0.0 to 1.0, not 1.5"
        }
    })

private val SEVEN = listOf(43, 2, 73, 1, 37, 52, 99, 91)

private fun everything(choices: Choices): List<Any> =
    listOf(
        choices.nextInt(10),
        choices.nextLong(),
        choices.nextLong(1L shl 40),
        (1..20).map { choices.chance(0.5) },
        (1..20).toMutableList().also { choices.shuffle(it) },
        choices.random.nextInt(),
        choices.random.nextDouble(-1.0, 1.0),
        choices.random.nextBytes(10).toList(),
        choices.random.nextLong(-5, 5),
        (1..200).map { choices.nextInt(1_000) },
    )
