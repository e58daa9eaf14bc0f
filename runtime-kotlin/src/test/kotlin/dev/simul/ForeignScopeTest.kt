// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.ContextVar
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.testing.VirtualClock
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.asExecutor
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

class ForeignScopeTest :
    FunSpec({
        context("a task group inside a kotlinx scope that is cancelled waits for its tasks, and the loop goes on") {
            suspend fun group(events: MutableList<String>) =
                taskGroup { group ->
                    group.createTask {
                        try {
                            sleep(1.hours)
                        } finally {
                            sleep(Duration.ZERO)
                            events += "cleaned up"
                        }
                    }
                }

            test("by withTimeout") {
                val events = ArrayList<String>()
                runTest { shouldThrow<TimeoutCancellationException> { withTimeout(100) { group(events) } } }
                events shouldContainExactly listOf("cleaned up")
            }

            test("by a cancel of the task") {
                val events = ArrayList<String>()
                runTest {
                    val task = createTask { coroutineScope { group(events) } }
                    sleep(1.seconds)
                    task.cancel()
                    shouldThrow<CancellationException> { task.await() }
                }
                events shouldContainExactly listOf("cleaned up")
            }

            test("by a timeout of ours") {
                val events = ArrayList<String>()
                runTest { shouldThrow<TimeoutException> { timeout(1.seconds) { coroutineScope { group(events) } } } }
                events shouldContainExactly listOf("cleaned up")
            }
        }

        loopTest("a cancellation that was taken back before its delivery does not reach a later suspension") {
            delay(1)
            val task = currentTask()!!
            task.cancel()
            task.uncancel()
            delay(1)
            timeout(1.seconds) { withContext(NonCancellable) { delay(2000) } }
            delay(1)
            task.cancelling() shouldBe 0
        }

        test("what foreign code throws in a callback is reported, and the loop goes on") {
            val reports = ArrayList<Throwable?>()
            runTest {
                val loop = getRunningLoop()
                loop.exceptionHandler = ExceptionHandler { _, context -> reports += context.exception }
                val failure = IllegalStateException("boom")
                loop.dispatcher.asExecutor().execute { throw failure }
                sleep(1.seconds)
                reports shouldContainExactly listOf(failure)
            }
        }

        test("what goes on without a dispatcher goes on on behalf of nobody, rather than of the last task") {
            val clock = VirtualClock()
            val variable = ContextVar("variable", "of nobody")
            runLoop(loopFactory = clock::newLoop) {
                createTask {
                    variable.set("of another")
                    repeat(10) { sleep(Duration.ZERO) }
                    clock.advance(1.seconds)
                    repeat(10) { sleep(Duration.ZERO) }
                }
                withContext(Dispatchers.Unconfined) {
                    taskGroup { it.createTask { repeat(5) { sleep(Duration.ZERO) } } }
                    currentTask().shouldBeNull()
                    variable.get() shouldBe "of nobody"
                    sleep(1.seconds)
                    currentTask().shouldBeNull()
                    variable.get() shouldBe "of nobody"
                }
            }
        }

        test("the dependents of a CompletableFuture that was handed out run in a turn of nobody's") {
            val variable = ContextVar("variable", "outside")
            val seen = ArrayList<Any?>()
            runTest {
                val task =
                    createTask {
                        variable.set("in the task")
                        sleep(Duration.ZERO)
                    }
                val dependent =
                    task.toCompletableFuture().thenRun {
                        seen += currentTask()
                        seen += variable.get()
                    }
                wrapFuture(dependent).await()
            }
            seen shouldContainExactly listOf(null, "outside")
        }
    })
