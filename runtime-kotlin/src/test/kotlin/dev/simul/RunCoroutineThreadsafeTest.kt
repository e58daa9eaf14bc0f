// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.util.concurrent.CancellationException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import dev.simul.run as runLoop

class RunCoroutineThreadsafeTest :
    FunSpec({
        test("gives another thread the result") {
            runLoop {
                val loop = getRunningLoop()
                toThread {
                    runCoroutineThreadsafe(loop) {
                        sleep(Duration.ZERO)
                        currentTask()!!.loop shouldBeSameInstanceAs loop
                        3
                    }.get()
                } shouldBe 3
            }
        }

        test("gives another thread the failure") {
            runLoop {
                val loop = getRunningLoop()
                val failure = ArithmeticException("Fail!")
                toThread {
                    shouldThrow<ExecutionException> { runCoroutineThreadsafe(loop) { throw failure }.get() }.cause shouldBeSameInstanceAs
                        failure
                }
            }
        }

        test("a thread that gives up waiting may cancel the task") {
            runLoop {
                val loop = getRunningLoop()
                val begun = CountDownLatch(1)
                val ended = CompletableFuture<Boolean>()
                toThread {
                    val future =
                        runCoroutineThreadsafe(loop) {
                            val task = currentTask()!!
                            task.addDoneCallback { ended.complete(task.cancelled()) }
                            begun.countDown()
                            sleep(1.hours)
                        }
                    begun.await() // one that is cancelled before its first step never takes it
                    shouldThrow<TimeoutException> { future.get(1, TimeUnit.MILLISECONDS) }
                    future.cancel(true) shouldBe true
                    ended.get()
                } shouldBe true
            }
        }

        test("a task that is cancelled cancels the future") {
            runLoop {
                val loop = getRunningLoop()
                toThread {
                    val future =
                        runCoroutineThreadsafe(loop) {
                            currentTask()!!.cancel()
                            sleep(1.hours)
                        }
                    shouldThrow<CancellationException> { future.get() }
                    future.isCancelled
                } shouldBe true
            }
        }

        test("a task factory that fails fails the future, and is reported") {
            runLoop {
                val loop = getRunningLoop()
                val reports = mutableListOf<Throwable?>()
                loop.exceptionHandler = ExceptionHandler { _, context: ExceptionContext -> reports += context.exception }
                val failure = NumberFormatException()
                loop.taskFactory =
                    object : TaskFactory {
                        override fun <T> create(
                            loop: EventLoop,
                            coroutine: suspend () -> T,
                            options: TaskOptions,
                        ): Task<T> = throw failure
                    }
                toThread {
                    shouldThrow<ExecutionException> { runCoroutineThreadsafe(loop) { }.get() }.cause shouldBeSameInstanceAs failure
                }
                reports shouldContainExactly listOf(failure)
                loop.taskFactory = null
            }
        }

        test("wakes a loop that has nothing to do") {
            runLoop {
                val loop = getRunningLoop()
                val answer = loop.createFuture<Int>()
                val begun = CountDownLatch(1)
                val future = runCoroutineThreadsafe(loop) { begun.countDown() }
                val other =
                    Thread {
                        begun.await()
                        runCoroutineThreadsafe(loop) { answer.setResult(42) }.get()
                    }
                other.start()
                answer.await() shouldBe 42
                toThread { other.join() } // its future is completed in a turn of its own
                future.isDone shouldBe true
            }
        }

        test("serves many threads at once, results and failures") {
            runLoop {
                val loop = getRunningLoop()
                val results =
                    gatherResults(
                        List(10) { number ->
                            coroutine {
                                toThread {
                                    runCoroutineThreadsafe(loop) {
                                        sleep(Duration.ZERO)
                                        require(number % 2 == 0) { "odd $number" }
                                        number
                                    }.get()
                                }
                            }
                        },
                    ).await()
                results.map { result -> result.fold({ "$it" }, { it.cause!!.message!! }) } shouldContainExactly
                    List(10) { if (it % 2 == 0) "$it" else "odd $it" }
            }
        }

        test("a closed loop refuses") {
            val loop = EventLoop().also { it.close() }
            shouldThrow<IllegalStateException> { runCoroutineThreadsafe(loop) { } }.message shouldBe "Event loop is closed"
        }
    })
