// SPDX-License-Identifier: Apache-2.0
package dev.simul.repeating

import dev.simul.loop.getRunningLoop
import dev.simul.resultOfTest
import dev.simul.run
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.ranges.shouldBeIn
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

private fun Backoff.delays(count: Int) = (1..count).map { delayAfter(it) }

class BackoffTest :
    FunSpec({
        test("an exponential one grows by its factor, up to its longest pause") {
            Backoff.exponential(100.milliseconds).delays(4).map { it.inWholeMilliseconds }.shouldContainExactly(100, 200, 400, 800)
            Backoff.exponential(1.seconds, 3.0, 20.seconds).delays(5).map { it.inWholeSeconds }.shouldContainExactly(1, 3, 9, 20, 20)
        }

        test("one that grows beyond all numbers stays at its longest pause") {
            Backoff.exponential(1.seconds, max = 60.seconds).delayAfter(Int.MAX_VALUE) shouldBe 60.seconds
            Backoff.exponential(1.seconds).delayAfter(Int.MAX_VALUE) shouldBe Duration.INFINITE
            Backoff.exponential(Duration.ZERO).delayAfter(Int.MAX_VALUE) shouldBe Duration.ZERO
        }

        test("a constant one and none") {
            Backoff.constant(3.seconds).delays(3).shouldContainExactly(3.seconds, 3.seconds, 3.seconds)
            Backoff.NONE.delays(2).shouldContainExactly(Duration.ZERO, Duration.ZERO)
        }

        test("jitter shortens a pause by up to its fraction, by the given source") {
            val delays = Backoff.constant(8.seconds).jittered(Random(1), 0.25).delays(1000)
            delays.forEach { it shouldBeIn 6.seconds..8.seconds }
            delays.min() shouldBeLessThan 6.1.seconds
            delays.max() shouldBeGreaterThan 7.9.seconds
            val full = Backoff.constant(8.seconds).jittered(Random(1)).delays(1000)
            full.forEach { it shouldBeIn Duration.ZERO..8.seconds }
            full.min() shouldBeLessThan 0.1.seconds
            Backoff.constant(8.seconds).jittered(Random(1)).delays(1000) shouldBe full
        }

        test("jitter without a source draws from the loop's") {
            val backoff = Backoff.exponential(1.seconds).jittered()
            val drawn = List(2) { resultOfTest { getRunningLoop().run { random = Random(7) }.let { backoff.delays(20) } } }
            drawn.first() shouldBe drawn.last()
            drawn.first() shouldBe Backoff.exponential(1.seconds).jittered(Random(7)).delays(20)
            drawn.first() shouldNotBe resultOfTest { backoff.delays(20) }
            Backoff.constant(8.seconds).jittered(0.25).delays(100).forEach { it shouldBeIn 6.seconds..8.seconds }
        }

        test("two are equal if they pause alike") {
            val random = Random(1)
            Backoff.exponential(1.seconds, 3.0) shouldBe Backoff.exponential(1.seconds, 3.0)
            Backoff.exponential(1.seconds, 3.0) shouldNotBe Backoff.exponential(1.seconds, 2.0)
            Backoff.NONE.jittered(random) shouldBe Backoff.constant(Duration.ZERO).jittered(random)
            Backoff.NONE.jittered(random) shouldNotBe Backoff.NONE.jittered(Random(1))
            Backoff.NONE.jittered(0.5) shouldBe Backoff.NONE.jittered(0.5)
            Backoff.NONE.jittered() shouldNotBe Backoff.NONE
        }

        test("its text says how it pauses") {
            Backoff.NONE.toString() shouldBe "Backoff(0s)"
            Backoff.constant(1.seconds).jittered(Random, 0.5).toString() shouldBe "Backoff(1s, jitter 0.5)"
            Backoff.exponential(1.seconds, max = 60.seconds).toString() shouldBe "Backoff(1s * 2.0 up to 1m)"
            Backoff.exponential(1.seconds, 1.5).toString() shouldBe "Backoff(1s * 1.5)"
        }

        test("what makes no sense is refused") {
            shouldThrow<IllegalArgumentException> {
                Backoff.constant(
                    (-1).seconds,
                )
            }.message shouldBe "a pause cannot be negative, as -1s is"
            shouldThrow<IllegalArgumentException> { Backoff.exponential(1.seconds, 0.5) }
            shouldThrow<IllegalArgumentException> { Backoff.exponential(1.seconds, Double.NaN) }
            shouldThrow<IllegalArgumentException> { Backoff.exponential(1.seconds, max = 1.milliseconds) }
            shouldThrow<IllegalArgumentException> { Backoff.NONE.jittered(Random, 1.1) }
            shouldThrow<IllegalArgumentException> { Backoff.NONE.delayAfter(0) }
        }
    })
