// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.loop.setEventLoop
import dev.simul.testing.VirtualClock
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.util.concurrent.CancellationException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.CountDownLatch
import java.util.concurrent.ExecutionException
import java.util.concurrent.FutureTask
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

private suspend fun cancelWhileAwaiting(future: Future<*>) {
    val task = createTask { future.await() }
    sleep(Duration.ZERO)
    task.cancel("enough")
    shouldThrow<CancelledException> { task.await() }.message shouldBe "enough"
}

class WrapFutureTest :
    FunSpec({
        context("wrapping a CompletionStage") {
            test("gives its value, when another thread completes it") {
                runLoop {
                    val stage = CompletableFuture<String>()
                    val future = wrapFuture(stage)
                    future.loop shouldBeSameInstanceAs getRunningLoop()
                    thread { stage.complete("value") }
                    future.await() shouldBe "value"
                }
            }

            test("gives null as a value") {
                runTest { wrapFuture(CompletableFuture.completedFuture<String?>(null)).await() shouldBe null }
            }

            loopTest("throws its failure, without the wrapping of the stages between") {
                val failure = ArithmeticException("spam")
                val stage: CompletionStage<String> =
                    CompletableFuture
                        .supplyAsync<Int> { throw failure }
                        .thenApply { it + 1 }
                        .thenApply { "$it" }
                shouldThrow<ArithmeticException> { wrapFuture(stage).await() } shouldBeSameInstanceAs failure
            }

            loopTest("takes a future that is a stage as well, and is no CompletableFuture") {
                val future = CompletableFuture<String>()
                val wrapped = wrapFuture(Both(future))
                future.complete("both")
                wrapped.await() shouldBe "both"
            }

            loopTest("takes any stage, also one that is no CompletableFuture") {
                wrapFuture(CompletableFuture.completedStage("minimal")).await() shouldBe "minimal"
            }

            loopTest("is cancelled when the stage is") {
                val stage = CompletableFuture<String>()
                val future = wrapFuture(stage)
                getRunningLoop().callSoon { stage.cancel(true) }
                shouldThrow<CancelledException> { future.await() }
                future.cancelled() shouldBe true
            }

            loopTest("cancels the stage when it is cancelled, directly or by the task that awaits it") {
                val direct = CompletableFuture<String>()
                wrapFuture(direct).cancel() shouldBe true
                direct.isCancelled shouldBe true
                val awaited = CompletableFuture<String>()
                cancelWhileAwaiting(wrapFuture(awaited))
                awaited.isCancelled shouldBe true
            }

            loopTest("a stage that is completed after the cancellation changes nothing") {
                val stage = CompletableFuture<String>()
                val future = wrapFuture(stage)
                thread {
                    stage.complete("too late")
                }.join()
                future.cancel() shouldBe true
                sleep(1.seconds)
                future.cancelled() shouldBe true
                stage.get() shouldBe "too late"
            }

            test("belongs to the loop that is given, the running or the current one") {
                val loop = VirtualClock().newLoop()
                val stage = CompletableFuture.completedFuture("value")
                shouldThrow<IllegalStateException> { wrapFuture(stage) }
                val given = wrapFuture(stage, loop)
                given.loop shouldBeSameInstanceAs loop
                setEventLoop(loop)
                try {
                    wrapFuture(stage).loop shouldBeSameInstanceAs loop
                } finally {
                    setEventLoop(null)
                }
                loop.runUntilComplete(given) shouldBe "value"
                loop.close()
            }

            test("a stage that completes after the loop was closed is ignored") {
                val loop = EventLoop()
                val stage = CompletableFuture<String>()
                val future = wrapFuture(stage, loop)
                loop.close()
                stage.complete("late") shouldBe true
                future.done() shouldBe false
            }
        }

        context("wrapping a java.util.concurrent.Future") {
            test("gives its value or failure") {
                runLoop {
                    val value = FutureTask { "value" }
                    thread { value.run() }
                    wrapFuture(value).await() shouldBe "value"
                    val failure = ArithmeticException("spam")
                    val failing = FutureTask<String> { throw failure }
                    thread { failing.run() }
                    shouldThrow<ArithmeticException> { wrapFuture(failing).await() } shouldBeSameInstanceAs failure
                }
            }

            test("is cancelled when that is, and the other way round") {
                runLoop {
                    val cancelled = FutureTask { "never" }
                    val future = wrapFuture(cancelled)
                    thread { cancelled.cancel(true) }
                    shouldThrow<CancelledException> { future.await() }
                    future.cancelled() shouldBe true
                    val other = FutureTask { "never" }
                    cancelWhileAwaiting(wrapFuture(other))
                    other.isCancelled shouldBe true
                }
            }

            loopTest("a CompletableFuture takes no thread for it") {
                getRunningLoop().setDefaultExecutor(java.util.concurrent.Executors.newSingleThreadExecutor().also { it.shutdown() })
                val future: java.util.concurrent.Future<String> = CompletableFuture.completedFuture("value")
                wrapFuture(future).await() shouldBe "value"
            }
        }

        context("wrapping a Deferred") {
            test("gives its value or failure") {
                runLoop {
                    val scope = CoroutineScope(Dispatchers.Default + kotlinx.coroutines.SupervisorJob())
                    wrapFuture(scope.async { "value" }).await() shouldBe "value"
                    val failure = ArithmeticException("spam")
                    val thrown = shouldThrow<ArithmeticException> { wrapFuture(scope.async { throw failure }).await() }
                    thrown shouldBeSameInstanceAs failure
                }
            }

            loopTest("is cancelled when that is, with its message, and the other way round") {
                val deferred = CompletableDeferred<String>()
                val future = wrapFuture(deferred)
                getRunningLoop().callSoon { deferred.cancel(CancellationException("why")) }
                shouldThrow<CancelledException> { future.await() }.message shouldBe "why"
                future.cancelled() shouldBe true
                val other = CompletableDeferred<String>()
                cancelWhileAwaiting(wrapFuture(other))
                other.isCancelled shouldBe true
            }

            test("a timeout of kotlinx in it is a failure, not a cancellation") {
                runLoop {
                    val deferred = CoroutineScope(Dispatchers.Default).async { withTimeout(1) { awaitCancellation() } }
                    val future = wrapFuture<Nothing>(deferred)
                    shouldThrow<TimeoutCancellationException> { future.await() }
                    future.cancelled() shouldBe false
                }
            }
        }

        context("wrapping a Job") {
            test("waits for its end, or throws its failure") {
                runLoop {
                    val events = mutableListOf<String>()
                    val scope = CoroutineScope(Dispatchers.Default + kotlinx.coroutines.SupervisorJob())
                    wrapFuture(scope.launch { events += "ran" }).await()
                    events shouldContainExactly listOf("ran")
                    val failing = Job()
                    failing.completeExceptionally(ArithmeticException("spam"))
                    shouldThrow<ArithmeticException> { wrapFuture(failing as Job).await() }.message shouldBe "spam"
                }
            }

            loopTest("is cancelled when that is, and the other way round") {
                val job = Job()
                val future = wrapFuture(job as Job)
                getRunningLoop().callSoon { job.cancel() }
                shouldThrow<CancelledException> { future.await() }
                future.cancelled() shouldBe true
                val other = Job()
                cancelWhileAwaiting(wrapFuture(other as Job))
                other.isCancelled shouldBe true
            }
        }

        context("toCompletableFuture") {
            test("has the outcome of what ended in the last turn before the loop closed, whoever asked for it") {
                val loop = EventLoop()
                val future = loop.createFuture<String>()
                val before = future.toCompletableFuture()
                future.setResult("value")
                var late: CompletableFuture<String>? = null
                thread { late = future.toCompletableFuture() }.join()
                loop.close()
                before.join() shouldBe "value"
                late!!.join() shouldBe "value"
            }

            test("gives another thread the value or the failure") {
                runLoop {
                    val value = createTask { sleep(1.milliseconds, "value") }
                    toThread { value.toCompletableFuture().get() } shouldBe "value"
                    toThread { value.toCompletableFuture().get() } shouldBe "value"
                    val failure = ArithmeticException("spam")
                    val failing =
                        createTask<String> {
                            sleep(1.milliseconds)
                            throw failure
                        }
                    toThread {
                        shouldThrow<ExecutionException> { failing.toCompletableFuture().get() }.cause shouldBeSameInstanceAs failure
                    }
                }
            }

            test("is cancelled when the future is") {
                runLoop {
                    val future = getRunningLoop().createFuture<String>()
                    val handedOut = future.toCompletableFuture()
                    future.cancel()
                    toThread { shouldThrow<CancellationException> { handedOut.get() } }
                    handedOut.isCancelled shouldBe true
                }
            }

            test("cancels the future, and the task, from any thread") {
                runLoop {
                    val task = createTask { sleep(1.hours) }
                    val handedOut = task.toCompletableFuture()
                    thread { handedOut.cancel(true) }
                    shouldThrow<CancelledException> { task.await() }
                    task.cancelled() shouldBe true
                }
            }

            loopTest("leaves the message of a cancellation to the task that awaits") {
                val task = createTask { sleep(1.hours) }
                task.toCompletableFuture()
                task.asDeferred()
                sleep(Duration.ZERO)
                task.cancel("why")
                shouldThrow<CancelledException> { task.await() }.message shouldBe "why"
            }

            loopTest("completing it by hand does nothing to the future") {
                val future = getRunningLoop().createFuture<String>()
                future.toCompletableFuture().complete("by hand")
                sleep(1.seconds)
                future.done() shouldBe false
            }

            test("a future that was done when its loop closed is still handed out") {
                val task = runLoop { createTask { "value" }.also { it.await() } }
                task.toCompletableFuture().getNow("not there") shouldBe "value"
            }
        }

        context("asDeferred") {
            test("gives coroutines of other threads the value or the failure") {
                runLoop {
                    val value = createTask { sleep(1.milliseconds, "value") }
                    toThread { runBlocking { value.asDeferred().await() } } shouldBe "value"
                    val failing =
                        createTask<String> {
                            sleep(1.milliseconds)
                            throw ArithmeticException("spam")
                        }
                    toThread {
                        shouldThrow<ArithmeticException> { runBlocking { failing.asDeferred().await() } }.message shouldBe "spam"
                    }
                }
            }

            test("is cancelled when the future is, with its message") {
                runLoop {
                    val future = getRunningLoop().createFuture<String>()
                    val deferred = future.asDeferred()
                    future.cancel("why")
                    val thrown =
                        toThread {
                            runBlocking {
                                deferred.join()
                                runCatching { deferred.await() }.exceptionOrNull()
                            }
                        }
                    thrown.shouldBeInstanceOf<CancellationException>().message shouldBe "why"
                    deferred.isCancelled shouldBe true
                }
            }

            test("cancels the future, and the task, from any thread") {
                runLoop {
                    val task = createTask { sleep(1.hours) }
                    val deferred = task.asDeferred()
                    thread { deferred.cancel(CancellationException("from outside")) }
                    shouldThrow<CancelledException> { task.await() }.message shouldBe "from outside"
                    task.cancelled() shouldBe true
                }
            }

            loopTest("a failed future fails the Deferred, and is not cancelled by that") {
                val future = getRunningLoop().createFuture<String>()
                val deferred = future.asDeferred()
                future.setException(ArithmeticException())
                sleep(Duration.ZERO)
                deferred.isCompleted shouldBe true
                future.cancelled() shouldBe false
            }

            test("a future that was done when its loop closed is still handed out") {
                val task = runLoop { createTask { "value" }.also { it.await() } }
                runBlocking { withTimeout(60_000) { task.asDeferred().await() } } shouldBe "value"
            }
        }

        test("what crosses from many threads arrives, in both directions") {
            runLoop {
                val count = 500
                val gates = List(count) { CountDownLatch(1) }
                val stages = List(count) { CompletableFuture<Int>() }
                val futures = stages.map { wrapFuture(it) }
                val threads =
                    List(4) { number ->
                        thread {
                            for (i in number until count step 4) {
                                gates[i].await()
                                stages[i].complete(i)
                            }
                        }
                    }
                val mirrored =
                    futures.mapIndexed { i, future ->
                        gates[i].countDown()
                        wrapFuture(future.toCompletableFuture())
                    }
                gather(mirrored).await() shouldContainExactly (0 until count).toList()
                threads.forEach { it.join() }
            }
        }
    })

/** As some drivers' futures are. */
private class Both<T>(
    private val future: CompletableFuture<T>,
) : CompletionStage<T> by future,
    java.util.concurrent.Future<T> by future {
    override fun toCompletableFuture(): CompletableFuture<T> = future
}
