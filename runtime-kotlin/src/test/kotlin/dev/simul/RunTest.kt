// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.generators.asyncGenerator
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getEventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.loop.setEventLoop
import dev.simul.testing.VirtualClock
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.util.concurrent.Executors
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

class RunTest :
    FunSpec({
        val events = mutableListOf<String>()
        beforeTest { events.clear() }
        afterTest { setEventLoop(null) }

        test("gives the result of its main coroutine") {
            runLoop {
                sleep(Duration.ZERO)
                42
            } shouldBe 42
        }

        test("throws what its main coroutine throws") {
            shouldThrow<ArithmeticException> {
                runTest {
                    sleep(1.seconds)
                    throw ArithmeticException("spam")
                }
            }.message shouldBe "spam"
        }

        test("throws the cancellation if its main task was cancelled") {
            shouldThrow<CancelledException> {
                runTest {
                    currentTask()!!.cancel("enough")
                    sleep(1.seconds)
                }
            }.message shouldBe "enough"
        }

        test("switches debug mode on or off, or leaves it as the loop was made") {
            runLoop(debug = true) { getRunningLoop().debug } shouldBe true
            runLoop(debug = false) { getRunningLoop().debug } shouldBe false
            runLoop { getRunningLoop().debug } shouldBe false
            val debugging = { VirtualClock().newLoop().also { it.debug = true } }
            runLoop(loopFactory = debugging) { getRunningLoop().debug } shouldBe true
            runLoop(debug = false, loopFactory = debugging) { getRunningLoop().debug } shouldBe false
        }

        test("is refused inside a running loop, and does not start its coroutine") {
            runTest {
                shouldThrow<IllegalStateException> { dev.simul.run { events += "started" } }.message shouldContain
                    "run cannot be called from a running event loop"
            }
            events.shouldBeEmpty()
        }

        test("closes its loop, however it ends") {
            val loops = mutableListOf<EventLoop>()
            runLoop { loops += getRunningLoop() }
            shouldThrow<ArithmeticException> {
                runLoop {
                    loops += getRunningLoop()
                    throw ArithmeticException()
                }
            }
            loops.map { it.isClosed } shouldContainExactly listOf(true, true)
            getRunningLoopOrNull() shouldBe null
        }

        test("makes its loop the current one of the thread meanwhile") {
            setEventLoop(VirtualClock().newLoop())
            lateinit var seen: EventLoop
            runLoop {
                getRunningLoop().callSoon { seen = getEventLoop() }
                sleep(Duration.ZERO)
                seen shouldBeSameInstanceAs getRunningLoop()
            }
            shouldThrow<IllegalStateException> { getEventLoop() }
        }

        test("calls its loop factory once, and leaves the thread's current loop alone then") {
            val current = VirtualClock().newLoop()
            setEventLoop(current)
            val made = mutableListOf<EventLoop>()
            runLoop(loopFactory = { VirtualClock().newLoop().also { made += it } }) { getRunningLoop() } shouldBeSameInstanceAs
                made.single()
            made.single().isClosed shouldBe true
            getEventLoop() shouldBeSameInstanceAs current
        }

        test("cancels the tasks that are left, and waits for them") {
            lateinit var left: Task<Unit>
            runTest {
                left =
                    createTask {
                        try {
                            sleep(1.hours)
                        } catch (e: CancelledException) {
                            events += "cancelled"
                            sleep(1.seconds)
                            events += "cleaned up"
                            throw e
                        }
                    }
                sleep(Duration.ZERO)
                events += "main ends"
            }
            left.cancelled() shouldBe true
            events shouldContainExactly listOf("main ends", "cancelled", "cleaned up")
        }

        test("cancels the tasks that are left when its main coroutine fails or a fatal error leaves the loop") {
            for (error in listOf(ArithmeticException(), KeyboardInterrupt())) {
                lateinit var left: Task<Unit>
                shouldThrow<Throwable> {
                    runTest {
                        left = createTask { sleep(1.hours) }
                        sleep(1.seconds)
                        throw error
                    }
                } shouldBeSameInstanceAs error
                left.cancelled() shouldBe true
            }
        }

        test("reports the errors of the tasks that are left") {
            val reports = mutableListOf<ExceptionContext>()
            lateinit var left: Task<Unit>
            runTest {
                getRunningLoop().exceptionHandler = ExceptionHandler { _, context -> reports += context }
                left =
                    createTask {
                        try {
                            sleep(1.hours)
                        } catch (_: CancelledException) {
                            throw ArithmeticException("spam")
                        }
                    }
                createTask {
                    try {
                        sleep(1.hours)
                    } catch (_: CancelledException) {
                        // It ends well.
                    }
                }
                sleep(Duration.ZERO)
            }
            reports shouldHaveSize 1
            reports[0].message shouldContain "unhandled exception during run() shutdown"
            reports[0].exception.shouldBeInstanceOf<ArithmeticException>()
            reports[0]["task"] shouldBeSameInstanceAs left
        }

        test("does not cancel the tasks that the cleanup makes, but reports those that never end") {
            val reports = mutableListOf<String>()
            runTest {
                getRunningLoop().exceptionHandler = ExceptionHandler { _, context -> reports += context.message }
                createTask {
                    try {
                        sleep(1.hours)
                    } finally {
                        createTask {
                            try {
                                sleep(1.hours)
                            } finally {
                                events += "never"
                            }
                        }
                    }
                }
                sleep(Duration.ZERO)
            }
            events.shouldBeEmpty()
            reports shouldContainExactly listOf("Task was destroyed but it is pending!")
        }

        test("cleans up in order: tasks, asynchronous generators, the default executor, the loop") {
            val executor = Executors.newSingleThreadExecutor()
            lateinit var loop: EventLoop
            runLoop {
                loop = getRunningLoop()
                loop.setDefaultExecutor(executor)
                val generator =
                    asyncGenerator<Int> {
                        try {
                            yield(1)
                            yield(2)
                        } finally {
                            events += toThread { "generator closed, executor shut down: ${executor.isShutdown}" }
                        }
                    }
                generator.anext() shouldBe 1
                createTask {
                    try {
                        sleep(1.hours)
                    } finally {
                        events += toThread { "task cancelled, executor shut down: ${executor.isShutdown}" }
                        generator.toString() shouldBe "<AsyncGenerator suspended>"
                    }
                }
                sleep(Duration.ZERO)
            }
            events shouldContainExactly
                listOf("task cancelled, executor shut down: false", "generator closed, executor shut down: false")
            executor.isTerminated shouldBe true
            loop.isClosed shouldBe true
        }

        test("closes a generator after the task that was driving it has failed") {
            val reports = mutableListOf<String>()
            shouldThrow<NumberFormatException> {
                runTest {
                    getRunningLoop().exceptionHandler = ExceptionHandler { _, context -> reports += context.message }
                    val generator =
                        asyncGenerator<Int> {
                            try {
                                while (true) {
                                    yield(1)
                                    sleep(1.seconds)
                                }
                            } finally {
                                events += "generator ends"
                            }
                        }
                    createTask {
                        try {
                            for (value in generator) events += "$value"
                        } catch (_: CancelledException) {
                            events += "task fails"
                            throw ArithmeticException()
                        }
                    }
                    sleep(1.5.seconds)
                    throw NumberFormatException()
                }
            }
            events shouldContainExactly listOf("1", "1", "generator ends", "task fails")
            reports shouldContainExactly listOf("unhandled exception during run() shutdown")
        }
    })
