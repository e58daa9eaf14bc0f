// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.search

import dev.simul.simulation.Choices
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import kotlin.random.Random

class ChoicesTextTest :
    FunSpec({
        test("choices are numbers with commas between them, and zeros are counted") {
            textOf(longArrayOf(3, 0, 0, 0, 5, 0, 7)) shouldBe "choices:3,z3,5,0,7"
            textOf(longArrayOf(0, 0)) shouldBe "choices:z2"
            textOf(LongArray(0)) shouldBe "choices:"
        }

        test("what is written is read") {
            val random = Random(1)
            repeat(1_000) {
                val choices =
                    LongArray(random.nextInt(20)) { if (random.nextBoolean()) 0 else random.nextLong(1, 1L shl random.nextInt(1, 62)) }
                drawn(choicesOf(textOf(choices)), choices.size) shouldBe choices.toList()
            }
        }

        test("a number is a seed") {
            drawn(choicesOf("17"), 5) shouldBe drawn(Choices(17), 5)
        }

        test("anything else is refused, with an example") {
            shouldThrow<IllegalArgumentException> { choicesOf("seventeen") }.message shouldBe
                "SIMUL_SEED is 'seventeen': it must be a seed, such as 7, or what a failure printed, such as choices:3,z12,5"
            for (bad in listOf("x", "-1", "z0", "z", "3.5")) {
                shouldThrow<IllegalArgumentException> {
                    choicesOf(
                        "choices:1,$bad",
                    )
                }.message!! shouldStartWith "'$bad' in 'choices:1,$bad' is no"
            }
        }
    })

private fun drawn(
    choices: Choices,
    count: Int,
) = List(count) { choices.nextLong(Long.MAX_VALUE) }
