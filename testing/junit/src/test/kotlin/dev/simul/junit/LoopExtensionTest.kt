// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import dev.simul.bodies.Carrier
import dev.simul.loop.RecordedLog
import dev.simul.testing.Deadlock
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import org.junit.jupiter.api.extension.ExtensionConfigurationException
import org.junit.jupiter.api.extension.ParameterResolutionException
import org.junit.platform.engine.discovery.DiscoverySelectors.selectClass
import org.junit.platform.launcher.EngineFilter
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder
import org.junit.platform.launcher.core.LauncherFactory
import org.junit.platform.launcher.listeners.SummaryGeneratingListener
import java.io.IOException
import java.util.concurrent.TimeoutException

class LoopExtensionTest :
    FunSpec({
        for (carrier in Carrier.available()) {
            context("in Java, with bodies on $carrier") {
                beforeTest { System.setProperty("simul.carrier", "$carrier") }
                afterTest { System.clearProperty("simul.carrier") }

                test("a test runs on virtual time, in a task of its name, and fails with what it throws") {
                    val outcome = runTestsOf(JavaCases.First::class)
                    outcome.counts shouldBe (2 to 1)
                    JavaCases.EVENTS shouldContainExactlyInAnyOrder listOf("anHourPassesAtOnce()", "ordinary")
                    outcome.failureOf("throwsWhatItThrows").shouldBeInstanceOf<IOException>().message shouldBe "boom"
                }

                test("what runs before and after a test has its loop and its context variables") {
                    runTestsOf(JavaCases.Lifecycle::class).rethrow()
                    JavaCases.EVENTS shouldContainExactly
                        listOf("before", "tick at PT1S", "tick at PT2S", "test", "after", "ticks end")
                }

                test("a marked class runs every kind of test, each on a new loop") {
                    runTestsOf(JavaCases.EveryKind::class).rethrow()
                    JavaCases.EVENTS shouldContainExactlyInAnyOrder
                        listOf("parameterized a", "parameterized b", "repeated", "repeated", "factory", "nested") +
                        listOf("dynamic x in x", "dynamic y in y")
                }

                test("a stuck test names each task, and shows where it waits") {
                    val deadlock = runTestsOf(JavaCases.Stuck::class).failureOf("stuck()").shouldBeInstanceOf<Deadlock>()
                    deadlock.message shouldContain "2 task(s) are stuck"
                    deadlock.message shouldContain "\n    stuck() waits for Event.wait of "
                    deadlock.message shouldContain "\n    consumer waits for Event.wait of "
                    for (task in deadlock.suppressed) {
                        task.stackTrace.first().className shouldStartWith "dev.simul.junit.JavaCases\$Stuck"
                        task.stackTrace.last().className shouldStartWith "dev.simul.junit.JavaCases\$Stuck"
                    }
                    deadlock.suppressed.map { it.stackTrace.first().methodName } shouldContain "stuck"
                }
            }
        }

        test("a marked method may be of any kind") {
            runTestsOf(JavaCases.MarkedMethods::class).rethrow()
            JavaCases.EVENTS shouldContainExactly listOf("parameterized PT1S", "parameterized PT2S")
        }

        test("real time is for real sockets, and a method may decide otherwise than its class") {
            val outcome = runTestsOf(JavaCases.RealSockets::class)
            outcome.counts shouldBe (3 to 1)
            JavaCases.EVENTS shouldContainExactlyInAnyOrder listOf("hello", "hello", "virtual PT1H")
            val failure = outcome.failureOf("hasNoVirtualClock").shouldBeInstanceOf<ParameterResolutionException>()
            failure.message shouldContain "this test runs in real time, and has no VirtualClock"
        }

        context("a test fails") {
            lateinit var outcome: Outcome
            val log = RecordedLog.during { outcome = runTestsOf(JavaCases.Failures::class) }.map { it.thrown?.message }
            val events = JavaCases.EVENTS.toList()

            test("by a failure that nobody retrieved, unless it expects it") {
                val failure = outcome.failureOf("forgotten()").shouldBeInstanceOf<AssertionError>()
                failure.message shouldContain "Task exception was never retrieved"
                failure.message shouldContain "task: forgotten"
                failure.cause.shouldBeInstanceOf<IOException>()
                log shouldContainExactly listOf("boom")
            }

            test("by an error that it expects and that does not come") {
                outcome
                    .failureOf(
                        "expectedInVain()",
                    ).message shouldContain "have not reached the loop's exception handler: java.io.IOException"
            }

            test("by its timeout, and is cancelled") {
                val failure = outcome.failureOf("tooSlow()").shouldBeInstanceOf<AssertionError>()
                failure.message shouldBe "the test has not ended after 1s, and 1 task(s) are pending\n    tooSlow() waits for sleep"
                failure.suppressed.first().stackTrace.first().methodName shouldBe "tooSlow"
            }

            test("by JUnit's timeout, and is cancelled") {
                val failure = outcome.failureOf("tooSlowForJUnit()").shouldBeInstanceOf<TimeoutException>()
                failure.suppressed.single().message shouldBe
                    "the test was interrupted, and 1 task(s) are pending\n    tooSlowForJUnit() waits for sleep"
                failure.suppressed.single().suppressed.first().stackTrace.map { it.methodName } shouldContainExactly
                    listOf("tooSlow", "tooSlowForJUnit")
                events shouldContainExactly listOf("cleaned up", "cleaned up", "cleaned up")
            }

            test("by JUnit's timeout in a thread of its own") {
                outcome.failureOf("tooSlowInAThreadOfItsOwn()").shouldBeInstanceOf<TimeoutException>()
            }

            test("that runs a loop inside its own") {
                outcome.failureOf("runsAnotherLoop()").message shouldContain "run cannot be called from a running event loop"
            }

            test("that checks cancel safety on its loop") {
                outcome.failureOf("checksCancelSafety()").message shouldBe
                    "checkCancelSafe makes loops of its own, and cannot be called from a running event loop: call it in a plain test"
            }

            test("and the others do not") {
                outcome.counts shouldBe (1 to 7)
            }
        }

        context("a network in memory") {
            test("serves the sockets of a test, at once, and a stuck test fails although it has sockets") {
                val outcome = runTestsOf(KotlinCases.InMemory::class)
                outcome.counts shouldBe (1 to 1)
                JavaCases.EVENTS shouldContainExactly listOf("late at 1h")
                outcome.failureOf("stuck").shouldBeInstanceOf<Deadlock>().message shouldStartWith "deadlock at 1h"
                runTestsOf(JavaCases.InMemory::class).rethrow()
                JavaCases.EVENTS shouldContainExactly listOf("late at PT1H")
            }

            test("needs virtual time, and is nobody's parameter who has none") {
                val outcome = runTestsOf(KotlinCases.NotInMemory::class)
                outcome.failureOf("realTime").message shouldBe
                    "a test in real time has no network in memory: set time = TestTime.VIRTUAL, or network = TestNetwork.SYSTEM"
                outcome.failureOf("hasNoNetwork").message shouldContain
                    "this test has the system's sockets, and no MemoryNetwork: set network = TestNetwork.MEMORY"
            }
        }

        test("cancel safety is checked in a plain test") {
            runTestsOf(JavaCases.CancelSafe::class).rethrow().counts shouldBe (1 to 0)
        }

        test("the timeout of all tests can be set for a run") {
            val outcome = runTestsOf(JavaCases.TimeoutOfTheRun::class, "simul.test.timeout" to "1")
            outcome.failureOf("test()").message shouldContain "has not ended after 1s"
            runTestsOf(JavaCases.TimeoutOfTheRun::class, "simul.test.timeout" to "soon").failureOf("test()").message shouldBe
                "simul.test.timeout is 'soon': it must be a number of seconds"
        }

        context("a mistake has one clear error:") {
            test("a test that returns a value") {
                runTestsOf(JavaCases.ReturnsValue::class).failureOf("test()").message shouldBe
                    "dev.simul.junit.JavaCases\$ReturnsValue.neverRun returns a value, and JUnit never runs such a test: let it return nothing"
                runTestsOf(KotlinCases.ReturnsValue::class).failureOf("test").message shouldBe
                    "dev.simul.junit.KotlinCases\$ReturnsValue.neverRun returns a value, and JUnit never runs such a test: " +
                    "declare that it returns Unit"
                runTestsOf(KotlinCases.ReturnsValueOfExpression::class).failureOf("test()").message shouldContain
                    "let it return nothing, by `: Unit`"
            }

            test("tests that all return a value, if JUnit is told that its warnings are critical") {
                val request =
                    LauncherDiscoveryRequestBuilder
                        .request()
                        .filters(EngineFilter.includeEngines("junit-jupiter"))
                        .configurationParameter("junit.platform.discovery.issue.severity.critical", "warning")
                        .selectors(selectClass(JavaCases.OnlyReturnsValue::class.java))
                        .build()
                val summary = SummaryGeneratingListener()
                LauncherFactory.create().execute(request, summary)
                val failure = summary.summary.failures.single()
                failure.exception.message shouldContain "neverRun()' must not return a value"
            }

            test("a test of two kinds") {
                runTestsOf(JavaCases.TwoKinds::class).failureOf("test()").message shouldBe
                    "dev.simul.junit.JavaCases\$TwoKinds.test is an @AsyncTest and another kind of test as well: " +
                    "write @OnLoop instead of @AsyncTest"
            }

            test("a suspend function, with a JUnit that does not run it") {
                val mistake =
                    shouldThrow<ExtensionConfigurationException> { Mistakes.check(KotlinCases.First::class.java, runsSuspend = false) }
                mistake.message shouldContain "is a suspend function, and JUnit runs such tests from version 6 on"
                Mistakes.check(KotlinCases.First::class.java)
                Mistakes.check(JavaCases.First::class.java, runsSuspend = false)
            }

            test("a timeout that is negative") {
                runTestsOf(JavaCases.NegativeTimeout::class).failureOf("test()").message shouldBe
                    "the timeout of a test is -1 seconds: it must be positive"
            }
        }

        context("in Kotlin") {
            test("a suspend function is a test, on virtual time") {
                val outcome = runTestsOf(KotlinCases.First::class)
                outcome.counts shouldBe (3 to 1)
                outcome.failureOf("fails").shouldBeInstanceOf<IOException>().message shouldBe "boom"
                JavaCases.EVENTS.size shouldBe 2
                JavaCases.EVENTS shouldContain "without suspend"
            }

            test("suspend functions run before and after a test, on its loop") {
                runTestsOf(KotlinCases.Lifecycle::class).rethrow()
                JavaCases.EVENTS shouldContainExactly
                    listOf("before", "test at 2s", "after at 3s", "before", "test at 3s", "after at 4s")
            }

            test("the failures are the same") {
                lateinit var outcome: Outcome
                val log = RecordedLog.during { outcome = runTestsOf(KotlinCases.Failures::class) }
                outcome.counts shouldBe (1 to 2)
                outcome.failureOf("forgotten").message shouldContain "Task exception was never retrieved"
                val deadlock = outcome.failureOf("stuck").shouldBeInstanceOf<Deadlock>()
                deadlock.message shouldContain "consumer waits for Event.wait"
                deadlock.suppressed.map { it.stackTrace.first().methodName } shouldContainExactlyInAnyOrder listOf("stuck", "waitForever")
                log.map { it.thrown?.message } shouldContainExactly listOf("boom")
            }

            test("runTest is refused inside such a test") {
                runTestsOf(KotlinCases.RunTests::class).failureOf("test").message shouldContain "await the code there"
            }
        }

        test("tests may run in parallel") {
            val parallel = "junit.jupiter.execution.parallel"
            val outcome = runTestsOf(JavaCases.First::class, "$parallel.enabled" to "true", "$parallel.mode.default" to "concurrent")
            outcome.counts shouldBe (2 to 1)
            JavaCases.EVENTS shouldContain "anHourPassesAtOnce()"
        }

        test("nothing is logged by tests that pass") {
            RecordedLog.during { runTestsOf(JavaCases.EveryKind::class).rethrow() }.shouldBeEmpty()
        }
    })
