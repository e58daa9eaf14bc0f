// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.StopIteration
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs

class GeneratorTest :
    FunSpec({
        val events = mutableListOf<Any?>()
        beforeTest { events.clear() }

        context("next and send") {
            test("the body runs only when it is asked, from one yield to the next") {
                val numbers =
                    generator<Int, Nothing, String> {
                        events += "begin"
                        yield(1)
                        events += "between"
                        yield(2)
                        events += "end"
                        "done"
                    }
                events.shouldBeEmpty()
                events += numbers.next()
                events += numbers.next()
                events += shouldThrow<StopIteration> { numbers.next() }.value
                events shouldContainExactly listOf("begin", 1, "between", 2, "end", "done")
            }

            test("the value that was returned is told once, and null ever after") {
                val generator = generator<Int, Nothing, String> { "done" }
                shouldThrow<StopIteration> { generator.next() }.value shouldBe "done"
                shouldThrow<StopIteration> { generator.next() }.value shouldBe null
                shouldThrow<StopIteration> { generator.send(null) }.value shouldBe null
            }

            test("a body that returns nothing leaves no value in the exception that ends it") {
                val generator = generator<Int, Nothing, Unit> { yield(1) }
                generator.next()
                shouldThrow<StopIteration> { generator.next() }.value shouldBe null
            }

            test("yield returns what is sent, and null when nothing is") {
                val echo =
                    generator<Int, String, Unit> {
                        events += yield(1)
                        events += yield(2)
                        events += yield(3)
                    }
                echo.next() shouldBe 1
                echo.send("spam") shouldBe 2
                echo.next() shouldBe 3
                shouldThrow<StopIteration> { echo.send("eggs") }
                events shouldContainExactly listOf("spam", null, "eggs")
            }

            test("a value sent to a generator that has not begun is refused, and the generator stays usable") {
                val generator = generator<Int, Int, Unit> { yield(1) }
                shouldThrow<IllegalArgumentException> { generator.send(0) }.message shouldContain "cannot send 0"
                generator.state shouldBe GeneratorState.CREATED
                generator.next() shouldBe 1
            }

            test("what is sent can be returned, whatever it is") {
                for (sent in listOf(2, listOf(2), StopIteration(2))) {
                    val generator = generator<Int, Any, Any?> { yield(1) }
                    generator.next() shouldBe 1
                    shouldThrow<StopIteration> { generator.send(sent) }.value shouldBeSameInstanceAs sent
                }
            }

            test("null can be yielded and returned") {
                val generator =
                    generator<String?, Nothing, String?> {
                        yield(null)
                        null
                    }
                generator.next() shouldBe null
                shouldThrow<StopIteration> { generator.next() }.value shouldBe null
            }

            test("an exception of the body ends the generator") {
                val generator =
                    generator<Int, Nothing, Unit> {
                        yield(1)
                        throw ArithmeticException("body")
                    }
                generator.next()
                shouldThrow<ArithmeticException> { generator.next() }
                generator.state shouldBe GeneratorState.CLOSED
                shouldThrow<StopIteration> { generator.next() }.value shouldBe null
            }

            test("a generator cannot be resumed by its own body") {
                lateinit var generator: Generator<Int, Nothing, Unit>
                generator =
                    generator {
                        for (attempt in listOf(
                            { generator.next() },
                            { generator.throwIn(Exception()) },
                            { generator.close() },
                        )) {
                            events += shouldThrow<IllegalStateException> { attempt() }.message
                        }
                        yield(1)
                    }
                generator.next() shouldBe 1
                events shouldContainExactly List(3) { "generator already executing" }
            }

            test("generators in step with each other keep their own places") {
                val squares = generator<Int, Nothing, Unit> { for (number in 1..3) yield(number * number) }
                val cubes = generator<Int, Nothing, Unit> { for (number in 1..3) yield(number * number * number) }
                List(3) { squares.next() to cubes.next() } shouldContainExactly listOf(1 to 1, 4 to 8, 9 to 27)
            }

            test("a hundred thousand values take no stack") {
                val generator =
                    generator<Int, Int, Int> {
                        var sum = 0
                        repeat(100_000) { sum += yield(it) ?: 0 }
                        sum
                    }
                generator.next()
                val end = shouldThrow<StopIteration> { while (true) generator.send(1) }
                end.value shouldBe 100_000
            }
        }

        context("a StopIteration that escapes from the body") {
            test("it is an error, at once or after a yield") {
                val stop = StopIteration(1)
                val atOnce = generator<Int, Nothing, Unit> { throw stop }
                val error = shouldThrow<IllegalStateException> { atOnce.next() }
                error.message shouldBe "generator raised StopIteration"
                error.cause shouldBeSameInstanceAs stop

                val later =
                    generator<Int, Nothing, Unit> {
                        yield(1)
                        throw StopIteration()
                    }
                later.next() shouldBe 1
                shouldThrow<IllegalStateException> { later.next() }.message shouldBe "generator raised StopIteration"
                shouldThrow<StopIteration> { later.next() }
            }

            test("so it is when an exhausted generator is asked within the body") {
                val empty = generator<Int, Nothing, Unit> { }
                val generator = generator<Int, Nothing, Unit> { yield(empty.next()) }
                shouldThrow<IllegalStateException> { generator.next() }.cause.shouldBeInstanceOf<StopIteration>()
            }
        }

        context("throwIn") {
            test("it throws at the yield and returns the next value") {
                val failure = ArithmeticException()
                val generator =
                    generator<Int, Nothing, Unit> {
                        try {
                            yield(1)
                        } catch (exception: ArithmeticException) {
                            events += exception
                            yield(2)
                        }
                    }
                generator.next() shouldBe 1
                generator.throwIn(failure) shouldBe 2
                events.single() shouldBeSameInstanceAs failure
                shouldThrow<StopIteration> { generator.next() }
            }

            test("what the body does not catch comes back and ends it") {
                val failure = ArithmeticException()
                val generator = generator<Int, Nothing, Unit> { yield(1) }
                generator.next()
                shouldThrow<ArithmeticException> { generator.throwIn(failure) } shouldBeSameInstanceAs failure
                failure.suppressed.toList().shouldBeEmpty()
                failure.cause shouldBe null
                generator.state shouldBe GeneratorState.CLOSED
            }

            test("a body that catches it and returns gives its value") {
                val generator =
                    generator<Int, Nothing, String> {
                        try {
                            yield(1)
                            "undisturbed"
                        } catch (_: ArithmeticException) {
                            "caught"
                        }
                    }
                generator.next()
                shouldThrow<StopIteration> { generator.throwIn(ArithmeticException()) }.value shouldBe "caught"
            }

            test("a caught exception can be thrown many values later") {
                val generator =
                    generator<Int, Nothing, Unit> {
                        try {
                            yield(1)
                        } catch (exception: ArithmeticException) {
                            yield(2)
                            yield(3)
                            throw exception
                        }
                    }
                val failure = ArithmeticException()
                generator.next()
                generator.throwIn(failure)
                generator.next()
                shouldThrow<ArithmeticException> { generator.next() } shouldBeSameInstanceAs failure
            }

            test("a generator that has not begun is ended by it without running") {
                val generator = generator<Int, Nothing, Unit> { events += "ran" }
                val failure = ArithmeticException()
                shouldThrow<ArithmeticException> { generator.throwIn(failure) } shouldBeSameInstanceAs failure
                generator.state shouldBe GeneratorState.CLOSED
                shouldThrow<StopIteration> { generator.next() }
                events.shouldBeEmpty()
            }

            test("a generator that has ended throws it back") {
                val generator = generator<Int, Nothing, Unit> { }
                shouldThrow<StopIteration> { generator.next() }
                shouldThrow<ArithmeticException> { generator.throwIn(ArithmeticException()) }
            }
        }

        context("close") {
            test("the body sees a GeneratorExit and its finally blocks run") {
                val generator =
                    generator<Int, Nothing, Unit> {
                        try {
                            yield(1)
                        } catch (exit: GeneratorExit) {
                            events += "exit"
                            throw exit
                        } finally {
                            events += "finally"
                        }
                    }
                generator.next()
                generator.close()
                events shouldContainExactly listOf("exit", "finally")
                generator.state shouldBe GeneratorState.CLOSED
                shouldThrow<StopIteration> { generator.next() }
            }

            fun catching() =
                generator<Int, Nothing, Int> {
                    try {
                        yield(1)
                        -1
                    } catch (_: GeneratorExit) {
                        0
                    }
                }

            test("it returns what a body returns that catches the exit") {
                val generator = catching()
                generator.next()
                generator.close() shouldBe 0
            }

            test("it returns null if the body does not catch the exit, or returns nothing") {
                val uncaught =
                    generator<Int, Nothing, Int> {
                        yield(1)
                        0
                    }
                uncaught.next()
                uncaught.close() shouldBe null
            }

            test("it does nothing to a generator that has not begun, which then never does") {
                val generator = catching()
                generator.close() shouldBe null
                shouldThrow<StopIteration> { generator.next() }.value shouldBe null
            }

            test("it returns null if the generator has ended or was closed before") {
                val exhausted = catching()
                exhausted.next()
                shouldThrow<StopIteration> { exhausted.next() }.value shouldBe -1
                exhausted.close() shouldBe null

                val closed = catching()
                closed.next()
                closed.close() shouldBe 0
                closed.close() shouldBe null
            }

            test("what else the body throws is thrown on") {
                val generator =
                    generator<Int, Nothing, Unit> {
                        try {
                            yield(1)
                        } catch (_: GeneratorExit) {
                        }
                        throw ArithmeticException()
                    }
                generator.next()
                shouldThrow<ArithmeticException> { generator.close() }
            }

            test("a body must not yield again") {
                val generator =
                    generator<Int, Nothing, Unit> {
                        try {
                            yield(1)
                        } finally {
                            yield(2)
                        }
                    }
                generator.next()
                shouldThrow<IllegalStateException> { generator.close() }.message shouldBe
                    "generator ignored GeneratorExit"
                generator.state shouldBe GeneratorState.SUSPENDED
            }
        }

        context("what can be seen of a generator") {
            test("its state, all along") {
                lateinit var generator: Generator<Int, Nothing, Unit>
                generator =
                    generator {
                        events += generator.state
                        yield(1)
                        events += generator.state
                    }
                generator.state shouldBe GeneratorState.CREATED
                generator.next()
                generator.state shouldBe GeneratorState.SUSPENDED
                shouldThrow<StopIteration> { generator.next() }
                generator.state shouldBe GeneratorState.CLOSED
                events shouldContainExactly listOf(GeneratorState.RUNNING, GeneratorState.RUNNING)
            }

            test("what it delegates to, while both wait") {
                lateinit var outer: Generator<Int, Nothing, Unit>
                val inner =
                    generator<Int, Nothing, Unit> {
                        events += outer.state
                        events += outer.delegate
                        yield(1)
                        events += outer.state
                        events += outer.delegate
                    }
                outer =
                    generator {
                        yieldFrom(inner)
                        events += outer.delegate
                        yield(2)
                    }
                outer.delegate shouldBe null
                outer.next()
                outer.state shouldBe GeneratorState.SUSPENDED
                outer.delegate shouldBeSameInstanceAs inner
                outer.next()
                outer.delegate shouldBe null
                events shouldContainExactly listOf(GeneratorState.RUNNING, null, GeneratorState.RUNNING, null, null)
            }
        }

        context("as a sequence") {
            test("it is iterated by for and by the operations of sequences") {
                fun count() = generator<Int, Nothing, Unit> { for (number in 1..5) yield(number) }
                for (number in count()) events += number
                events shouldContainExactly listOf(1, 2, 3, 4, 5)
                count().filter { it % 2 == 0 }.map { it * 10 }.toList() shouldContainExactly listOf(20, 40)
            }

            test("an endless one can be taken from, and goes on where that stopped") {
                val naturals =
                    generator<Int, Nothing, Unit> {
                        var number = 0
                        while (true) yield(number++)
                    }
                for (number in naturals) if (number == 2) break
                naturals.next() shouldBe 3
                naturals.iterator().next() shouldBe 4
                naturals.iterator() shouldBeSameInstanceAs naturals.iterator()
            }

            test("hasNext may be asked many times and runs the body once") {
                val generator =
                    generator<Int, Nothing, Unit> {
                        events += "ran"
                        yield(1)
                    }
                val iterator = generator.iterator()
                repeat(3) { iterator.hasNext() shouldBe true }
                events shouldContainExactly listOf("ran")
                iterator.next() shouldBe 1
                repeat(3) { iterator.hasNext() shouldBe false }
                shouldThrow<NoSuchElementException> { iterator.next() }
            }

            test("the value that is returned is dropped") {
                val generator = generator<Int, Nothing, String> { "dropped" }
                generator.toList().shouldBeEmpty()
                shouldThrow<StopIteration> { generator.next() }.value shouldBe null
            }

            test("an exception of the body comes out of the loop") {
                val generator =
                    generator<Int, Nothing, Unit> {
                        yield(1)
                        throw ArithmeticException()
                    }
                shouldThrow<ArithmeticException> { for (number in generator) events += number }
                events shouldContainExactly listOf(1)
            }
        }

        context("what generators are good for") {
            test("a tree is walked by a generator that delegates to itself") {
                class Tree(
                    val label: Char,
                    val left: Tree? = null,
                    val right: Tree? = null,
                )

                fun build(labels: String): Tree? {
                    if (labels.isEmpty()) return null
                    val middle = labels.length / 2
                    return Tree(labels[middle], build(labels.take(middle)), build(labels.drop(middle + 1)))
                }

                fun inOrder(tree: Tree): Generator<Char, Nothing, Unit> =
                    generator {
                        tree.left?.let { yieldFrom(inOrder(it)) }
                        yield(tree.label)
                        tree.right?.let { yieldFrom(inOrder(it)) }
                    }
                inOrder(build("abcdefghijklm")!!).joinToString("") shouldBe "abcdefghijklm"
            }

            test("a sieve is a chain of generators") {
                fun from(number: Int) = generator<Int, Nothing, Unit> { for (next in number..Int.MAX_VALUE) yield(next) }

                fun without(
                    prime: Int,
                    numbers: Generator<Int, Nothing, Unit>,
                ) = generator<Int, Nothing, Unit> { for (number in numbers) if (number % prime != 0) yield(number) }

                val primes =
                    generator<Int, Nothing, Unit> {
                        var numbers = from(2)
                        while (true) {
                            val prime = numbers.next()
                            yield(prime)
                            numbers = without(prime, numbers)
                        }
                    }
                primes.take(10).toList() shouldContainExactly listOf(2, 3, 5, 7, 11, 13, 17, 19, 23, 29)
            }

            test("a running average takes numbers and gives what they come to") {
                val average =
                    generator<Double, Int, Int> {
                        var sum = 0.0
                        var count = 0
                        while (true) {
                            sum += yield(if (count == 0) 0.0 else sum / count) ?: break
                            count++
                        }
                        count
                    }
                average.next() shouldBe 0.0
                average.send(10) shouldBe 10.0
                average.send(20) shouldBe 15.0
                shouldThrow<StopIteration> { average.next() }.value shouldBe 2
            }
        }
    })
