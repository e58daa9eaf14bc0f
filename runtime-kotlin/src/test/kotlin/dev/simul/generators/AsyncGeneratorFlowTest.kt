// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.StopAsyncIteration
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flatMapConcat
import kotlinx.coroutines.flow.flatMapMerge
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.reduce
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.flow.toSet
import kotlinx.coroutines.flow.zip
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

@OptIn(ExperimentalCoroutinesApi::class)
class AsyncGeneratorFlowTest :
    FunSpec({
        val events = mutableListOf<Any?>()
        beforeTest { events.clear() }

        fun upTo(
            last: Int,
            name: String = "closed",
        ) = asyncGenerator<Int> {
            try {
                for (number in 1..last) {
                    sleep(10.milliseconds)
                    yield(number)
                }
            } finally {
                sleep(10.milliseconds)
                events += name
            }
        }

        context("collect") {
            test("it takes what is left, and leaves the generator ended") {
                runTest {
                    val numbers = upTo(3)
                    numbers.anext() shouldBe 1
                    numbers.collect { events += it }
                    shouldThrow<StopAsyncIteration> { numbers.anext() }
                }
                events shouldContainExactly listOf(2, 3, "closed")
            }

            test("a second collection finds nothing") {
                runTest {
                    val numbers = upTo(1)
                    numbers.collect { events += it }
                    numbers.collect { events += it }
                }
                events shouldContainExactly listOf(1, "closed")
            }

            test("an exception of the collector closes the generator before it goes on") {
                runTest {
                    val numbers = upTo(3)
                    try {
                        numbers.collect {
                            events += it
                            if (it == 2) throw ArithmeticException()
                        }
                    } catch (_: ArithmeticException) {
                        events += "failed"
                    }
                }
                events shouldContainExactly listOf(1, 2, "closed", "failed")
            }

            test("an exception of the body comes out of it") {
                runTest {
                    val broken =
                        asyncGenerator<Int> {
                            yield(1)
                            throw ArithmeticException()
                        }
                    shouldThrow<ArithmeticException> { broken.collect { events += it } }
                }
                events shouldContainExactly listOf(1)
            }

            test("take closes the generator as soon as it has enough") {
                runTest {
                    upTo(10).take(2).collect { events += it }
                    events += "taken"
                    upTo(10).first() shouldBe 1
                    events += "first"
                }
                events shouldContainExactly listOf(1, 2, "closed", "taken", "closed", "first")
            }

            test("nothing of the body runs before it is collected") {
                runTest {
                    upTo(3).map { it + 1 }.filter { it > 0 }
                    sleep(1.seconds)
                }
                events.shouldBeEmpty()
            }
        }

        context("comprehensions") {
            test("a mapping one") {
                runTest { upTo(10).map { it * 2 }.toList() shouldContainExactly List(10) { (it + 1) * 2 } }
            }

            test("one with a condition that awaits") {
                suspend fun isEven(number: Int): Boolean {
                    sleep(10.milliseconds)
                    return number % 2 == 0
                }
                runTest { upTo(10).filter { isEven(it) }.map { it * it }.toSet() shouldBe setOf(4, 16, 36, 64, 100) }
            }

            test("one over two generators, of which each inner one is closed before the next begins") {
                runTest {
                    val products =
                        upTo(3, "outer").flatMapConcat { factor -> upTo(2, "inner $factor").map { it * factor } }
                    products.toList() shouldContainExactly listOf(1, 2, 2, 4, 3, 6)
                }
                events shouldContainExactly listOf("inner 1", "inner 2", "inner 3", "outer")
            }

            test("one over two generators that is left half-way closes both, the inner one first") {
                runTest {
                    upTo(3, "outer")
                        .flatMapConcat { factor ->
                            upTo(2, "inner $factor")
                        }.take(3)
                        .collect { events += it }
                }
                events shouldContainExactly listOf(1, 2, "inner 1", 1, "inner 2", "outer")
            }

            test("a sum") {
                runTest { upTo(4).reduce { sum, number -> sum + number } shouldBe 10 }
            }

            loopTest("a generator over a generator is a comprehension too") {
                val numbers = upTo(5)
                val squares = asyncGenerator<Int> { for (number in numbers) yield(number * number) }
                squares.toList() shouldContainExactly listOf(1, 4, 9, 16, 25)
            }
        }

        context("operators that begin coroutines of their own") {
            test("buffer has the generator run ahead") {
                runTest {
                    val loop = getRunningLoop()
                    val start = loop.time()
                    upTo(3).buffer().collect {
                        sleep(20.milliseconds)
                        events += it to loop.time() - start
                    }
                }
                events shouldContainExactly
                    listOf(1 to 30.milliseconds, "closed", 2 to 50.milliseconds, 3 to 70.milliseconds)
            }

            loopTest("flatMapMerge drives several generators at the same time") {
                val loop = getRunningLoop()
                val start = loop.time()
                val merged =
                    asyncGenerator<Int> { for (number in 1..3) yield(number) }.flatMapMerge { first ->
                        asyncGenerator<Pair<Int, Int>> {
                            for (second in 1..2) {
                                sleep(1.seconds)
                                yield(first to second)
                            }
                        }
                    }
                merged.toList() shouldContainExactly listOf(1 to 1, 2 to 1, 3 to 1, 1 to 2, 2 to 2, 3 to 2)
                loop.time() - start shouldBe 2.seconds
            }

            test("zip stops with the shorter one, and closes the longer one") {
                runTest {
                    val pairs = upTo(2, "short").zip(endless { events += "long" }) { one, other -> one to other }
                    pairs.toList() shouldContainExactly listOf(1 to 1, 2 to 2)
                }
                events shouldContainExactly listOf("short", "long")
            }
        }
    })

private fun endless(closed: () -> Unit) =
    asyncGenerator<Int> {
        try {
            var number = 0
            while (true) {
                yield(++number)
                sleep(ZERO)
            }
        } finally {
            closed()
        }
    }
