// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.context.ContextVar
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.dispatcher
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.StopAsyncIteration
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.runTestPatiently
import dev.simul.sleep
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.asContextElement
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.completeWith
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import kotlin.coroutines.Continuation
import kotlin.coroutines.startCoroutine
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class AsyncGeneratorDriverTest :
    FunSpec({
        val events = mutableListOf<Any?>()
        beforeTest { events.clear() }

        val pauses =
            mapOf<String, suspend () -> Unit>(
                "sleep" to { sleep(10.milliseconds) },
                "sleep(ZERO)" to { sleep(ZERO) },
                "a future" to {
                    val loop = getRunningLoop()
                    val future = loop.createFuture<Unit>()
                    loop.callLater(10.milliseconds) { if (!future.done()) future.setResult(Unit) }
                    future.await()
                },
                "kotlinx delay" to { delay(10) },
                "kotlinx yield" to { yield() },
                "withContext(Dispatchers.IO)" to { withContext(Dispatchers.IO) { Thread.yield() } },
                "coroutineScope" to { coroutineScope { launch { delay(10) } } },
            )

        /** Yields the name of the task that drives it, before and after each pause. */
        fun driverNames(pause: suspend () -> Unit) =
            asyncGenerator<String> {
                while (true) {
                    yield(currentTask()!!.name)
                    val before = currentTask()!!.name
                    val thread = Thread.currentThread()
                    pause()
                    Thread.currentThread() shouldBe thread
                    currentTask()!!.name shouldBe before
                }
            }

        for ((name, pause) in pauses) {
            test("two tasks drive a generator in turn that pauses by $name") {
                runTestPatiently {
                    val names = driverNames(pause)
                    repeat(3) {
                        events += createTask("one") { names.anext() }.await()
                        events += createTask("two") { names.anext() }.await()
                    }
                    val own = currentTask()!!.name
                    names.anext() shouldBe own
                }
                events shouldContainExactly List(3) { listOf("one", "two") }.flatten()
            }

            test("tasks and kotlinx coroutines drive a generator in turn that pauses by $name") {
                runTestPatiently {
                    val names = driverNames(pause)
                    val own = currentTask()!!.name
                    repeat(3) {
                        coroutineScope { launch { names.anext() shouldBe own } }
                        createTask("task") { names.anext() shouldBe "task" }.await()
                        createTask("scope") { coroutineScope { launch { names.anext() shouldBe "scope" } } }.await()
                        coroutineScope { async { names.anext() }.await() shouldBe own }
                    }
                    names.aclose()
                }
            }

            test("a task is cancelled while its generator pauses by $name, which then is ended") {
                runTestPatiently {
                    val generator =
                        asyncGenerator<Int> {
                            try {
                                while (true) pause()
                            } finally {
                                sleep(10.milliseconds)
                                events += "closed"
                            }
                        }
                    val task = createTask { generator.anext() }
                    repeat(5) { sleep(ZERO) }
                    task.cancel()
                    shouldThrow<CancelledException> { task.await() }
                    shouldThrow<StopAsyncIteration> { generator.anext() }
                }
                events shouldContainExactly listOf("closed")
            }
        }

        test("the body has the context variables of whoever drives it, and sets them there") {
            val variable = ContextVar("variable", "none")
            runTest {
                val values =
                    asyncGenerator<String> {
                        while (true) {
                            yield(variable.get())
                            variable.set(variable.get() + "+")
                            sleep(ZERO)
                        }
                    }
                events += values.anext()
                for (name in listOf("one", "two")) {
                    createTask {
                        variable.set(name)
                        events += values.anext()
                        events += values.anext()
                        events += variable.get()
                    }.await()
                }
                events += variable.get()
            }
            events shouldContainExactly listOf("none", "one+", "one++", "one++", "two+", "two++", "two++", "none")
        }

        loopTest("kotlinx children of one task share a generator, each taking what comes next") {
            val numbers = asyncGenerator<Int> { for (number in 1..4) yield(number) }
            coroutineScope {
                List(
                    4,
                ) { async { numbers.anext() } }.awaitAll()
            } shouldContainExactly listOf(1, 2, 3, 4)
        }

        test("cancelling the kotlinx coroutine that drives it ends it, and not the task") {
            runTest {
                val generator =
                    asyncGenerator<Int> {
                        try {
                            sleep(1.seconds)
                        } catch (e: CancellationException) {
                            events += "cancelled"
                            throw e
                        }
                        yield(1)
                    }
                coroutineScope {
                    val child = launch { generator.anext() }
                    sleep(ZERO)
                    child.cancel()
                }
                currentTask()!!.cancelling() shouldBe 0
                shouldThrow<StopAsyncIteration> { generator.anext() }
            }
            events shouldContainExactly listOf("cancelled")
        }

        loopTest("a kotlinx coroutine with a context of its own continues a generator in a generator that a task has begun") {
            val inner =
                asyncGenerator<Int> {
                    var number = 0
                    while (true) {
                        sleep(1.milliseconds)
                        yield(number++)
                    }
                }
            val outer = asyncGenerator<Int> { inner.collect { yield(it) } }
            outer.anext() shouldBe 0
            val local = ThreadLocal<String?>()
            val result = CompletableDeferred<Int>()
            // By `launch`, it would have another element for the thread, which kotlinx adds if assertions are on.
            val context = getRunningLoop().dispatcher + local.asContextElement("driver")
            suspend { outer.anext() }.startCoroutine(Continuation(context, result::completeWith))
            result.await() shouldBe 1
            local.get() shouldBe null
            outer.anext() shouldBe 2
            outer.aclose()
        }

        loopTest("a kotlinx timeout ends it, and the task goes on") {
            val generator =
                asyncGenerator<Int> {
                    delay(1.seconds)
                    yield(1)
                }
            withTimeoutOrNull(500) { generator.anext() } shouldBe null
            shouldThrow<StopAsyncIteration> { generator.anext() }
            delay(1.seconds)
        }

        loopTest("a body that swallows a cancellation in kotlinx code goes on, and so does its task") {
            val generator =
                asyncGenerator<Int> {
                    try {
                        delay(1.seconds)
                    } catch (_: CancellationException) {
                        delay(1.seconds)
                    }
                    yield(1)
                }
            val task = createTask { generator.anext() }
            sleep(500.milliseconds)
            task.cancel()
            task.await() shouldBe 1
            task.cancelled() shouldBe false
        }

        test("a yield may be inside a scope of kotlinx, whose children run on between the values") {
            runTest {
                val generator =
                    asyncGenerator<Int> {
                        coroutineScope {
                            launch {
                                delay(15)
                                events += "child"
                            }
                            for (number in 1..3) {
                                delay(10)
                                yield(number)
                            }
                        }
                    }
                for (number in generator) events += number
            }
            events shouldContainExactly listOf(1, "child", 2, 3)
        }

        context("depth") {
            loopTest("a million values without an await take no stack, by a for loop, by anext and as a Flow") {
                fun million() = asyncGenerator<Int> { for (number in 1..1_000_000) yield(number) }

                var sum = 0L
                for (number in million()) sum += number
                sum shouldBe 500_000_500_000

                val numbers = million()
                repeat(1_000_000) { sum -= numbers.anext() }
                sum shouldBe 0

                million().collect { sum += it }
                sum shouldBe 500_000_500_000
            }

            loopTest("a hundred thousand values with an await before each take no stack") {
                val numbers =
                    asyncGenerator<Int> {
                        for (number in 1..100_000) {
                            sleep(ZERO)
                            yield(number)
                        }
                    }
                var sum = 0L
                for (number in numbers) sum += number
                sum shouldBe 5_000_050_000
            }

            loopTest("a hundred thousand values after one await take no stack") {
                val numbers =
                    asyncGenerator<Int> {
                        sleep(ZERO)
                        for (number in 1..100_000) yield(number)
                    }
                var sum = 0L
                for (number in numbers) sum += number
                sum shouldBe 5_000_050_000
            }

            loopTest("a hundred thousand values take no stack when only the driver awaits") {
                val numbers = asyncGenerator<Int> { for (number in 1..100_000) yield(number) }
                var sum = 0L
                for (number in numbers) {
                    sum += number
                    sleep(ZERO)
                }
                sum shouldBe 5_000_050_000
            }

            loopTest("values pass through a tower of generators, with awaits in all of them") {
                var tower = asyncGenerator<Int> { for (number in 1..100) yield(number) }
                repeat(100) {
                    val below = tower
                    tower =
                        asyncGenerator {
                            for (number in below) {
                                if (number % 10 == 0) sleep(ZERO)
                                yield(number)
                            }
                        }
                }
                var sum = 0
                for (number in tower) sum += number
                sum shouldBe 5050
            }

            loopTest("a generator that throws a hundred thousand times and is asked again takes no stack") {
                val generator =
                    asyncGenerator<Int> {
                        var number = 0
                        while (true) {
                            try {
                                yield(number)
                            } catch (_: ArithmeticException) {
                                number++
                            }
                        }
                    }
                generator.anext()
                val thrown = ArithmeticException()
                repeat(99_999) { generator.athrow(thrown) }
                generator.athrow(thrown) shouldBe 100_000
                currentTask() shouldNotBe null
            }
        }
    })
