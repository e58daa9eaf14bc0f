// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.Child
import dev.simul.Future
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.context.ContextVar
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.loop.RecordedLog
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.sync.Event
import dev.simul.turns
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.IOException
import java.net.ConnectException
import java.util.concurrent.Callable
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class TestRunnerTest :
    FunSpec({
        val user = ContextVar<String>("user")

        test("the parts of a test have one loop, one clock and the same context variables") {
            TestRunner().use { test ->
                val loop =
                    test.run {
                        user.set("ada")
                        sleep(1.hours)
                        getRunningLoop()
                    }
                test.run {
                    user.get() shouldBe "ada"
                    getRunningLoop() shouldBe loop
                    loop.time() shouldBe 1.hours
                }
                test.clock!!.now shouldBe 1.hours
            }
        }

        test("a task that one part leaves goes on in the next, and is cancelled at the end") {
            val events = ArrayList<String>()
            TestRunner().use { test ->
                test.run {
                    createTask {
                        try {
                            while (true) {
                                events += "tick"
                                sleep(1.seconds)
                            }
                        } catch (e: CancelledException) {
                            events += "cancelled"
                            throw e
                        }
                    }
                    turns(1)
                }
                events shouldContainExactly listOf("tick")
                test.run { sleep(1500.milliseconds) }
            }
            events shouldContainExactly listOf("tick", "tick", "cancelled")
        }

        test("one that was never used ends without a loop") {
            TestRunner().close()
            val unused = TestRunner()
            unused.errors.expect<IOException>()
            shouldThrow<AssertionError> { unused.close() }.message shouldContain "have not reached"
        }

        test("closing it again does nothing, and it runs nothing afterwards") {
            val test = TestRunner()
            test.errors.expect<IOException>()
            shouldThrow<AssertionError> { test.close() }
            test.close()
            shouldThrow<IllegalStateException> { test.run { } }.message shouldContain "is closed"
        }

        test("it goes by the machine's clock if it has no other") {
            TestRunner(clock = null).use { test -> test.run { sleep(1.milliseconds) } }
        }

        test("it cannot be used inside a loop") {
            runTest {
                shouldThrow<IllegalStateException> { TestRunner().run { } }.message shouldContain "await the code there"
            }
        }

        context("errors that are expected") {
            test("do not make the test fail, and are not logged") {
                val log =
                    RecordedLog.during {
                        runTest {
                            ReportedErrors.ofRunningTest().expect<IOException>()
                            createTask<Unit> { throw IOException("boom") }
                        }
                    }
                log.shouldBeEmpty()
            }

            test("may have come before") {
                RecordedLog.during {
                    runTest {
                        getRunningLoop().callSoon { throw IOException("boom") }
                        turns(2)
                        ReportedErrors.ofRunningTest().expect(IOException::class.java)
                    }
                }
            }

            test("are matched by the narrowest type, in whatever order they come") {
                runTest {
                    ReportedErrors.ofRunningTest().expect<IOException>()
                    ReportedErrors.ofRunningTest().expect<ConnectException>()
                    createTask<Unit> { throw ConnectException("refused") }
                    createTask<Unit> { throw IOException("boom") }
                }
            }

            test("must come, each of them") {
                val failure =
                    shouldThrow<AssertionError> {
                        runTest {
                            repeat(2) { ReportedErrors.ofRunningTest().expect<IOException>() }
                            createTask<Unit> { throw IOException("boom") }
                        }
                    }
                failure.message shouldBe "the test expected errors that have not reached the loop's exception handler: java.io.IOException"
            }

            test("do not hide others") {
                RecordedLog.during {
                    val failure =
                        shouldThrow<AssertionError> {
                            runTest {
                                ReportedErrors.ofRunningTest().expect<IllegalStateException>()
                                createTask<Unit> { throw IOException("boom") }
                            }
                        }
                    failure.message shouldContain "boom"
                    failure.message shouldContain "have not reached the loop's exception handler: java.lang.IllegalStateException"
                    failure.cause!!.message shouldBe "boom"
                }
            }

            test("have no place in a loop that is not a test's") {
                dev.simul.run {
                    shouldThrow<IllegalStateException> { ReportedErrors.ofRunningTest() }.message shouldContain "exceptionHandler is null"
                }
            }
        }

        context("stuck tasks") {
            test("a deadlock's suppressed exceptions show where each task waits") {
                val deadlock =
                    shouldThrow<Deadlock> {
                        runTest {
                            createTask(name = "consumer") { waitForever() }
                            sleep(1.hours)
                            waitForever()
                        }
                    }
                val consumer = deadlock.suppressed.single { it.message!!.startsWith("consumer waits for Event.wait of ") }
                consumer.stackTrace.first().methodName shouldBe "waitForever"
                deadlock.suppressed.size shouldBe 2
                deadlock.stackTraceToString() shouldContain "Suppressed: consumer waits for Event.wait of "
            }

            for (carrier in Carrier.available()) {
                test("a body's trace begins and ends in the user's code, on $carrier") {
                    val deadlock =
                        shouldThrow<Deadlock> {
                            TestRunner().use { test ->
                                test.loop.carrier = carrier
                                test.run { bodyOf(Callable { awaitInBody(Future<Unit>(getRunningLoop())) }).await() }
                            }
                        }
                    val trace = deadlock.suppressed.single().stackTrace
                    trace.shouldNotBeNull()
                    trace.first().className shouldContain "TestRunnerTest"
                    trace.last().className shouldContain "TestRunnerTest"
                }
            }

            test("no more than fifty are shown") {
                val deadlock = shouldThrow<Deadlock> { runTest { List(60) { createTask { waitForever() } }.forEach { it.await() } } }
                deadlock.message shouldContain "and 11 more"
                deadlock.suppressed.size shouldBe 50
            }
        }

        context("a part that takes too long") {
            test("is ended with a report of the pending tasks, and they are cancelled") {
                val events = ArrayList<String>()
                val failure =
                    shouldThrow<AssertionError> {
                        TestRunner(clock = null, timeout = 50.milliseconds).use { test ->
                            test.run("connects()") {
                                try {
                                    waitForever()
                                } finally {
                                    events += "cleaned up"
                                }
                            }
                        }
                    }
                failure.message shouldContain "the test has not ended after 50ms, and 1 task(s) are pending\n"
                failure.message shouldContain "\n    connects() waits for Event.wait"
                failure.suppressed.any { it.stackTrace.firstOrNull()?.methodName == "waitForever" } shouldBe true
                events shouldContainExactly listOf("cleaned up")
            }

            test("also if its time is virtual, and it never waits") {
                val failure =
                    shouldThrow<AssertionError> { TestRunner(timeout = 50.milliseconds).use { test -> test.run { while (true) turns(1) } } }
                failure.message shouldContain "has not ended after 50ms"
            }

            test("is interrupted if it keeps the turn, and the report shows where") {
                val failure =
                    shouldThrow<AssertionError> {
                        TestRunner(timeout = 50.milliseconds).use { test -> test.run { Thread.sleep(60_000) } }
                    }
                failure.message shouldContain "has not ended after 50ms"
                val blocked = failure.suppressed.single { it is BlockedLoop }
                blocked.message shouldContain "kept the loop's turn"
                blocked.stackTrace.any { it.methodName == "sleep" } shouldBe true
                Thread.interrupted() shouldBe false
            }

            test("is interrupted again and again if it goes on, and the log shows where") {
                var interrupts = 0
                val log =
                    RecordedLog.during {
                        shouldThrow<AssertionError> {
                            TestRunner(timeout = 50.milliseconds).use { test ->
                                test.run { while (interrupts < 3) if (isInterruptedAsleep()) interrupts++ }
                            }
                        }
                    }
                val entry = log.single { "has not ended, so its thread is interrupted" in it.message }
                entry.thrown!!.stackTrace.any { it.methodName == "sleep" } shouldBe true
            }

            for (carrier in Carrier.available()) {
                test("is interrupted if it keeps the turn in a body, on $carrier") {
                    val failure =
                        shouldThrow<AssertionError> {
                            TestRunner(timeout = 50.milliseconds).use { test ->
                                test.loop.carrier = carrier
                                test.run { bodyOf(Callable { Thread.sleep(60_000) }).await() }
                            }
                        }
                    failure.suppressed.single { it is BlockedLoop }.stackTrace.any { it.methodName == "sleep" } shouldBe true
                }
            }

            test("is reported if it is the clean-up, of a task that refuses to end") {
                val failure =
                    shouldThrow<AssertionError> {
                        TestRunner(clock = null, timeout = 50.milliseconds).use { test ->
                            test.run {
                                createTask(name = "stubborn") {
                                    while (true) runCatching { waitForever() }
                                }
                                turns(1)
                            }
                        }
                    }
                failure.message shouldContain "the clean-up of the test has not ended after 50ms"
                failure.message shouldContain "stubborn waits for Event.wait"
            }

            test("is left alone if a debugger may be attached") {
                val options = listOf("-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0")
                Child(DebuggedProgram::class.java.name, "", options).use { it.rest().last() } shouldBe "not limited"
                shouldThrow<AssertionError> { DebuggedProgram.main(emptyArray()) }
            }

            test("may be in time for its own limit, which is not another part's") {
                TestRunner(clock = null, timeout = 2.seconds).use { test -> repeat(3) { test.run { sleep(1.milliseconds) } } }
            }
        }

        context("an interrupt of the thread that runs the test") {
            fun interrupted(test: TestRunner): InterruptedException {
                val waits = CountDownLatch(1)
                val testing = Thread.currentThread()
                thread {
                    waits.await()
                    testing.interrupt()
                }
                return shouldThrow<InterruptedException> {
                    test.use {
                        it.run("waits()") {
                            waits.countDown()
                            waitForever()
                        }
                    }
                }
            }

            test("ends it with the same report") {
                val failure = interrupted(TestRunner(clock = null))
                failure.message shouldContain "the test was interrupted, and 1 task(s) are pending\n    waits() waits for Event.wait"
                failure.suppressed.single().stackTrace.first().methodName shouldBe "waitForever"
            }

            test("ends it if its loop never waits") {
                val testing = Thread.currentThread()
                val failure =
                    shouldThrow<InterruptedException> {
                        TestRunner().use { test ->
                            test.run("spins()") {
                                testing.interrupt()
                                while (true) turns(1)
                            }
                        }
                    }
                failure.message shouldContain "the test was interrupted, and 1 task(s) are pending\n    spins() waits for"
                Thread.interrupted() shouldBe false
            }

            for (carrier in Carrier.available()) {
                test("ends it if a body keeps the turn, on $carrier") {
                    val testing = Thread.currentThread()
                    val failure =
                        shouldThrow<InterruptedException> {
                            TestRunner().use { test ->
                                test.loop.carrier = carrier
                                test.run {
                                    bodyOf(
                                        Callable {
                                            testing.interrupt()
                                            Thread.sleep(60_000)
                                        },
                                    ).await()
                                }
                            }
                        }
                    failure.stackTraceToString() shouldContain "Thread.sleep"
                    Thread.interrupted() shouldBe false
                }
            }

            test("which the code under test throws itself is passed on") {
                val failure = shouldThrow<InterruptedException> { TestRunner().use { it.run { throw InterruptedException("mine") } } }
                failure.message shouldBe "mine"
                failure.message shouldNotContain "pending"
            }
        }
    })

/** Its limit is shorter than what it takes. */
object DebuggedProgram {
    @JvmStatic
    fun main(arguments: Array<String>) {
        TestRunner(clock = null, timeout = 10.milliseconds).use { test -> test.run { sleep(100.milliseconds) } }
        println("not limited")
    }
}

/** More than a tail call, which would leave no frame. */
private suspend fun waitForever() {
    Event().wait()
    error("nobody sets it")
}

private fun isInterruptedAsleep() =
    try {
        Thread.sleep(60_000)
        false
    } catch (_: InterruptedException) {
        true
    }
