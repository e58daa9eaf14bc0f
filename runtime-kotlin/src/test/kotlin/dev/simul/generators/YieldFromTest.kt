// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.StopIteration
import dev.simul.loop.FatalError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.throwables.shouldThrowAny
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs

class YieldFromTest :
    FunSpec({
        val events = mutableListOf<Any?>()
        beforeTest { events.clear() }

        /** Yields "ham", then all of [inner], then "eggs"; records its beginning, its end and what it is sent. */
        fun around(inner: () -> Generator<String, Any, *>): Generator<String, Any, Unit> =
            generator {
                try {
                    events += "begin outer"
                    yield("ham")?.let { events += "outer got $it" }
                    yieldFrom(inner())
                    yield("eggs")?.let { events += "outer got $it" }
                } finally {
                    events += "end outer"
                }
            }

        /** Yields "spam" and "more spam"; records its beginning, its end and what it is sent. */
        fun spam(between: () -> Unit = {}): Generator<String, Any, Unit> =
            generator {
                try {
                    events += "begin inner"
                    yield("spam")?.let { events += "inner got $it" }
                    between()
                    yield("more spam")?.let { events += "inner got $it" }
                } finally {
                    events += "end inner"
                }
            }

        fun failing(): Nothing = throw ArithmeticException("full of eels")

        context("next and send") {
            test("the values of the inner generator come in place") {
                for (value in around { spam() }) events += value
                events shouldContainExactly
                    listOf(
                        "begin outer",
                        "ham",
                        "begin inner",
                        "spam",
                        "more spam",
                        "end inner",
                        "eggs",
                        "end outer",
                    )
            }

            test("an inner generator may be the first thing an outer one does") {
                val outer = generator<Int, Nothing, Unit> { yieldFrom(generator<Int, Nothing, Unit> { yield(42) }) }
                outer.toList() shouldContainExactly listOf(42)
            }

            test("values sent go to the generator that waits") {
                val outer = around { spam() }
                outer.next()
                shouldThrow<StopIteration> { for (number in 1..9) events += outer.send(number) }
                events shouldContainExactly
                    listOf(
                        "begin outer",
                        "outer got 1",
                        "begin inner",
                        "spam",
                        "inner got 2",
                        "more spam",
                        "inner got 3",
                        "end inner",
                        "eggs",
                        "outer got 4",
                        "end outer",
                    )
            }

            test("an exception in the first step of the inner generator passes through the outer one") {
                val outer = around { generator { failing() } }
                outer.next()
                shouldThrow<ArithmeticException> { outer.next() }.message shouldBe "full of eels"
                events shouldContainExactly listOf("begin outer", "end outer")
            }

            test("so does one in a later step, after next or after send") {
                for (sent in listOf(null, 1)) {
                    events.clear()
                    val outer = around { spam(between = ::failing) }
                    outer.next()
                    outer.next()
                    shouldThrow<ArithmeticException> { outer.send(sent) }
                    events shouldContainExactly
                        listOf("begin outer", "begin inner") +
                        listOfNotNull(sent?.let { "inner got $it" }) +
                        listOf("end inner", "end outer")
                }
            }

            test("an exception in making the inner one passes through too") {
                val outer = around { failing() }
                outer.next()
                shouldThrow<ArithmeticException> { outer.next() }
                events shouldContainExactly listOf("begin outer", "end outer")
            }
        }

        context("the value of yieldFrom") {
            test("it is what the inner generator returned") {
                for (returned in listOf(null, 1, listOf(2), StopIteration(3))) {
                    val inner =
                        generator<Int, Nothing, Any?> {
                            yield(1)
                            returned
                        }
                    val outer = generator<Int, Nothing, Any?> { yieldFrom(inner) }
                    outer.next() shouldBe 1
                    shouldThrow<StopIteration> { outer.next() }.value shouldBeSameInstanceAs returned
                }
            }

            test("it comes after a send as well") {
                val inner = generator<Int, String, String> { "${yield(1)} and eggs" }
                val outer = generator<Int, String, String> { yieldFrom(inner) }
                outer.next()
                shouldThrow<StopIteration> { outer.send("spam") }.value shouldBe "spam and eggs"
            }

            test("it comes after an exception that the inner generator caught") {
                for (returned in listOf(2, listOf(2), StopIteration(2))) {
                    val inner =
                        generator<Any, Nothing, Any> {
                            try {
                                yield(1)
                            } catch (_: ArithmeticException) {
                                events += "caught"
                            }
                            returned
                        }
                    val outer = generator<Any, Nothing, Unit> { yield(yieldFrom(inner)) }
                    outer.next()
                    outer.throwIn(ArithmeticException()) shouldBeSameInstanceAs returned
                }
                events shouldContainExactly List(3) { "caught" }
            }

            test("it is null for a generator that had ended before") {
                val ended = generator<Int, Nothing, String?> { "told" }
                shouldThrow<StopIteration> { ended.next() }
                val outer = generator<Int, Nothing, String?> { yieldFrom(ended) }
                shouldThrow<StopIteration> { outer.next() }.value shouldBe null
            }
        }

        context("throwIn") {
            test("it throws into the inner generator, and what that does not catch passes through the outer one") {
                val failure = ArithmeticException("tomato")
                val outer = around { spam() }
                outer.next()
                outer.next()
                shouldThrow<ArithmeticException> { outer.throwIn(failure) } shouldBeSameInstanceAs failure
                events shouldContainExactly listOf("begin outer", "begin inner", "end inner", "end outer")
            }

            test("it returns what the inner generator yields after catching") {
                val outer =
                    around {
                        generator {
                            try {
                                yield("spam")
                            } catch (_: ArithmeticException) {
                                events += "caught"
                                yield("lunch saved")
                                yield("yet more spam")
                            }
                        }
                    }
                outer.next()
                outer.next()
                outer.throwIn(ArithmeticException()) shouldBe "lunch saved"
                for (value in outer) events += value
                events shouldContainExactly listOf("begin outer", "caught", "yet more spam", "eggs", "end outer")
            }
        }

        context("close") {
            test("it closes the inner generator first") {
                val outer = around { spam() }
                outer.next()
                outer.next()
                outer.close()
                events shouldContainExactly listOf("begin outer", "begin inner", "end inner", "end outer")
            }

            test("what the inner generator throws instead passes through the outer one") {
                val outer =
                    around {
                        generator {
                            try {
                                yield("spam")
                            } finally {
                                failing()
                            }
                        }
                    }
                outer.next()
                outer.next()
                shouldThrow<ArithmeticException> { outer.close() }
                events shouldContainExactly listOf("begin outer", "end outer")
            }

            test("an outer generator may catch the exit and return") {
                val inner = generator<Int, Nothing, Int> { yield(1)?.let { 0 } ?: 0 }
                val outer =
                    generator<Int, Nothing, String> {
                        try {
                            yieldFrom(inner)
                            "undisturbed"
                        } catch (_: GeneratorExit) {
                            "closed"
                        }
                    }
                outer.next()
                outer.close() shouldBe "closed"
                inner.state shouldBe GeneratorState.CLOSED
            }
        }

        context("a delegate that is no generator") {
            test("an iterable or an iterator gives all it has") {
                generator<Int, Nothing, Any?> { yieldFrom(0..2) }.toList() shouldContainExactly listOf(0, 1, 2)
                generator<Int, Nothing, Any?> { yieldFrom(listOf(3, 4).iterator()) }.toList() shouldContainExactly
                    listOf(3, 4)
                shouldThrow<StopIteration> { generator<Int, Nothing, Any?> { yieldFrom(emptyList()) }.next() }
            }

            test("sending null is asking for the next value") {
                val outer = generator<Int, String, Unit> { yieldFrom(0..2) }
                List(3) { outer.send(null) } shouldContainExactly listOf(0, 1, 2)
            }

            test("sending a value is an error in the outer generator") {
                val outer =
                    generator<Int, Int, Unit> {
                        try {
                            yieldFrom(0..2)
                        } finally {
                            events += "end"
                        }
                    }
                outer.next()
                shouldThrow<IllegalArgumentException> { outer.send(42) }.message shouldContain "cannot send 42"
                events shouldContainExactly listOf("end")
            }

            test("what is thrown in is thrown in the outer generator") {
                val outer =
                    generator<Int, Nothing, Unit> {
                        try {
                            yieldFrom(0..9)
                        } catch (exception: ArithmeticException) {
                            events += exception.message
                            yield(-1)
                        }
                    }
                repeat(5) { outer.next() }
                outer.throwIn(ArithmeticException("tomato")) shouldBe -1
                events shouldContainExactly listOf("tomato")
            }

            test("closing leaves an ordinary iterator alone") {
                val iterator = listOf(1, 2).iterator()
                val outer = generator<Int, Nothing, Unit> { yieldFrom(iterator) }
                outer.next()
                outer.close() shouldBe null
                iterator.next() shouldBe 2
            }

            test("closing closes an iterator that can be closed, while the outer generator runs") {
                lateinit var outer: Generator<Int, Nothing, Unit>

                class Endless :
                    Iterator<Int>,
                    AutoCloseable {
                    override fun hasNext() = true

                    override fun next() = 42

                    override fun close() {
                        events += outer.state
                        events += shouldThrow<IllegalStateException> { outer.next() }.message
                    }
                }
                outer = generator { yieldFrom(Endless()) }
                outer.next() shouldBe 42
                outer.close()
                events shouldContainExactly listOf(GeneratorState.RUNNING, "generator already executing")
            }

            test("an iterator may end with a StopIteration that has a value") {
                val ending =
                    object : Iterator<Int> {
                        override fun hasNext() = true

                        override fun next() = throw StopIteration(42)
                    }
                val outer = generator<Int, Nothing, Unit> { events += yieldFrom(ending) }
                shouldThrow<StopIteration> { outer.next() }
                events shouldContainExactly listOf(42)
            }

            test("an iterable that has no iterator fails in the outer generator") {
                val outer = generator<Int, Nothing, Unit> { yieldFrom(Iterable { failing() }) }
                shouldThrow<ArithmeticException> { outer.next() }
            }
        }

        context("generators that delegate in a circle") {
            test("the one that runs already refuses") {
                lateinit var first: Generator<Int, Nothing, Unit>
                val second =
                    generator<Int, Nothing, Unit> {
                        yield(2)
                        yieldFrom(first)
                    }
                first =
                    generator {
                        yield(1)
                        yieldFrom(second)
                    }
                shouldThrow<IllegalStateException> { for (value in first) events += value }.message shouldBe
                    "generator already executing"
                events shouldContainExactly listOf(1, 2)
            }

            test("and goes on if that is caught, however it was resumed") {
                class Poke : Exception()

                val ways: List<(Generator<Int, Int, Unit>) -> Int> =
                    listOf({ it.next() }, { it.send(42) }, { it.throwIn(Poke()) })
                for (resume in ways) {
                    lateinit var first: Generator<Int, Int, Unit>

                    suspend fun GeneratorScope<Int, Int>.calmly(value: Int) {
                        try {
                            yield(value)
                        } catch (_: Poke) {
                        }
                    }
                    val second =
                        generator<Int, Int, Unit> {
                            calmly(1)
                            try {
                                yieldFrom(first)
                            } catch (_: IllegalStateException) {
                            }
                            calmly(2)
                        }
                    first =
                        generator {
                            calmly(0)
                            yieldFrom(second)
                            calmly(3)
                        }
                    val values = mutableListOf(first.next())
                    shouldThrow<StopIteration> { while (true) values += resume(first) }
                    values shouldContainExactly listOf(0, 1, 2, 3)
                }
            }
        }

        context("what an inner generator does with what is thrown into it") {
            fun outer(inner: Generator<Int, Nothing, String>) = generator<Int, Nothing, String> { yieldFrom(inner) }

            fun begun(body: suspend GeneratorScope<Int, Nothing>.() -> String) = outer(generator(body)).also { it.next() }

            fun thrown() = listOf(GeneratorExit(), StopIteration(), FatalError(), Exception())

            fun Generator<*, *, *>.shouldHaveEnded() {
                state shouldBe GeneratorState.CLOSED
                shouldThrow<StopIteration> { next() }.value shouldBe null
            }

            test("if it lets it pass, so does the outer one, but a StopIteration is an error") {
                val body: suspend GeneratorScope<Int, Nothing>.() -> String = {
                    yield(1)
                    yield(2)
                    "returned"
                }
                begun(body).also { it.close() shouldBe null }.shouldHaveEnded()
                for (exception in thrown()) {
                    val outer = begun(body)
                    val caught = shouldThrowAny { outer.throwIn(exception) }
                    if (exception is StopIteration) {
                        caught.shouldBeInstanceOf<IllegalStateException>().message shouldBe
                            "generator raised StopIteration"
                        caught.cause shouldBeSameInstanceAs exception
                    } else {
                        caught shouldBeSameInstanceAs exception
                    }
                    outer.shouldHaveEnded()
                }
            }

            test("if it throws a GeneratorExit, close is content, and a thrown exit goes on as itself") {
                val own = GeneratorExit()
                val body: suspend GeneratorScope<Int, Nothing>.() -> String = {
                    try {
                        yield(1)
                        "returned"
                    } finally {
                        throw own
                    }
                }
                begun(body).also { it.close() shouldBe null }.shouldHaveEnded()
                for (exception in thrown()) {
                    val outer = begun(body)
                    val caught = shouldThrow<GeneratorExit> { outer.throwIn(exception) }
                    caught shouldBeSameInstanceAs if (exception is GeneratorExit) exception else own
                    outer.shouldHaveEnded()
                }
            }

            test("if it throws a StopIteration, that is an error however it came to it") {
                val own = StopIteration()
                val body: suspend GeneratorScope<Int, Nothing>.() -> String = {
                    try {
                        yield(1)
                        "returned"
                    } finally {
                        throw own
                    }
                }
                val closed = begun(body)
                val attempts = thrown().map { exception -> begun(body).let { it to { it.throwIn(exception) } } }
                for ((outer, attempt) in attempts + (closed to { closed.close() })) {
                    val caught = shouldThrow<IllegalStateException> { attempt() }
                    caught.message shouldBe "generator raised StopIteration"
                    caught.cause shouldBeSameInstanceAs own
                    outer.shouldHaveEnded()
                }
            }

            test("if it throws something else, that passes through, also on close") {
                for (own in listOf(FatalError(), Exception())) {
                    val body: suspend GeneratorScope<Int, Nothing>.() -> String = {
                        try {
                            yield(1)
                            "returned"
                        } finally {
                            throw own
                        }
                    }
                    val closed = begun(body)
                    shouldThrowAny { closed.close() } shouldBeSameInstanceAs own
                    closed.shouldHaveEnded()
                    for (exception in thrown()) {
                        val outer = begun(body)
                        shouldThrowAny { outer.throwIn(exception) } shouldBeSameInstanceAs own
                        outer.shouldHaveEnded()
                    }
                }
            }

            test("if it yields, an exit is ignored, which is an error, and anything else is thrown afterwards") {
                val body: suspend GeneratorScope<Int, Nothing>.() -> String = {
                    try {
                        yield(1)
                    } finally {
                        yield(2)
                    }
                    "returned"
                }
                val closed = begun(body)
                shouldThrow<IllegalStateException> { closed.close() }.message shouldBe "generator ignored GeneratorExit"
                closed.shouldHaveEnded()
                for (exception in thrown()) {
                    val outer = begun(body)
                    if (exception is GeneratorExit) {
                        shouldThrow<IllegalStateException> { outer.throwIn(exception) }.message shouldBe
                            "generator ignored GeneratorExit"
                    } else {
                        outer.throwIn(exception) shouldBe 2
                        val caught = shouldThrowAny { outer.next() }
                        (if (exception is StopIteration) caught.cause else caught) shouldBeSameInstanceAs exception
                    }
                    outer.shouldHaveEnded()
                }
            }

            test("if it returns, an exit still goes on in the outer one, and anything else becomes its value") {
                val body: suspend GeneratorScope<Int, Nothing>.() -> String = {
                    try {
                        yield(1)
                        yield(2)
                    } catch (_: Throwable) {
                    }
                    "returned"
                }
                begun(body).also { it.close() shouldBe null }.shouldHaveEnded()
                for (exception in thrown()) {
                    val outer = begun(body)
                    if (exception is GeneratorExit) {
                        shouldThrow<GeneratorExit> { outer.throwIn(exception) } shouldBeSameInstanceAs exception
                    } else {
                        shouldThrow<StopIteration> { outer.throwIn(exception) }.value shouldBe "returned"
                    }
                    outer.shouldHaveEnded()
                }
            }
        }
    })
