// SPDX-License-Identifier: Apache-2.0
package dev.simul.repeating

import dev.simul.createTask
import dev.simul.exceptions.BaseExceptionGroup
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.resultOfTest
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.timeout
import dev.simul.turnsOf
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.withTimeout
import java.io.IOException
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

private val EXPONENTIAL = Backoff.exponential(1.seconds)

private fun now() = getRunningLoop().time()

/** Fails, and notes when. */
private class Failing(
    private vararg val failures: Throwable,
) {
    val times = mutableListOf<Duration>()

    fun call(): String {
        times += now()
        throw failures.getOrNull(times.size - 1) ?: return "result"
    }
}

class RetryTest :
    FunSpec({
        test("the jitter of two loops with equal seeds is the same") {
            fun times(seed: Int): List<Duration> =
                resultOfTest {
                    getRunningLoop().random = Random(seed)
                    val body = Failing(*Array(6) { IOException() })
                    retry(7, EXPONENTIAL.jittered()) { body.call() }
                    body.times
                }
            times(1) shouldBe times(1)
            times(1) shouldNotBe times(2)
        }

        context("the attempts") {
            loopTest("a body that returns runs once, without giving up the turn") {
                val other = createTask { }
                retry(3, EXPONENTIAL) { "result" } shouldBe "result"
                other.done() shouldBe false
            }

            loopTest("it is run again after each failure, until it returns") {
                val body = Failing(IOException(), IOException())
                retry(3, EXPONENTIAL) { body.call() } shouldBe "result"
                body.times.shouldContainExactly(0.seconds, 1.seconds, 3.seconds)
            }

            loopTest("the last failure is thrown, with the earlier ones suppressed in their order") {
                val failures = List(3) { IOException("$it") }
                val body = Failing(*failures.toTypedArray())
                val thrown = shouldThrow<IOException> { retry(3, EXPONENTIAL) { body.call() } }
                thrown shouldBeSameInstanceAs failures[2]
                thrown.suppressed.toList().shouldContainExactly(failures[0], failures[1])
                now() shouldBe 3.seconds
            }

            loopTest("of many failures the sixteen latest are suppressed") {
                var attempt = 0
                val thrown = shouldThrow<IOException> { retry(100) { throw IOException("${++attempt}") } }
                thrown.message shouldBe "100"
                thrown.suppressed.map { it.message } shouldBe (84..99).map { "$it" }
            }

            loopTest("one exception that is thrown again and again is not suppressed by itself") {
                val failure = IOException()
                shouldThrow<IOException> { retry(3) { throw failure } } shouldBeSameInstanceAs failure
                failure.suppressed.toList().shouldBeEmpty()
            }

            loopTest("without a pause each new attempt gives up one turn") {
                val body = Failing(IOException(), IOException())
                turnsOf { retry(3) { body.call() } shouldBe "result" } shouldBe 2
                now() shouldBe Duration.ZERO
            }

            test("less than one attempt is refused") {
                runTest { shouldThrow<IllegalArgumentException> { retry(0) { } }.message shouldContain "at least one attempt, not 0" }
            }

            test("the body may return from the function around it") {
                suspend fun early(): String {
                    retry(3) { return "early" }
                }
                resultOfTest { early() } shouldBe "early"
            }
        }

        context("what is retried") {
            loopTest("what the predicate refuses is thrown at once, with what was before it") {
                val asked = mutableListOf<Exception>()
                val failures = arrayOf(IOException(), ArithmeticException())
                val body = Failing(*failures)
                val retryIf = { e: Exception -> asked.add(e) && e is IOException }
                val thrown = shouldThrow<ArithmeticException> { retry(9, EXPONENTIAL, retryIf) { body.call() } }
                asked.shouldContainExactly(*failures)
                thrown.suppressed.toList().shouldContainExactly(failures[0])
                body.times.shouldContainExactly(0.seconds, 1.seconds)
            }

            test("the predicate is not asked about the last attempt") {
                runTest { shouldThrow<IOException> { retry(1, retryIf = { error("asked") }) { throw IOException() } } }
            }

            test("errors, cancellations and groups with one of these in them are not retried") {
                val cancelled = BaseExceptionGroup.of("", listOf(CancelledException()))
                for (failure in listOf(AssertionError(), StackOverflowError(), cancelled)) {
                    runTest {
                        val body = Failing(failure)
                        shouldThrow<Throwable> { retry(9, retryIf = { error("asked") }) { body.call() } } shouldBeSameInstanceAs failure
                    }
                }
                runTest {
                    val body = Failing(CancelledException("by hand"))
                    val task = createTask { retry(9) { body.call() } }
                    shouldThrow<CancelledException> { task.await() }
                    body.times.size shouldBe 1
                }
            }

            test("a fatal error leaves the loop") {
                val body = Failing(KeyboardInterrupt())
                shouldThrow<KeyboardInterrupt> { runTest { retry(9) { body.call() } } }
                body.times.size shouldBe 1
            }
        }

        context("cancelling the task") {
            loopTest("during a pause ends it at once, with the failures so far") {
                val failures = arrayOf(IOException("first"), IOException("second"))
                val body = Failing(*failures)
                val task = createTask { retry(9, EXPONENTIAL) { body.call() } }
                sleep(2.seconds)
                task.cancel("enough")
                val thrown = shouldThrow<CancelledException> { task.await() }
                thrown.message shouldBe "enough"
                thrown.suppressed.toList().shouldContainExactly(*failures)
                now() shouldBe 2.seconds
                body.times.size shouldBe 2
            }

            loopTest("during an attempt ends that, and there is no other") {
                var attempts = 0
                val task =
                    createTask {
                        retry(9) {
                            attempts++
                            sleep(9.seconds)
                        }
                    }
                sleep(1.seconds)
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
                attempts shouldBe 1
            }

            loopTest("a failure with which the body answers it is not retried") {
                var attempts = 0
                val task =
                    createTask {
                        retry(9) {
                            attempts++
                            try {
                                sleep(9.seconds)
                            } catch (e: CancelledException) {
                                throw IOException("closed", e)
                            }
                        }
                    }
                sleep(1.seconds)
                task.cancel()
                shouldThrow<IOException> { task.await() }
                attempts shouldBe 1
            }

            loopTest("a request that was there before does not keep it from retrying") {
                val body = Failing(IOException())
                val task =
                    createTask {
                        try {
                            sleep(9.seconds)
                        } catch (_: CancelledException) {
                            retry(2, EXPONENTIAL) { body.call() }
                        }
                    }
                sleep(1.seconds)
                task.cancel()
                task.await() shouldBe "result"
                now() shouldBe 2.seconds
            }
        }

        context("a timeout") {
            loopTest("inside limits each attempt, and is retried") {
                var attempts = 0
                val result =
                    retry(3, Backoff.constant(1.seconds)) {
                        timeout(2.seconds) {
                            if (++attempts < 3) sleep(9.seconds)
                            "result"
                        }
                    }
                result shouldBe "result"
                now() shouldBe 6.seconds
            }

            loopTest("inside, of kotlinx, is retried too") {
                val thrown = shouldThrow<TimeoutCancellationException> { retry(2) { withTimeout(2000) { sleep(9.seconds) } } }
                thrown.suppressed.filterIsInstance<TimeoutCancellationException>().size shouldBe 1
                now() shouldBe 4.seconds
            }

            loopTest("around it ends attempts and pauses together, and tells the failures so far") {
                val failure = IOException()
                val thrown =
                    shouldThrow<TimeoutException> { timeout(5.seconds) { retry(9, Backoff.constant(9.seconds)) { throw failure } } }
                now() shouldBe 5.seconds
                thrown.cause!!.suppressed.toList().shouldContainExactly(failure)
            }

            loopTest("around it is not taken for a timeout inside") {
                var attempts = 0
                shouldThrow<TimeoutException> {
                    timeout(1.seconds) {
                        retry(9) {
                            attempts++
                            timeout(9.seconds) { sleep(99.seconds) }
                        }
                    }
                }
                attempts shouldBe 1
                now() shouldBe 1.seconds
            }
        }
    })
