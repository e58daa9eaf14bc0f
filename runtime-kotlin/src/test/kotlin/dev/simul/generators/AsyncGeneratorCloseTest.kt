// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.aclosing
import dev.simul.allTasks
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.StopAsyncIteration
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.runUntilComplete
import dev.simul.shutdownAsyncgens
import dev.simul.sleep
import dev.simul.testing.VirtualClock
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.lang.ref.WeakReference
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import dev.simul.run as runLoop

class AsyncGeneratorCloseTest :
    FunSpec({
        val events = mutableListOf<Any?>()
        beforeTest { events.clear() }

        context("aclose") {
            test("it runs the finally blocks, with their awaits, and nothing after them") {
                runTest {
                    val future = getRunningLoop().createFuture<Unit>()
                    val generator =
                        asyncGenerator<Int> {
                            try {
                                yield(1)
                                future.await()
                                yield(2)
                            } finally {
                                events += "finally"
                                sleep(10.milliseconds)
                                sleep(10.milliseconds)
                                events += "finally ended"
                            }
                            events += "after"
                        }
                    generator.anext() shouldBe 1
                    generator.aclose()
                    events += "closed"
                    future.done() shouldBe false
                    shouldThrow<StopAsyncIteration> { generator.anext() }
                }
                events shouldContainExactly listOf("finally", "finally ended", "closed")
            }

            test("the yield throws a GeneratorExit, which the body may catch to end in peace") {
                runTest {
                    val generator =
                        asyncGenerator<Int> {
                            try {
                                yield(1)
                            } catch (e: GeneratorExit) {
                                events += e::class
                            }
                            events += "after"
                        }
                    generator.asend(null)
                    generator.aclose()
                    events += "closed"
                }
                events shouldContainExactly listOf(GeneratorExit::class, "after", "closed")
            }

            loopTest("a body that yields instead of ending is an error, after an await in a finally block too") {
                getRunningLoop().exceptionHandler = ExceptionHandler { _, _ -> } // It is closed once more with the loop.
                val generator =
                    asyncGenerator<Int> {
                        try {
                            yield(1)
                        } finally {
                            sleep(10.milliseconds)
                            yield(12)
                        }
                    }
                generator.anext()
                shouldThrow<IllegalStateException> { generator.aclose() }.message shouldStartWith
                    "async generator ignored GeneratorExit"
            }

            loopTest("a body that has ignored it gives what it has left, and cannot be closed any more") {
                val generator =
                    asyncGenerator<Int> {
                        try {
                            yield(1)
                        } catch (_: GeneratorExit) {
                        }
                        for (number in 2..4) yield(number)
                    }
                generator.anext()
                shouldThrow<IllegalStateException> { generator.aclose() }
                generator.anext() shouldBe 3
                shouldThrow<StopAsyncIteration> { generator.athrow(ArithmeticException()) }
                shouldThrow<StopAsyncIteration> { generator.aclose() }
                generator.anext() shouldBe 4
                shouldThrow<StopAsyncIteration> { generator.anext() }
                generator.aclose()
            }

            test("a finally block may await a task that has failed") {
                runTest {
                    val generator =
                        asyncGenerator<Int> {
                            val task =
                                createTask {
                                    sleep(10.milliseconds)
                                    throw ArithmeticException()
                                }
                            try {
                                yield(1)
                            } finally {
                                try {
                                    task.await()
                                } catch (_: ArithmeticException) {
                                    events += "failed"
                                }
                            }
                        }
                    generator.anext()
                    generator.aclose()
                }
                events shouldContainExactly listOf("failed")
            }

            loopTest("what a finally block throws comes out of it") {
                for (failure in listOf(ArithmeticException(), CancelledException("mine"))) {
                    val generator =
                        asyncGenerator<Int> {
                            try {
                                yield(1)
                            } finally {
                                sleep(ZERO)
                                throw failure
                            }
                        }
                    generator.anext()
                    shouldThrow<Throwable> { generator.aclose() } shouldBeSameInstanceAs failure
                    generator.aclose()
                }
            }

            loopTest("a body that answers it with a stop has failed") {
                val generator =
                    asyncGenerator<Int> {
                        try {
                            yield(1)
                        } catch (_: GeneratorExit) {
                            throw StopAsyncIteration()
                        }
                    }
                generator.anext()
                shouldThrow<IllegalStateException> { generator.aclose() }
                    .cause
                    .shouldBeInstanceOf<StopAsyncIteration>()
            }

            test("a generator that has not begun never does; closing it again does nothing") {
                runTest {
                    val generator = asyncGenerator<Int> { events += "body" }
                    generator.aclose()
                    generator.aclose()
                    shouldThrow<StopAsyncIteration> { generator.anext() }
                    generator.athrow(ArithmeticException()) shouldBe null
                }
                events.shouldBeEmpty()
            }

            test("a generator that has ended can be closed") {
                runTest {
                    val generator = logged(events)
                    for (number in generator) events += number
                    generator.aclose()
                }
                events shouldContainExactly listOf(1, 2, "closed")
            }

            loopTest("it may be a task, whose text can be asked for") {
                createTask { asyncGenerator<Int> { }.aclose() }
                allTasks().map { it.toString() }.joinToString() shouldContain "pending"
            }

            test("cancelling it while a finally block awaits throws there") {
                runTest {
                    val generator =
                        asyncGenerator<Int> {
                            try {
                                yield(1)
                            } finally {
                                try {
                                    sleep(1.seconds)
                                } finally {
                                    events += "cut short"
                                }
                            }
                        }
                    generator.anext()
                    val closing = createTask { generator.aclose() }
                    sleep(ZERO)
                    closing.cancel()
                    shouldThrow<CancelledException> { closing.await() }
                    generator.aclose()
                }
                events shouldContainExactly listOf("cut short")
            }
        }

        context("leaving a for loop") {
            test("break does not close the generator: it can go on") {
                runTest {
                    val generator = logged(events)
                    for (number in generator) {
                        events += number
                        break
                    }
                    events += "left"
                    for (number in generator) events += number
                }
                events shouldContainExactly listOf(1, "left", 2, "closed")
            }

            test("an exception in the loop does not close the generator either") {
                runTest {
                    val generator = logged(events)
                    shouldThrow<ArithmeticException> { for (number in generator) throw ArithmeticException() }
                    events += "left"
                    generator.aclose()
                }
                events shouldContainExactly listOf("left", "closed")
            }

            test("aclosing closes it at once, after a break and after an exception") {
                runTest {
                    aclosing(logged(events)) { generator ->
                        for (number in generator) {
                            events += number
                            break
                        }
                    }
                    events += "left"
                    shouldThrow<ArithmeticException> {
                        aclosing(logged(events)) { generator ->
                            generator.anext()
                            throw ArithmeticException()
                        }
                    }
                }
                events shouldContainExactly listOf(1, "closed", "left", "closed")
            }
        }

        context("the end of the loop") {
            test("shutdownAsyncgens closes every live generator, at the same time") {
                runTest {
                    val loop = getRunningLoop()
                    val start = loop.time()
                    val generators =
                        List(3) {
                            asyncGenerator<Int> {
                                try {
                                    yield(it)
                                } finally {
                                    sleep(1.seconds)
                                    events += it
                                }
                            }
                        }
                    generators.forEach { it.anext() }
                    loop.shutdownAsyncgens()
                    events += loop.time() - start
                    generators.forEach { shouldThrow<StopAsyncIteration> { it.anext() } }
                }
                events shouldContainExactly listOf(0, 1, 2, 1.seconds)
            }

            test("generators whose tasks were cancelled have closed themselves") {
                val loop = VirtualClock().newLoop()
                val waiting = {
                    asyncGenerator<Int> {
                        try {
                            sleep(1.seconds)
                            yield(1)
                        } finally {
                            sleep(ZERO)
                            events += "closed"
                        }
                    }
                }
                loop.use {
                    val tasks = List(2) { loop.createTask { for (number in waiting()) events += number } }
                    loop.runUntilComplete { sleep(100.milliseconds) }
                    tasks.forEach { it.cancel() }
                    for (task in tasks) shouldThrow<CancelledException> { loop.runUntilComplete(task) }
                    events shouldContainExactly listOf("closed", "closed")
                    loop.runUntilComplete { loop.shutdownAsyncgens() }
                }
                events shouldContainExactly listOf("closed", "closed")
            }

            test("a generator that was left half-way is closed in silence") {
                val generator = logged(events)
                val reports = mutableListOf<ExceptionContext>()
                runTest {
                    report(reports)
                    for (number in generator) break
                    events += "main ends"
                }
                events shouldContainExactly listOf("main ends", "closed")
                reports.shouldBeEmpty()
            }

            test("a failure to close is reported to the exception handler, and the others are closed nevertheless") {
                val broken =
                    asyncGenerator<Int> {
                        try {
                            yield(1)
                        } finally {
                            throw ArithmeticException()
                        }
                    }
                val sound = logged(events)
                val reports = mutableListOf<ExceptionContext>()
                runTest {
                    report(reports)
                    broken.anext()
                    sound.anext()
                }
                events shouldContainExactly listOf("closed")
                val report = reports.single()
                report.message shouldStartWith
                    "an error occurred during closing of asynchronous generator <AsyncGenerator"
                report.exception.shouldBeInstanceOf<ArithmeticException>()
                report["asyncgen"] shouldBeSameInstanceAs broken
            }

            test("a generator that is running then is reported, and left to its task") {
                val reports = mutableListOf<ExceptionContext>()
                runTest {
                    report(reports)
                    val generator =
                        asyncGenerator<Int> {
                            sleep(1.seconds)
                            yield(1)
                        }
                    val next = createTask { generator.anext() }
                    sleep(ZERO)
                    getRunningLoop().shutdownAsyncgens()
                    next.await() shouldBe 1
                }
                reports.single().exception!!.message shouldBe "aclose(): asynchronous generator is already running"
            }

            test("ended generators and those that never began are nothing to it") {
                val reports = mutableListOf<ExceptionContext>()
                runTest {
                    report(reports)
                    val ended = logged(events)
                    for (number in ended) events += number
                    val fresh = logged(events)
                    getRunningLoop().shutdownAsyncgens()
                    events += fresh.anext()
                    fresh.aclose()
                }
                events shouldContainExactly listOf(1, 2, "closed", 1, "closed")
                reports.shouldBeEmpty()
            }
        }

        context("garbage collection") {
            test("a generator that nobody holds is closed by a task of the loop") {
                runLoop {
                    abandonHalfway(events)
                    collectUntil { "closed" in events }
                }
                events shouldContainExactly listOf(1, 2, "closing", "closed")
            }

            test("it does not disturb the loop that the generator has ended before") {
                val reports = mutableListOf<ExceptionContext>()
                runLoop {
                    report(reports)
                    lateinit var collected: WeakReference<*>
                    repeat(3) { collected = finishAndForget(events) }
                    collectUntil { collected.get() == null }
                    sleep(20.milliseconds)
                    allTasks().size shouldBe 1
                }
                events shouldContainExactly List(3) { listOf(1, 2, "closed") }.flatten()
                reports.shouldBeEmpty()
            }

            test("a failure to close is reported to the exception handler") {
                val reports = mutableListOf<ExceptionContext>()
                runLoop {
                    report(reports)
                    abandonBroken(events)
                    collectUntil { events == listOf("closing") }
                }
                reports.map { it.exception?.message } shouldContain "broken"
            }

            test("a generator that a task is waiting for gives its value first") {
                val reports = mutableListOf<ExceptionContext>()
                runLoop {
                    report(reports)
                    val gate = getRunningLoop().createFuture<Int>()
                    lateinit var generator: WeakReference<*>
                    val next =
                        createTask {
                            asyncGenerator<Int> {
                                try {
                                    yield(gate.await())
                                } finally {
                                    sleep(ZERO)
                                    events += "closed"
                                }
                            }.also { generator = WeakReference(it) }.anext()
                        }
                    sleep(ZERO)
                    collectUntil { generator.get() == null }
                    sleep(50.milliseconds)
                    gate.setResult(1)
                    events += next.await()
                    repeat(3) { sleep(ZERO) }
                }
                events shouldContainExactly listOf(1, "closed")
                reports.shouldBeEmpty()
            }

            test("a closed loop does not keep what its tasks left behind") {
                val left = leaveBehindOnClosedLoop()
                runLoop { collectUntil { left.get() == null } }
            }
        }
    })

private fun logged(events: MutableList<Any?>) =
    asyncGenerator<Int> {
        try {
            yield(1)
            yield(2)
        } finally {
            events += "closed"
        }
    }

private fun report(reports: MutableList<ExceptionContext>) {
    getRunningLoop().exceptionHandler = ExceptionHandler { _, report -> reports += report }
}

private suspend fun abandonHalfway(events: MutableList<Any?>) {
    val generator =
        asyncGenerator<Int> {
            try {
                var number = 0
                while (true) yield(++number)
            } finally {
                events += "closing"
                sleep(ZERO)
                events += "closed"
            }
        }
    events += generator.anext()
    events += generator.anext()
}

private suspend fun abandonBroken(events: MutableList<Any?>) {
    val generator =
        asyncGenerator<Int> {
            try {
                yield(1)
            } finally {
                events += "closing"
                error("broken")
            }
        }
    generator.anext()
}

private suspend fun finishAndForget(events: MutableList<Any?>): WeakReference<*> {
    val generator = logged(events)
    for (number in generator) events += number
    return WeakReference(generator)
}

/** A generator in which a task still waits when its loop is closed. */
private fun leaveBehindOnClosedLoop(): WeakReference<*> {
    lateinit var left: WeakReference<*>
    val loop = EventLoop()
    loop.exceptionHandler = ExceptionHandler { _, _ -> }
    loop.use {
        loop.createTask {
            val generator =
                asyncGenerator<Int> {
                    sleep(1.seconds)
                    yield(1)
                }
            left = WeakReference(generator)
            for (number in generator) break
        }
        loop.runUntilComplete { sleep(ZERO) }
    }
    return left
}

/** Collects garbage until [done], for at most a minute; needs a loop on the machine's clock. */
private suspend fun collectUntil(done: () -> Boolean) {
    val begin = TimeSource.Monotonic.markNow()
    while (!done() && begin.elapsedNow() < 1.minutes) {
        System.gc()
        sleep(10.milliseconds)
    }
    withClue("nothing was collected in time") { done() shouldBe true }
}
