// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.Future
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.StopAsyncIteration
import dev.simul.loop.getRunningLoop
import dev.simul.observe.captureCallGraph
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.turns
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.asContextElement
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.FlowCollector
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlin.coroutines.resume
import kotlin.coroutines.suspendCoroutine
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.milliseconds

private typealias Numbers = AsyncGenerator<Int, String>

/** What `collect` is: a loop, and the close after it. */
private suspend fun Numbers.collectByLoop(collector: FlowCollector<Int>) {
    try {
        for (number in this) collector.emit(number)
    } finally {
        aclose()
    }
}

private suspend fun waits(): Int {
    sleep(10.milliseconds)
    return currentTask()!!.cancelling()
}

/** Every test runs with the real `collect` and with the loop that it stands for: both must do the same. */
class AsyncGeneratorCollectTest :
    FunSpec({
        val events = mutableListOf<Any?>()
        beforeTest { events.clear() }

        val pauses =
            mapOf<String, suspend () -> Unit>(
                "no pause" to {},
                "sleep" to { sleep(10.milliseconds) },
                "sleep(ZERO)" to { sleep(ZERO) },
                "kotlinx delay" to { delay(10) },
            )

        val ways =
            mapOf<String, suspend (Numbers, FlowCollector<Int>) -> Unit>(
                "collect" to { numbers, collector -> numbers.collect(collector) },
                "a loop" to { numbers, collector -> numbers.collectByLoop(collector) },
            )

        /** Tells what comes to each of its yields, and what it sees at its end. */
        fun told(
            last: Int = 3,
            pause: suspend () -> Unit = {},
        ) = asyncGeneratorReceiving<Int, String> {
            try {
                for (number in 1..last) {
                    pause()
                    val sent = yield(number)
                    if (sent != null) events += "sent $sent"
                }
            } catch (e: Throwable) {
                events += "in body: ${e::class.simpleName}"
                throw e
            } finally {
                pause()
                events += "closed"
            }
        }

        for ((way, collect) in ways) {
            for ((inBody, bodyPauses) in pauses) {
                for ((inCollector, collectorPauses) in pauses) {
                    context("by $way, $inBody in the body, $inCollector in the collector") {
                        test("all values, in their order") {
                            runTest {
                                val numbers = told(5, bodyPauses)
                                collect(numbers) {
                                    collectorPauses()
                                    events += it
                                }
                                numbers.toString() shouldBe "<AsyncGenerator ended>"
                            }
                            events shouldContainExactly listOf(1, 2, 3, 4, 5, "closed")
                        }

                        test("a failure of the collector is GeneratorExit in the body, and is thrown after that has ended") {
                            runTest {
                                val numbers = told(5, bodyPauses)
                                shouldThrow<ArithmeticException> {
                                    collect(numbers) {
                                        collectorPauses()
                                        events += it
                                        if (it == 2) throw ArithmeticException()
                                    }
                                }
                                events += "thrown"
                                shouldThrow<StopAsyncIteration> { numbers.anext() }
                            }
                            events shouldContainExactly listOf(1, 2, "in body: GeneratorExit", "closed", "thrown")
                        }

                        test("a failure of the body is thrown to the caller") {
                            runTest {
                                val numbers =
                                    asyncGeneratorReceiving<Int, String> {
                                        yield(1)
                                        bodyPauses()
                                        throw ArithmeticException()
                                    }
                                shouldThrow<ArithmeticException> {
                                    collect(numbers) {
                                        collectorPauses()
                                        events += it
                                    }
                                }
                            }
                            events shouldContainExactly listOf(1)
                        }

                        test("a body that yields while it is closed has ignored the exit") {
                            runTest {
                                val stubborn =
                                    asyncGeneratorReceiving<Int, String> {
                                        try {
                                            bodyPauses()
                                            yield(1)
                                        } finally {
                                            bodyPauses()
                                            yield(2)
                                        }
                                    }
                                shouldThrow<IllegalStateException> {
                                    collect(stubborn) {
                                        collectorPauses()
                                        events += it
                                        throw ArithmeticException()
                                    }
                                }.message shouldBe "async generator ignored GeneratorExit: it must not yield when it is being closed"
                                shouldThrow<GeneratorExit> { stubborn.anext() }
                            }
                            events shouldContainExactly listOf(1)
                        }

                        test("a body that replaces the exit by a failure of its own") {
                            runTest {
                                val failing =
                                    asyncGeneratorReceiving<Int, String> {
                                        try {
                                            bodyPauses()
                                            yield(1)
                                        } catch (_: GeneratorExit) {
                                            bodyPauses()
                                            throw NoSuchElementException()
                                        }
                                    }
                                shouldThrow<NoSuchElementException> {
                                    collect(failing) {
                                        collectorPauses()
                                        throw ArithmeticException()
                                    }
                                }
                            }
                        }

                        test("the collector may take a value itself, send one, and throw one in") {
                            runTest {
                                val numbers = told(9, bodyPauses)
                                val tolerant =
                                    asyncGeneratorReceiving<Int, String> {
                                        for (number in 1..4) {
                                            try {
                                                bodyPauses()
                                                yield(number)
                                            } catch (_: ArithmeticException) {
                                                events += "thrown in"
                                            }
                                        }
                                    }
                                collect(numbers) {
                                    collectorPauses()
                                    events += it
                                    if (it == 2) events += "next ${numbers.anext()}"
                                    if (it == 4) events += "next ${numbers.asend("word")}"
                                }
                                collect(tolerant) {
                                    collectorPauses()
                                    events += it
                                    if (it == 1) events += "next ${tolerant.athrow(ArithmeticException())}"
                                }
                            }
                            events shouldContainExactly
                                listOf(1, 2, "next 3", 4, "sent word", "next 5", 6, 7, 8, 9, "closed", 1, "thrown in", "next 2", 3, 4)
                        }

                        test("the collector may close it, or collect the rest") {
                            runTest {
                                val closed = told(9, bodyPauses)
                                collect(closed) {
                                    collectorPauses()
                                    events += it
                                    if (it == 2) closed.aclose()
                                }
                                val shared = told(4, bodyPauses)
                                collect(shared) { outer ->
                                    collectorPauses()
                                    collect(shared) {
                                        collectorPauses()
                                        events += outer to it
                                    }
                                }
                            }
                            events shouldContainExactly
                                listOf(1, 2, "in body: GeneratorExit", "closed", 1 to 2, 1 to 3, 1 to 4, "closed")
                        }

                        test("its state is told as it is") {
                            runTest {
                                lateinit var numbers: Numbers
                                numbers =
                                    asyncGeneratorReceiving {
                                        repeat(2) {
                                            events += numbers.toString()
                                            bodyPauses()
                                            yield(it)
                                        }
                                        shouldThrow<IllegalStateException> { numbers.anext() }.message shouldBe
                                            "anext(): asynchronous generator is already running"
                                    }
                                collect(numbers) {
                                    events += numbers.toString()
                                    collectorPauses()
                                    events += numbers.toString()
                                }
                            }
                            val each = listOf("<AsyncGenerator running>", "<AsyncGenerator suspended>", "<AsyncGenerator suspended>")
                            events shouldContainExactly each + each
                        }

                        test("a generator that collects a generator") {
                            runTest {
                                val below = told(3, bodyPauses)
                                val above =
                                    asyncGeneratorReceiving<Int, String> {
                                        collect(below) {
                                            yield(it * 10)
                                            bodyPauses()
                                        }
                                    }
                                collect(above) {
                                    collectorPauses()
                                    events += it
                                    if (it == 20) events += "next ${above.anext()}"
                                }
                            }
                            events shouldContainExactly listOf(10, 20, "next 30", "closed")
                        }

                        test("a generator in a generator whose collector fails is closed from the inside") {
                            runTest {
                                val below = told(3, bodyPauses)
                                val above =
                                    asyncGeneratorReceiving<Int, String> {
                                        try {
                                            collect(below) { yield(it * 10) }
                                        } finally {
                                            events += "above closed"
                                        }
                                    }
                                shouldThrow<ArithmeticException> {
                                    collect(above) {
                                        collectorPauses()
                                        events += it
                                        throw ArithmeticException()
                                    }
                                }
                            }
                            events shouldContainExactly listOf(10, "in body: GeneratorExit", "closed", "above closed")
                        }

                        test("in a kotlinx child of the task") {
                            runTest {
                                coroutineScope {
                                    launch {
                                        collect(told(3, bodyPauses)) {
                                            collectorPauses()
                                            events += it
                                        }
                                    }
                                }
                            }
                            events shouldContainExactly listOf(1, 2, 3, "closed")
                        }
                    }
                }
            }
        }

        for ((way, collect) in ways) {
            context("by $way") {
                test("another task takes values while the collector waits") {
                    runTest {
                        val numbers = told(6)
                        val task =
                            createTask {
                                collect(numbers) {
                                    events += it
                                    sleep(10.milliseconds)
                                }
                            }
                        sleep(5.milliseconds)
                        events += "other ${numbers.anext()}"
                        sleep(10.milliseconds)
                        numbers.aclose()
                        task.await()
                    }
                    events shouldContainExactly listOf(1, "other 2", 3, "in body: GeneratorExit", "closed")
                }

                test("while another task waits for a value, the collector finds it running") {
                    runTest {
                        val numbers =
                            asyncGeneratorReceiving<Int, String> {
                                yield(1)
                                sleep(1.milliseconds)
                                yield(2)
                                sleep(50.milliseconds)
                                yield(3)
                            }
                        val task = createTask { collect(numbers) { sleep(10.milliseconds) } }
                        sleep(5.milliseconds)
                        numbers.anext() shouldBe 2
                        val other = createTask { numbers.anext() }
                        shouldThrow<IllegalStateException> { task.await() }.message shouldBe
                            "aclose(): asynchronous generator is already running"
                        other.await() shouldBe 3
                    }
                }

                test("cancelled while the collector waits: the body gets the exit, and the task is cancelled") {
                    runTest {
                        val task =
                            createTask {
                                collect(told()) {
                                    try {
                                        sleep(10.milliseconds)
                                    } catch (e: CancelledException) {
                                        events += "in collector: cancelled"
                                        throw e
                                    }
                                }
                            }
                        sleep(5.milliseconds)
                        task.cancel()
                        shouldThrow<CancelledException> { task.await() }
                    }
                    events shouldContainExactly listOf("in collector: cancelled", "in body: GeneratorExit", "closed")
                }

                test("cancelled while the body waits: the cancellation is thrown in the body") {
                    runTest {
                        val task = createTask { collect(told { sleep(10.milliseconds) }) { events += it } }
                        sleep(15.milliseconds)
                        task.cancel()
                        shouldThrow<CancelledException> { task.await() }
                    }
                    events shouldContainExactly listOf(1, "in body: CancelledException", "closed")
                }

                test("a collector that is resumed before it has suspended") {
                    runTest {
                        collect(told(1_000)) { number ->
                            suspendCoroutine { it.resume(Unit) }
                            events += number
                        }
                    }
                    events shouldContainExactly (1..1_000).toList() + "closed"
                }

                test("a hundred thousand values take no stack, whoever waits") {
                    runTest {
                        for (pause in listOf<suspend () -> Unit>({}, { sleep(ZERO) })) {
                            for (collectorPause in listOf<suspend () -> Unit>({}, { sleep(ZERO) })) {
                                var sum = 0L
                                val numbers =
                                    asyncGeneratorReceiving<Int, String> {
                                        for (number in 1..100_000) {
                                            pause()
                                            yield(number)
                                        }
                                    }
                                collect(numbers) {
                                    collectorPause()
                                    sum += it
                                }
                                sum shouldBe 5_000_050_000
                            }
                        }
                    }
                }

                test("the loop's end closes what a collector has left waiting") {
                    runTest {
                        val never = Future<Unit>(getRunningLoop())
                        val task = createTask { collect(told()) { never.await() } }
                        turns()
                        task.cancel()
                        shouldThrow<CancelledException> { task.await() }
                    }
                    events shouldContainExactly listOf("in body: GeneratorExit", "closed")
                }

                test("its call graph goes from the collector to the caller, and not through the body") {
                    runTest {
                        suspend fun caller(numbers: Numbers) {
                            collect(numbers) { events += waits() }
                            events += "collected"
                        }
                        val task = createTask { caller(told(1)) }
                        turns()
                        val functions = captureCallGraph(task)!!.callStack.map { it.frame.methodName }
                        functions.first() shouldBe "waits"
                        functions.filter { "caller" in it }.size shouldBe 1
                        functions.none { "told" in it } shouldBe true
                        task.await()
                    }
                    events shouldContainExactly listOf(0, "closed", "collected")
                }
            }
        }

        for ((way, collect) in ways) {
            test("by $way, the collector is outside of the scopes that the body opens around its yield") {
                val local = ThreadLocal<String?>()
                runTest {
                    val numbers =
                        asyncGeneratorReceiving<Int, String> {
                            yield(0)
                            withContext(local.asContextElement("body") + CoroutineName("body")) {
                                events += local.get()
                                yield(1)
                                yield(2)
                            }
                            yield(3)
                        }
                    collect(numbers) {
                        events += "$it ${local.get()} ${currentCoroutineContext()[CoroutineName]}"
                        if (it == 1) sleep(10.milliseconds)
                        if (it == 2) events += "next ${numbers.anext()}"
                    }
                }
                events shouldContainExactly listOf("0 null null", "body", "1 null null", "2 null null", "next 3")
            }

            test("by $way, a collector that fails for a value out of such a scope closes the body") {
                runTest {
                    val numbers =
                        asyncGeneratorReceiving<Int, String> {
                            coroutineScope {
                                try {
                                    yield(1)
                                } catch (e: GeneratorExit) {
                                    events += "closed"
                                    throw e
                                }
                            }
                        }
                    shouldThrow<ArithmeticException> { collect(numbers) { throw ArithmeticException() } }
                }
                events shouldContainExactly listOf("closed")
            }
        }

        test("the trace of a failure in the collector shows the collector and the caller") {
            suspend fun fails(number: Int) {
                check(number < 2) { "broken" }
                sleep(ZERO)
            }

            suspend fun caller(pause: suspend () -> Unit) {
                told(pause = pause).collect { fails(it) }
                events += "collected"
            }
            runTest {
                for (pause in pauses.values) {
                    val task = createTask(name = "collecting") { caller(pause) }
                    val trace = shouldThrow<IllegalStateException> { task.await() }.stackTrace.map { "${it.className}.${it.methodName}" }
                    val shown = trace.map { line -> listOf("fails", "caller", "in.task").firstOrNull { it in line } }.filterNotNull()
                    shown.distinct() shouldContainExactly listOf("fails", "caller", "in.task")
                }
            }
        }
    })
