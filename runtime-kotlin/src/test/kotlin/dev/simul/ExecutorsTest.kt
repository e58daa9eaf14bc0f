// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.ContextVar
import dev.simul.exceptions.CancelledException
import dev.simul.loop.getRunningLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import java.util.concurrent.ForkJoinPool
import java.util.concurrent.RecursiveTask
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** The executors of the JDK that programs give work to. */
private val executors: Map<String, () -> ExecutorService> =
    buildMap {
        put("a fixed pool") { Executors.newFixedThreadPool(2) }
        put("a ForkJoinPool") { ForkJoinPool(2) }
        val perTask =
            Executors::class.java.methods.firstOrNull {
                it.name == "newVirtualThreadPerTaskExecutor" && Runtime.version().feature() >= 21
            }
        if (perTask != null) put("a virtual thread for each call") { perTask.invoke(null) as ExecutorService }
    }

class ExecutorsTest :
    FunSpec({
        for ((kind, newExecutor) in executors) {
            context(kind) {
                test("runs many blocks at once, and each result and failure arrives") {
                    withExecutor(newExecutor) { executor ->
                        val calls = List(1000) { number -> getRunningLoop().runInExecutor(executor) { 1000 / (number % 10) } }
                        for ((number, call) in calls.withIndex()) {
                            if (number % 10 == 0) {
                                shouldThrow<ArithmeticException> {
                                    call.await()
                                }
                            } else {
                                call.await() shouldBe 1000 / (number % 10)
                            }
                        }
                    }
                }

                test("a block that runs when its future is cancelled goes on, is not interrupted, and nobody hears of its end") {
                    withExecutor(newExecutor) { executor ->
                        val begun = CountDownLatch(1)
                        val goOn = CountDownLatch(1)
                        val ended = CompletableFuture<Boolean>()
                        val call =
                            getRunningLoop().runInExecutor(executor) {
                                begun.countDown()
                                ended.complete(goOn.await(60, TimeUnit.SECONDS) && !Thread.interrupted())
                            }
                        toThread { begun.await() }
                        call.cancel()
                        shouldThrow<CancelledException> { call.await() }
                        goOn.countDown()
                        wrapFuture(ended).await() shouldBe true
                    }
                }

                test("has no context variables of the caller, unless they are the default executor's") {
                    val variable = ContextVar("variable", "none")
                    withExecutor(newExecutor) { executor ->
                        variable.set("mine")
                        getRunningLoop().runInExecutor(executor) { variable.get() }.await() shouldBe "none"
                        getRunningLoop().setDefaultExecutor(executor)
                        toThread { variable.get() } shouldBe "mine"
                        getRunningLoop().runInExecutor { variable.get() }.await() shouldBe "none"
                    }
                }

                test("as the default executor, a block is told to stop by an interrupt") {
                    withExecutor(newExecutor) { executor ->
                        getRunningLoop().setDefaultExecutor(executor)
                        val begun = CountDownLatch(1)
                        val ended = CompletableFuture<Throwable>()
                        val task =
                            createTask {
                                toThread(interruptOnCancel = true) {
                                    begun.countDown()
                                    try {
                                        CountDownLatch(1).await(60, TimeUnit.SECONDS)
                                    } catch (e: InterruptedException) {
                                        ended.complete(e)
                                    }
                                }
                            }
                        toThread { begun.await() }
                        task.cancel()
                        shouldThrow<CancelledException> { task.await() }
                        wrapFuture(ended).await().shouldBeInstanceOf<InterruptedException>()
                    }
                }

                test("the end of run waits for the default executor's work") {
                    val events = CopyOnWriteArrayList<String>()
                    val executor = newExecutor()
                    val begun = CountDownLatch(1)
                    runLoop {
                        val loop = getRunningLoop()
                        loop.setDefaultExecutor(executor)
                        loop.runInExecutor {
                            begun.countDown()
                            Thread.sleep(20)
                            events += "done"
                        }
                        toThread { begun.await() }
                    }
                    events shouldContainExactly listOf("done")
                    executor.isTerminated shouldBe true
                }
            }
        }

        test("a call that is cancelled while a pool is busy never runs") {
            val events = CopyOnWriteArrayList<String>()
            withExecutor({ Executors.newFixedThreadPool(1) }) { executor ->
                val goOn = CountDownLatch(1)
                val busy = getRunningLoop().runInExecutor(executor) { goOn.await() }
                val calls = List(10) { getRunningLoop().runInExecutor(executor) { events += "ran" } }
                calls.forEach { it.cancel() }
                goOn.countDown()
                busy.await()
                getRunningLoop().runInExecutor(executor) { }.await()
            }
            events.shouldBeEmpty()
        }

        test("a block in a ForkJoinPool may fork") {
            withExecutor({ ForkJoinPool(2) }) { pool ->
                getRunningLoop().runInExecutor(pool) { Fibonacci(15).invoke() }.await() shouldBe 610
            }
        }

        test("blocks that wait for the loop do not use up a ForkJoinPool, which makes up for them; they do use up a fixed pool") {
            suspend fun callAndCallBack(
                executor: ExecutorService,
                patience: Duration,
            ): Int {
                val loop = getRunningLoop()
                return loop
                    .runInExecutor(executor) {
                        // A block that waits for the loop, which waits for a block.
                        runCoroutineThreadsafe(
                            loop,
                        ) { loop.runInExecutor(executor) { 42 }.await() }.get(patience.inWholeMilliseconds, TimeUnit.MILLISECONDS)
                    }.await()
            }
            withExecutor({ ForkJoinPool(1) }) { pool -> callAndCallBack(pool, 60.seconds) shouldBe 42 }
            withExecutor({ Executors.newFixedThreadPool(1) }) { pool ->
                shouldThrow<TimeoutException> { callAndCallBack(pool, 200.milliseconds) }
            }
        }

        test("the common pool may be the default executor, although nobody can shut it down") {
            runLoop {
                val loop = getRunningLoop()
                loop.setDefaultExecutor(ForkJoinPool.commonPool())
                toThread { 1 } shouldBe 1
                loop.shutdownDefaultExecutor(60.seconds)
                ForkJoinPool.commonPool().isShutdown shouldBe false
                sleep(Duration.ZERO)
            }
        }
    })

private class Fibonacci(
    private val number: Int,
) : RecursiveTask<Int>() {
    override fun compute(): Int {
        if (number < 2) return number
        val first = Fibonacci(number - 1).fork()
        return Fibonacci(number - 2).compute() + first.join()
    }
}

private fun withExecutor(
    newExecutor: () -> ExecutorService,
    block: suspend (ExecutorService) -> Unit,
) {
    val executor = newExecutor()
    try {
        runLoop { block(executor) }
    } finally {
        executor.shutdown()
        check(executor.awaitTermination(60, TimeUnit.SECONDS))
    }
}
