// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeBetween
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.longs.shouldBeInRange
import io.kotest.matchers.shouldBe
import kotlin.time.Duration
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

class NetworkConditionsTest :
    FunSpec({
        test("a latency is anywhere in its range, and the plainest choice is the least") {
            val latency = Latency(1.milliseconds, 3.milliseconds)
            val choices = Choices(1)
            val drawn = List(1_000) { latency.draw(choices) }
            drawn.forEach { it shouldBeInRange 1_000_000L..3_000_000L }
            drawn.count { it < 2_000_000 }.shouldBeBetween(440, 560)
            latency.draw(Choices(LongArray(0))) shouldBe 1_000_000
        }

        test("latencies differ by round steps, so that some are the same") {
            fun drawn(latency: Latency) = Choices(3).let { choices -> List(500) { latency.draw(choices) }.toSortedSet().toList() }
            drawn(Latency(500.microseconds, 2.milliseconds)) shouldBe List(15) { 500_000L + it * 100_000L }
            drawn(Latency(3.nanoseconds, 12.nanoseconds)) shouldBe (3L..12L).toList()
        }

        test("a latency without a range is no choice") {
            val choices = Choices(1)
            Latency(5.milliseconds).draw(choices) shouldBe 5_000_000
            Latency.NONE.draw(choices) shouldBe 0
            choices.count shouldBe 0
        }

        test("spikes are as frequent as their probability says") {
            val latency = Latency(1.milliseconds, 2.milliseconds).withSpikes(0.1, 1.seconds)
            val choices = Choices(2)
            List(1_000) { latency.draw(choices) }.count { it > 2_000_000 }.shouldBeBetween(70, 130)
            "$latency" shouldBe "1ms to 2ms, now and then up to 1s"
        }

        test("latencies that mean nothing are refused") {
            for ((from, to) in listOf(-1.seconds to 1.seconds, 2.seconds to 1.seconds, 1.seconds to Duration.INFINITE)) {
                shouldThrow<IllegalArgumentException> { Latency(from, to) }.message shouldBe
                    "a latency from $from to $to: it must be finite, and not negative"
            }
            shouldThrow<IllegalArgumentException> { Latency(1.seconds).withSpikes(2.0, 3.seconds) }.message shouldBe
                "the probability of a spike is 2.0: it must be from 0.0 to 1.0"
            shouldThrow<IllegalArgumentException> { Latency(3.seconds).withSpikes(0.5, 1.seconds) }
        }

        test("conditions that mean nothing are refused") {
            val conditions = NetworkConditions()
            for (change in listOf<NetworkConditions.(Double) -> Unit>(
                { splits = it },
                { segmentLoss = it },
                { refusals = it },
                { resets = it },
                { halfOpen = it },
                { datagramLoss = it },
                { datagramDuplication = it },
                { datagramReordering = it },
            )) {
                for (wrong in listOf(-0.1, 1.1, Double.NaN)) {
                    shouldThrow<IllegalArgumentException> { conditions.change(wrong) }.message shouldBe
                        "a probability of $wrong: it must be from 0.0, never, to 1.0, always"
                }
                conditions.change(0.5)
            }
            shouldThrow<IllegalArgumentException> { conditions.bandwidth = 0 }
            for (wrong in listOf(Duration.ZERO, Duration.INFINITE)) {
                shouldThrow<IllegalArgumentException> { conditions.connectTimeout = wrong }
                shouldThrow<IllegalArgumentException> { conditions.retransmissionTimeout = wrong }
            }
        }

        test("those of a pair of hosts begin as the general ones, and are the same in both directions") {
            simulate(1) {
                network.conditions.resets = 0.5
                network.conditions.bandwidth = 7
                host("other") {}
                val own = network.between("main", "other")
                own.resets shouldBe 0.5
                own.bandwidth shouldBe 7
                network.between("other", "main") shouldBe own
                network.conditions.connectTimeout shouldBeLessThan network.conditions.retransmissionTimeout
            }
        }
    })
