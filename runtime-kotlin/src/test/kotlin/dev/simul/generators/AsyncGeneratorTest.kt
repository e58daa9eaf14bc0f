// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.Future
import dev.simul.coroutine
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.StopAsyncIteration
import dev.simul.exceptions.StopIteration
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.timeout
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.flow.toList
import kotlin.time.Duration
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class AsyncGeneratorTest :
    FunSpec({
        val events = mutableListOf<Any?>()
        beforeTest { events.clear() }

        context("iteration") {
            test("nothing runs until the first value is asked for, and then only up to the next yield") {
                runTest {
                    val numbers =
                        asyncGenerator<Int> {
                            events += "begin"
                            yield(1)
                            events += "between"
                            yield(2)
                            events += "end"
                        }
                    events += "made"
                    for (number in numbers) events += number
                }
                events shouldContainExactly listOf("made", "begin", 1, "between", 2, "end")
            }

            test("the body awaits before, between and after its values, and yield gives null") {
                runTest {
                    val numbers =
                        asyncGeneratorReceiving<Int, Int> {
                            sleep(ZERO)
                            events += yield(123)
                            sleep(ZERO)
                            yield(456)
                            sleep(ZERO)
                            yield(789)
                            sleep(ZERO)
                        }
                    numbers.toList() shouldContainExactly listOf(123, 456, 789)
                }
                events shouldContainExactly listOf(null)
            }

            test("an await in the body gives up the turn, a yield does not") {
                runTest {
                    val numbers =
                        asyncGenerator<Int> {
                            sleep(ZERO)
                            yield(1)
                            yield(2)
                            sleep(ZERO)
                        }
                    createTask {
                        repeat(3) {
                            events += "turn $it"
                            sleep(ZERO)
                        }
                    }
                    sleep(ZERO)
                    events += numbers.anext()
                    events += numbers.anext()
                    shouldThrow<StopAsyncIteration> { numbers.anext() }.message shouldBe null
                    events += "stop"
                }
                events shouldContainExactly listOf("turn 0", "turn 1", 1, 2, "turn 2", "stop")
            }

            test("values come at the times at which the body gives them") {
                runTest {
                    val loop = getRunningLoop()
                    val start = loop.time()
                    val ticks =
                        asyncGenerator<Int> {
                            for (number in 1..3) {
                                sleep(number.seconds)
                                yield(number)
                            }
                        }
                    for (number in ticks) events += number to loop.time() - start
                }
                events shouldContainExactly listOf(1 to 1.seconds, 2 to 3.seconds, 3 to 6.seconds)
            }

            loopTest("a body may end early") {
                val numbers =
                    asyncGenerator<Int> {
                        for (number in 1..10) {
                            yield(number)
                            sleep(10.milliseconds)
                            if (number == 2) return@asyncGenerator
                        }
                    }
                numbers.toList() shouldContainExactly listOf(1, 2)
            }

            test("any class is iterable whose iterator comes from a generator") {
                class Pair {
                    operator fun iterator() =
                        asyncGenerator<Int> {
                            yield(1)
                            sleep(10.milliseconds)
                            yield(2)
                        }.iterator()
                }
                runTest {
                    val pair = Pair()
                    for (number in pair) events += number
                    for (number in pair) events += number
                }
                events shouldContainExactly listOf(1, 2, 1, 2)
            }

            loopTest("two iterators of a generator go through the same values") {
                val numbers = asyncGenerator<Int> { for (number in 1..4) yield(number) }
                val first = numbers.iterator()
                val second = numbers.iterator()
                List(2) { first.anext() to second.anext() } shouldContainExactly listOf(1 to 2, 3 to 4)
            }

            test("null is a value like any other") {
                runTest {
                    val numbers =
                        asyncGenerator<Int?> {
                            yield(null)
                            sleep(ZERO)
                            yield(null)
                        }
                    for (number in numbers) events += number
                    numbers.anext(5) shouldBe 5
                }
                events shouldContainExactly listOf(null, null)
            }
        }

        context("exceptions of the body") {
            loopTest("what an awaited future fails with goes through the body to the one who asked") {
                val future = getRunningLoop().createFuture<Int>()
                val numbers =
                    asyncGenerator<Int> {
                        sleep(ZERO)
                        yield(123)
                        future.await()
                        yield(456)
                    }
                numbers.anext() shouldBe 123
                val next = createTask { numbers.anext() }
                sleep(ZERO)
                val failure = ArithmeticException()
                future.setException(failure)
                shouldThrow<ArithmeticException> { next.await() } shouldBeSameInstanceAs failure
                shouldThrow<StopAsyncIteration> { numbers.anext() }
            }

            test("an exception ends the generator") {
                runTest {
                    val numbers =
                        asyncGenerator<Int> {
                            sleep(ZERO)
                            yield(123)
                            throw ArithmeticException()
                        }
                    shouldThrow<ArithmeticException> { for (number in numbers) events += number }
                    repeat(2) { shouldThrow<StopAsyncIteration> { numbers.anext() } }
                }
                events shouldContainExactly listOf(123)
            }

            for (stop in listOf(StopAsyncIteration("stop"), StopIteration("stop"))) {
                val name = stop::class.simpleName
                for (pause in listOf(false, true)) {
                    loopTest("a $name of the body is a failure${if (pause) ", also after an await" else ""}") {
                        val numbers =
                            asyncGenerator<Int> {
                                yield(123)
                                if (pause) sleep(ZERO)
                                throw stop
                            }
                        numbers.anext() shouldBe 123
                        val failure = shouldThrow<IllegalStateException> { numbers.anext() }
                        failure.message shouldBe "async generator raised $name"
                        failure.cause shouldBeSameInstanceAs stop
                    }
                }
            }

            for (pauses in listOf(false, true)) {
                suspend fun pause() = if (pauses) sleep(ZERO) else Unit
                val suffix = if (pauses) ", with awaits in between" else ""

                test("a finally block yields as in a classic generator$suffix") {
                    val sync =
                        generator<Int, Nothing, Unit> {
                            try {
                                yield(1)
                                throw ArithmeticException()
                            } finally {
                                yield(2)
                                yield(3)
                            }
                        }
                    val async =
                        asyncGenerator<Int> {
                            try {
                                pause()
                                yield(1)
                                throw ArithmeticException()
                            } finally {
                                yield(2)
                                pause()
                                yield(3)
                            }
                        }
                    runTest { async.outcomes() shouldContainExactly sync.outcomes() }
                }

                test("a finally block fails as in a classic generator$suffix") {
                    val sync =
                        generator<Int, Nothing, Unit> {
                            try {
                                yield(1)
                            } finally {
                                yield(2)
                                error("in finally")
                            }
                        }
                    val async =
                        asyncGenerator<Int> {
                            try {
                                yield(1)
                                pause()
                            } finally {
                                pause()
                                yield(2)
                                error("in finally")
                            }
                        }
                    runTest { async.outcomes() shouldContainExactly sync.outcomes() }
                }
            }

            test(
                "a GeneratorExit that is thrown in comes out of a generator within a generator as in the classic kind",
            ) {
                val sync =
                    generator<Int, Nothing, Unit> {
                        yield(1)
                        val inner = generator<Int, Nothing, Unit> { yield(10) }
                        inner.next()
                        try {
                            inner.throwIn(GeneratorExit())
                        } catch (_: GeneratorExit) {
                            yield(2)
                        }
                        yield(3)
                    }
                val async =
                    asyncGenerator<Int> {
                        yield(1)
                        val inner = asyncGenerator<Int> { yield(10) }
                        inner.asend(null)
                        try {
                            inner.athrow(GeneratorExit())
                        } catch (_: GeneratorExit) {
                            yield(2)
                        }
                        yield(3)
                    }
                runTest { async.outcomes() shouldContainExactly sync.outcomes() }
            }
        }

        context("anext") {
            loopTest("it stops again and again at the end, and gives the default if there is one") {
                val first = oneTwo()
                first.anext() shouldBe 1
                first.anext() shouldBe 2
                repeat(2) { shouldThrow<StopAsyncIteration> { first.anext() } }

                val second = oneTwo()
                List(4) { second.anext(0) } shouldContainExactly listOf(1, 2, 0, 0)
                shouldThrow<StopAsyncIteration> { second.anext() }
            }

            loopTest("a default is given whatever it is, also after a stop was thrown") {
                val none = asyncGenerator<List<String>?> { }
                shouldThrow<StopAsyncIteration> { none.anext() }
                none.anext(listOf("a", "b")) shouldBe listOf("a", "b")
                none.anext(null) shouldBe null
            }

            loopTest("a default does not hide an exception of the body") {
                for (failure in listOf(ArithmeticException(), CancelledException("mine"))) {
                    val generator = asyncGenerator<Int> { throw failure }
                    shouldThrow<Throwable> { generator.anext(1) } shouldBeSameInstanceAs failure
                    generator.anext(1) shouldBe 1
                }
                shouldThrow<IllegalStateException> {
                    asyncGenerator<Int> { throw StopAsyncIteration() }.anext(1)
                }
            }

            test("a failure that the body handles while it is asked lets it go on, to its end or to a value") {
                class Interrupted : Exception()

                suspend fun ask(body: suspend AsyncGeneratorScope<String, Nothing>.(Future<Unit>, Future<Unit>) -> Unit): String {
                    val loop = getRunningLoop()
                    val first = loop.createFuture<Unit>()
                    val second = loop.createFuture<Unit>()
                    val generator = asyncGenerator<String> { body(first, second) }
                    val next = createTask { generator.anext("default") }
                    sleep(ZERO)
                    first.setException(Interrupted())
                    sleep(ZERO)
                    second.setException(Interrupted())
                    listOf(first, second).forEach { it.exception() }
                    return try {
                        next.await()
                    } catch (e: Interrupted) {
                        "interrupted"
                    }
                }
                runTest {
                    ask { first, _ ->
                        try {
                            first.await()
                        } catch (_: Interrupted) {
                            sleep(ZERO)
                        }
                    } shouldBe "default"
                    ask { first, second ->
                        try {
                            first.await()
                        } catch (_: Interrupted) {
                            second.await()
                        }
                    } shouldBe "interrupted"
                    ask { first, _ ->
                        try {
                            first.await()
                        } catch (_: Interrupted) {
                            yield("value")
                        }
                    } shouldBe "value"
                    ask { first, _ ->
                        first.await()
                        yield("value")
                    } shouldBe "interrupted"
                }
            }

            loopTest("a call that was put off can be awaited once") {
                val generator = oneTwo()
                val next = coroutine { generator.anext() }
                next.await() shouldBe 1
                shouldThrow<IllegalStateException> {
                    next.await()
                }.message shouldContain "cannot reuse already awaited"
                generator.anext() shouldBe 2

                val close = coroutine { generator.aclose() }
                close.await()
                shouldThrow<IllegalStateException> { close.await() }
                val raise = coroutine { generator.athrow(Exception()) }
                raise.await() shouldBe null
                shouldThrow<IllegalStateException> { raise.await() }
            }
        }

        context("asend") {
            test("yield gives what is sent, before and after awaits") {
                runTest {
                    val echo =
                        asyncGeneratorReceiving<Int, Int> {
                            try {
                                sleep(10.milliseconds)
                                val first = yield(1)
                                sleep(10.milliseconds)
                                val second = yield(first!! * 2)
                                yield(second!! * 100)
                                sleep(10.milliseconds)
                            } finally {
                                sleep(10.milliseconds)
                                events += "done"
                            }
                        }
                    echo.asend(null) shouldBe 1
                    echo.asend(100) shouldBe 200
                    echo.asend(12) shouldBe 1200
                    shouldThrow<StopAsyncIteration> { echo.asend(null) }
                }
                events shouldContainExactly listOf("done")
            }

            loopTest("a value sent to a generator that has not begun is refused, and the generator stays usable") {
                val generator = asyncGeneratorReceiving<Int, Int> { yield(123) }
                shouldThrow<IllegalArgumentException> { generator.asend(100) }.message shouldContain
                    "can't send non-null value to a just-started async generator"
                generator.anext() shouldBe 123
            }

            test("a failure after what was sent runs the finally blocks, with their awaits") {
                runTest {
                    val generator =
                        asyncGeneratorReceiving<Int, Int> {
                            try {
                                val sent = yield(1)
                                sleep(10.milliseconds)
                                throw ArithmeticException("$sent")
                            } finally {
                                sleep(10.milliseconds)
                                sleep(10.milliseconds)
                                events += "done"
                            }
                        }
                    generator.asend(null)
                    shouldThrow<ArithmeticException> { generator.asend(100) }.message shouldBe "100"
                    events += "failed"
                }
                events shouldContainExactly listOf("done", "failed")
            }

            test("the cancellation of what the body awaits runs the finally blocks, with their awaits") {
                runTest {
                    val generator =
                        asyncGeneratorReceiving<Int, Int> {
                            try {
                                yield(1)
                                awaitCancelled()
                                events += "not cancelled"
                            } finally {
                                sleep(10.milliseconds)
                                sleep(10.milliseconds)
                                events += "done"
                            }
                        }
                    generator.asend(null)
                    shouldThrow<CancelledException> { generator.asend(100) }
                    events += "cancelled"
                }
                events shouldContainExactly listOf("done", "cancelled")
            }
        }

        context("athrow") {
            test("yield throws what is thrown in, and the next value is returned") {
                runTest {
                    val generator =
                        asyncGeneratorReceiving<Int, Int> {
                            try {
                                sleep(10.milliseconds)
                                val value =
                                    try {
                                        yield(1)
                                    } catch (_: NumberFormatException) {
                                        sleep(10.milliseconds)
                                        1000
                                    }
                                yield(value!! * 2)
                                sleep(10.milliseconds)
                            } finally {
                                sleep(10.milliseconds)
                                events += "done"
                            }
                        }
                    generator.asend(null) shouldBe 1
                    generator.athrow(NumberFormatException()) shouldBe 2000
                    shouldThrow<StopAsyncIteration> { generator.asend(null) }
                }
                events shouldContainExactly listOf("done")
            }

            test("the cancellation of what a handler awaits runs the finally blocks, with their awaits") {
                runTest {
                    val generator =
                        asyncGeneratorReceiving<Int, Int> {
                            try {
                                try {
                                    yield(1)
                                } catch (_: NumberFormatException) {
                                    awaitCancelled()
                                }
                                yield(2)
                            } finally {
                                sleep(10.milliseconds)
                                events += "done"
                            }
                        }
                    generator.asend(null)
                    shouldThrow<CancelledException> { generator.athrow(NumberFormatException()) }
                    events += "cancelled"
                }
                events shouldContainExactly listOf("done", "cancelled")
            }

            test("it stops if the body catches the exception and ends") {
                runTest {
                    val generator =
                        asyncGenerator<Int> {
                            try {
                                yield(1)
                            } catch (_: NumberFormatException) {
                                events += "caught"
                            }
                        }
                    generator.anext()
                    shouldThrow<StopAsyncIteration> { generator.athrow(NumberFormatException()) }
                    shouldThrow<StopAsyncIteration> { generator.anext() }
                }
                events shouldContainExactly listOf("caught")
            }

            loopTest("a handler yields whatever it likes, a StopIteration too") {
                for (value in listOf(listOf(2), StopIteration(3), StopAsyncIteration())) {
                    val generator =
                        asyncGenerator<Any> {
                            try {
                                yield(1)
                            } catch (_: ArithmeticException) {
                                yield(value)
                            }
                        }
                    generator.anext() shouldBe 1
                    generator.athrow(ArithmeticException()) shouldBeSameInstanceAs value
                    shouldThrow<StopAsyncIteration> { generator.anext() }
                }
            }

            test("a generator that has not begun is ended by it, and throws it") {
                runTest {
                    val generator = asyncGenerator<Int> { events += "body" }
                    val thrown = ArithmeticException()
                    shouldThrow<ArithmeticException> { generator.athrow(thrown) } shouldBeSameInstanceAs thrown
                    shouldThrow<StopAsyncIteration> { generator.anext() }
                    shouldThrow<IllegalStateException> { oneTwo().athrow(StopAsyncIteration()) }
                }
                events shouldContainExactly emptyList()
            }

            loopTest("a generator that has ended drops it") {
                val generator = oneTwo()
                generator.toList()
                generator.athrow(ArithmeticException()) shouldBe null
            }

            loopTest("a stop that is thrown in and not caught is a failure") {
                for (stop in listOf(StopAsyncIteration(), StopIteration())) {
                    val generator = oneTwo()
                    generator.anext()
                    shouldThrow<IllegalStateException> { generator.athrow(stop) }.cause shouldBeSameInstanceAs stop
                }
            }
        }

        context("a generator that is running") {
            val attempts =
                mapOf<String, suspend (AsyncGenerator<Int, Int>) -> Unit>(
                    "anext()" to { it.anext() },
                    "anext() with a default" to { it.anext(0) },
                    "asend()" to { it.asend(1) },
                    "athrow()" to { it.athrow(ArithmeticException()) },
                    "aclose()" to { it.aclose() },
                )
            for ((name, attempt) in attempts) {
                val caller = if (name == "athrow()" || name == "aclose()") name else "anext()"
                val refusal = "$caller: asynchronous generator is already running"

                loopTest("$name is refused while an asend is under way, which is not disturbed") {
                    val generator =
                        asyncGeneratorReceiving<Int, Int> {
                            sleep(1.seconds)
                            yield(1)
                        }
                    val under = createTask { generator.asend(null) }
                    sleep(ZERO)
                    shouldThrow<IllegalStateException> { attempt(generator) }.message shouldBe refusal
                    under.await() shouldBe 1
                    shouldThrow<StopAsyncIteration> { generator.anext() }
                }

                loopTest("$name is refused while an athrow is under way, which is not disturbed") {
                    val generator =
                        asyncGeneratorReceiving<Int, Int> {
                            try {
                                yield(1)
                            } catch (_: NumberFormatException) {
                                sleep(1.seconds)
                            }
                            yield(2)
                        }
                    generator.anext()
                    val under = createTask { generator.athrow(NumberFormatException()) }
                    sleep(ZERO)
                    shouldThrow<IllegalStateException> { attempt(generator) }.message shouldBe refusal
                    under.await() shouldBe 2
                }

                loopTest("$name is refused to its own body") {
                    lateinit var generator: AsyncGenerator<Int, Int>
                    generator =
                        asyncGeneratorReceiving {
                            shouldThrow<IllegalStateException> { attempt(generator) }.message shouldBe refusal
                            sleep(ZERO)
                            shouldThrow<IllegalStateException> { attempt(generator) }.message shouldBe refusal
                            yield(1)
                        }
                    generator.anext() shouldBe 1
                }
            }

            test("its text says so") {
                runTest {
                    val generator =
                        asyncGeneratorReceiving<Int, Int> {
                            sleep(1.seconds)
                            yield(1)
                        }
                    events += "$generator"
                    val next = createTask { generator.anext() }
                    sleep(ZERO)
                    events += "$generator"
                    next.await()
                    events += "$generator"
                    generator.aclose()
                    events += "$generator"
                }
                events shouldContainExactly
                    listOf(
                        "created",
                        "running",
                        "suspended",
                        "ended",
                    ).map { "<AsyncGenerator $it>" }
            }
        }

        context("cancelling") {
            test("the task that waits in anext is cancelled at the await in the body") {
                runTest {
                    val generator =
                        asyncGenerator<Int> {
                            try {
                                sleep(1.seconds)
                            } catch (e: CancelledException) {
                                events += "body: ${e.message}"
                                throw e
                            }
                            yield(1)
                        }
                    val task = createTask { generator.anext() }
                    sleep(ZERO)
                    task.cancel("enough")
                    shouldThrow<CancelledException> { task.await() }.message shouldBe "enough"
                    task.cancelled() shouldBe true
                    shouldThrow<StopAsyncIteration> { generator.anext() }
                    generator.anext(5) shouldBe 5
                }
                events shouldContainExactly listOf("body: enough")
            }

            test("a body that swallows it goes on awaiting, and its value arrives") {
                for (begin in listOf<suspend (AsyncGenerator<Int, Nothing>) -> Int?>(
                    { it.asend(null) },
                    {
                        it.asend(null)
                        it.athrow(NumberFormatException())
                    },
                )) {
                    events.clear()
                    runTest {
                        val generator =
                            asyncGenerator<Int> {
                                repeat(2) {
                                    try {
                                        sleep(1.seconds)
                                    } catch (_: CancelledException) {
                                        events += "swallowed"
                                        sleep(1.seconds)
                                    }
                                    try {
                                        yield(it)
                                    } catch (_: NumberFormatException) {
                                    }
                                }
                            }
                        val task = createTask { begin(generator) }
                        sleep(500.milliseconds)
                        task.cancel()
                        task.await()
                        task.cancelled() shouldBe false
                    }
                    events shouldContainExactly listOf("swallowed")
                }
            }

            test("a cancel that comes while the body runs is thrown at its next await, even if it yields before") {
                runTest {
                    val generator =
                        asyncGenerator<Int> {
                            currentTask()!!.cancel()
                            yield(1)
                            try {
                                sleep(1.seconds)
                            } catch (e: CancelledException) {
                                events += "body"
                                throw e
                            }
                        }
                    val task =
                        createTask {
                            events += generator.anext()
                            generator.anext()
                        }
                    shouldThrow<CancelledException> { task.await() }
                }
                events shouldContainExactly listOf(1, "body")
            }

            test("a timeout ends a generator that is too slow") {
                runTest {
                    val generator =
                        asyncGenerator<Int> {
                            try {
                                yield(1)
                                sleep(1.seconds)
                                yield(2)
                            } finally {
                                events += "closed"
                            }
                        }
                    shouldThrow<TimeoutException> {
                        timeout(500.milliseconds) { for (number in generator) events += number }
                    }
                    shouldThrow<StopAsyncIteration> { generator.anext() }
                }
                events shouldContainExactly listOf(1, "closed")
            }
        }

        context("yield") {
            loopTest("it is refused to a second coroutine of the body while the first waits in it") {
                val generator =
                    asyncGenerator<Int> {
                        val scope = this
                        val second =
                            createTask {
                                shouldThrow<IllegalStateException> {
                                    scope.yield(
                                        2,
                                    )
                                }.message shouldContain "cannot yield 2"
                            }
                        yield(1)
                        second.await()
                    }
                generator.anext() shouldBe 1
                sleep(ZERO)
                shouldThrow<StopAsyncIteration> { generator.anext() }
            }

            loopTest("it is refused when the generator has ended") {
                lateinit var scope: AsyncGeneratorScope<Int, Nothing>
                val generator = asyncGenerator<Int> { scope = this }
                generator.toList()
                shouldThrow<IllegalStateException> { scope.yield(1) }
            }
        }
    })

private fun oneTwo() =
    asyncGenerator<Int> {
        yield(1)
        yield(2)
    }

/** Awaits a sleep that is cancelled half-way. */
private suspend fun awaitCancelled(delay: Duration = 10.milliseconds) {
    val sleeper = createTask { sleep(delay) }
    getRunningLoop().callLater(delay / 2) { sleeper.cancel() }
    sleeper.await()
}

private const val STOP = "stop"

private suspend fun AsyncGenerator<*, *>.outcomes(): List<Any?> {
    val outcomes = mutableListOf<Any?>()
    while (true) {
        try {
            outcomes += anext()
        } catch (_: StopAsyncIteration) {
            return outcomes + STOP
        } catch (e: Exception) {
            outcomes += e::class
        }
    }
}

private fun Generator<*, *, *>.outcomes(): List<Any?> {
    val outcomes = mutableListOf<Any?>()
    while (true) {
        try {
            outcomes += next()
        } catch (_: StopIteration) {
            return outcomes + STOP
        } catch (e: Exception) {
            outcomes += e::class
        }
    }
}
