// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.Future
import dev.simul.createTask
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.RecordedLog
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.turns
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import org.junit.jupiter.api.Test
import java.io.IOException
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/** As a user writes it. */
class WrittenForJUnit {
    @Test
    fun endsWithAValue() = runTest { sleep(1.seconds, 42) }
}

private fun errorsOf(body: suspend () -> Unit): AssertionError {
    lateinit var failure: AssertionError
    RecordedLog.during { failure = shouldThrow<AssertionError> { runTest(body = body) } }
    return failure
}

class RunTestTest :
    FunSpec({
        test("JUnit runs a test that ends with a value, since it returns nothing") {
            WrittenForJUnit::class.java.getMethod("endsWithAValue").returnType shouldBe Void.TYPE
        }

        test("the clock may be the caller's") {
            val clock = VirtualClock()
            runTest(clock = clock) { sleep(1.hours) }
            clock.now shouldBe 1.hours
        }

        context("a test fails by what nobody looked at") {
            test("the exception of a task that was forgotten") {
                val failure =
                    errorsOf {
                        createTask<Unit>(name = "forgotten") { throw IOException("boom") }
                        turns(3)
                    }
                failure.message shouldContain "Task exception was never retrieved"
                failure.message shouldContain "task: forgotten"
                failure.cause.shouldBeInstanceOf<IOException>()
            }

            test("the exception of a task that fails after the test, or by its end") {
                errorsOf { createTask<Unit> { throw IOException("boom") } }.cause!!.message shouldBe "boom"
                errorsOf {
                    createTask {
                        try {
                            sleep(1.hours)
                        } finally {
                            throw IOException("boom")
                        }
                    }
                    turns()
                }.cause!!.message shouldBe "boom"
            }

            test("the exception of a future that is still held") {
                lateinit var held: Future<Unit>
                errorsOf { held = Future<Unit>().apply { setException(IOException("boom")) } }.cause!!.message shouldBe "boom"
                held.done() shouldBe true
            }

            test("the exception of a callback") {
                errorsOf {
                    getRunningLoop().callSoon { throw IOException("boom") }
                    turns(2)
                }.message shouldContain "Exception in callback"
            }

            test("several, each of them named") {
                val failure =
                    errorsOf {
                        repeat(2) { n -> createTask<Unit> { throw IOException("boom $n") } }
                        turns(2)
                    }
                failure.message shouldContain "boom 0"
                failure.message shouldContain "boom 1"
                failure.suppressed.single().message shouldBe "boom 1"
            }

            test("what the test itself throws comes first") {
                lateinit var failure: IllegalStateException
                RecordedLog.during {
                    failure =
                        shouldThrow {
                            runTest {
                                createTask<Unit> { throw IOException("boom") }
                                turns(2)
                                error("of the test")
                            }
                        }
                }
                failure.message shouldBe "of the test"
                failure.suppressed
                    .single()
                    .cause!!
                    .message shouldBe "boom"
            }
        }

        context("a test that means it passes") {
            loopTest("by retrieving the exception") {
                val task = createTask<Unit> { throw IOException("boom") }
                turns(2)
                task.exception()!!.message shouldBe "boom"
            }

            test("by a handler of its own, which gets the errors until the loop has closed") {
                val messages = ArrayList<String?>()
                runTest {
                    getRunningLoop().exceptionHandler = ExceptionHandler { _, context -> messages += context.exception?.message }
                    createTask<Unit> { throw IOException("boom") }
                    turns(2)
                }
                messages shouldBe listOf("boom")
            }
        }
    })
