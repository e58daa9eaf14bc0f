// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.search

import dev.simul.simulation.Choices
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TestTimeSource

class ShrinkerTest :
    FunSpec({
        test("one large choice is lowered to the least that fails, at its place") {
            shrunk { choices -> List(200) { choices.nextInt(1_000_000) }[100] >= 12_345 } shouldBe List(100) { 0L } + 12_345L
        }

        test("what is read until some number comes is shortened to that number") {
            shrunk { choices -> generateSequence { choices.nextInt(1_000) }.take(200).any { it >= 900 } } shouldBe listOf(900L)
        }

        test("two choices that are only wrong together are both kept") {
            shrunk { choices ->
                val drawn = List(300) { choices.nextInt(256) }
                drawn[17] > 20 && drawn[40] > 30
            } shouldBe List(17) { 0L } + 21L + List(22) { 0L } + 31L
        }

        test("a list with its length before it loses the items that do not matter") {
            shrunk { choices ->
                val items = List(choices.nextInt(50)) { choices.nextInt(100) }
                items.any { it >= 50 }
            } shouldBe listOf(1L, 50L)
        }

        test("events of two choices each lose those that do not matter") {
            shrunk { choices ->
                var down = 0
                var wasPartitioned = false
                var isLost = false
                while (choices.nextInt(20) != 0 && choices.count < 500) {
                    when (choices.nextInt(4)) {
                        1 -> down = choices.nextInt(5)
                        2 -> wasPartitioned = down == 3
                        3 -> isLost = isLost || wasPartitioned
                    }
                }
                isLost
            } shouldBe listOf(1L, 1L, 3L, 1L, 2L, 1L, 3L)
        }

        test("choices that have to meet are lowered together") {
            shrunk { choices ->
                val timer = choices.nextInt(100)
                val steps = List(5) { choices.nextInt(20) }
                timer == steps.sum() + 3
            } shouldBe listOf(3L)
        }

        test("choices that the failure does not need become zero, also where nothing can be deleted") {
            val shrunk = shrunk { choices -> List(64) { choices.nextInt(10) }.chunked(8).all { part -> part.sum() > 0 } }
            shrunk.filter { it > 0 } shouldBe List(8) { 1L }
        }

        test("what always fails needs no choice") {
            shrunk { choices ->
                repeat(1_000) { choices.nextInt(7) }
                true
            } shouldBe emptyList()
        }

        test("thousands of choices shrink in hundreds of runs") {
            val failing = failingChoices(::failsLate)
            val shrinker = shrinkerOf(::failsLate)
            shrinker.shrink(failing).toList() shouldBe List(3_000) { 0L } + listOf(2L) + List(998) { 0L } + listOf(5L)
            shrinker.runs shouldBeLessThan 700
        }

        test("the result and the number of runs are the same each time") {
            val failing = failingChoices(::failsLate)
            val (first, second) = List(2) { shrinkerOf(::failsLate, maxRuns = 60).let { it.shrink(failing).toList() to it.runs } }
            first shouldBe second
        }

        test("no more runs are made than the budget says, and each simpler one that fails is kept") {
            val failing = failingChoices(::failsLate)
            for (maxRuns in listOf(0, 1, 10, 40)) {
                var runs = 0
                val shrunk =
                    Shrinker(ShrinkBudget(maxRuns, 1.minutes)) { candidate ->
                        runs++
                        replay(candidate, ::failsLate)
                    }.shrink(failing)
                runs.shouldBeInRange(0..maxRuns)
                failsLate(Choices(shrunk)) shouldBe true
            }
        }

        test("time ends it too") {
            val clock = TestTimeSource()
            var runs = 0
            val budget = ShrinkBudget(maxRuns = 100_000, time = 10.seconds, clock)
            Shrinker(budget) { candidate ->
                runs++
                clock += 1.seconds
                replay(candidate, ::failsLate)
            }.shrink(failingChoices(::failsLate))
            runs shouldBe 10
        }

        test("it never shows a run that does not fail") {
            // Odd sums fail: neither order nor size says what does.
            val shrunk = shrunk { choices -> List(20) { choices.nextInt(50) }.sum() % 2 == 1 }
            shrunk shouldBe List(shrunk.size - 1) { 0L } + 1L
        }
    })

private fun failsLate(choices: Choices): Boolean {
    val drawn = List(4_000) { choices.nextInt(100) }
    return drawn[3_000] >= 2 && drawn[3_999] >= 5
}

private fun shrunk(fails: (Choices) -> Boolean): List<Long> = shrinkerOf(fails).shrink(failingChoices(fails)).toList()

private fun shrinkerOf(
    fails: (Choices) -> Boolean,
    maxRuns: Int = 5_000,
) = Shrinker(ShrinkBudget(maxRuns, Duration.INFINITE)) { replay(it, fails) }

private fun replay(
    candidate: LongArray,
    fails: (Choices) -> Boolean,
): LongArray? = Choices(candidate).let { if (fails(it)) it.recorded else null }

/** What the first seed that fails has drawn. */
private fun failingChoices(fails: (Choices) -> Boolean): LongArray =
    generateSequence(0L) { it + 1 }.firstNotNullOf { seed -> Choices(seed).let { if (fails(it)) it.recorded else null } }
