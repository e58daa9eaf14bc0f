// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.ContextVar
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.loop.EventLoop
import dev.simul.loop.RecordedLog
import dev.simul.loop.getRunningLoop
import dev.simul.testing.VirtualClock
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import java.util.concurrent.ForkJoinPool
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** An executor that runs what it was given when it is told to. */
private class LateExecutor : Executor {
    private val waiting = ArrayDeque<Runnable>()

    override fun execute(command: Runnable) {
        waiting += command
    }

    fun runAll() {
        while (true) (waiting.removeFirstOrNull() ?: return).run()
    }
}

class ThreadsTest :
    FunSpec({
        val events = CopyOnWriteArrayList<String>()
        beforeTest { events.clear() }

        context("toThread") {
            loopTest("gives the result of the block, which runs once, in another thread") {
                val calls = AtomicInteger()
                val thread =
                    toThread {
                        calls.incrementAndGet()
                        Thread.currentThread()
                    }
                thread shouldNotBe Thread.currentThread()
                thread.name shouldStartWith "asyncio_"
                thread.isDaemon shouldBe true
                calls.get() shouldBe 1
            }

            loopTest("throws what the block throws, as it is") {
                val failure = ArithmeticException("test")
                shouldThrow<ArithmeticException> { toThread { throw failure } } shouldBeSameInstanceAs failure
            }

            test("runs blocks of several tasks at the same time") {
                runLoop {
                    val allBegun = CountDownLatch(3)
                    gather(
                        List(3) { number ->
                            coroutine {
                                toThread {
                                    allBegun.countDown()
                                    allBegun.await()
                                    number
                                }
                            }
                        },
                    ).await() shouldContainExactly listOf(0, 1, 2)
                }
            }

            test("lets other tasks run meanwhile") {
                runLoop {
                    val told = CountDownLatch(1)
                    val task = createTask { toThread { told.await() } }
                    sleep(1.milliseconds)
                    task.done() shouldBe false
                    told.countDown()
                    task.await()
                }
            }

            test("the block sees a copy of the caller's context variables") {
                val variable = ContextVar("variable", "default")
                runTest {
                    variable.set("parrot")
                    toThread {
                        variable.get().also { variable.set("changed in the thread") }
                    } shouldBe "parrot"
                    variable.get() shouldBe "parrot"
                }
            }

            test("cancelling the task ends its wait at once; the thread goes on, and its result is dropped") {
                runLoop {
                    val begun = CountDownLatch(1)
                    val told = CountDownLatch(1)
                    val ended = CountDownLatch(1)
                    val task =
                        createTask {
                            toThread {
                                begun.countDown()
                                told.await()
                                ended.countDown()
                            }
                        }
                    toThread { begun.await() }
                    task.cancel()
                    shouldThrow<CancelledException> { task.await() }
                    ended.count shouldBe 1
                    told.countDown()
                    toThread { ended.await() }
                    sleep(Duration.ZERO)
                    task.cancelled() shouldBe true
                }
            }

            test("work of threads takes no virtual time, and no timer comes before its end") {
                runTestPatiently {
                    val timer = createTask { sleep(1.seconds) }
                    toThread { Thread.yield() }
                    timer.done() shouldBe false
                    getRunningLoop().time() shouldBe Duration.ZERO
                }
            }
        }

        context("runInExecutor") {
            loopTest("runs the block in the executor that is given, a pool of the JDK say") {
                val loop = getRunningLoop()
                loop.runInExecutor(ForkJoinPool.commonPool()) { Thread.currentThread() }.await() shouldNotBe Thread.currentThread()
                Executors.newSingleThreadExecutor { Thread(it, "mine") }.let { executor ->
                    loop.runInExecutor(executor) { Thread.currentThread().name }.await() shouldBe "mine"
                    executor.shutdown()
                }
            }

            loopTest("an executor that runs everything in the calling thread completes the future in the next turn") {
                val thread = Thread.currentThread()
                val future =
                    getRunningLoop().runInExecutor({ it.run() }) {
                        events += "block"
                        Thread.currentThread()
                    }
                events += "done: ${future.done()}"
                future.await() shouldBeSameInstanceAs thread
                events shouldContainExactly listOf("block", "done: false")
            }

            test("the block does not see the caller's context variables") {
                val variable = ContextVar("variable", "default")
                runTest {
                    variable.set("caller's")
                    getRunningLoop().runInExecutor { variable.get() }.await() shouldBe "default"
                }
            }

            loopTest("cancelling the future before the block has started keeps it from starting") {
                val executor = LateExecutor()
                val future = getRunningLoop().runInExecutor(executor) { events += "never" }
                future.cancel() shouldBe true
                executor.runAll()
                sleep(1.seconds) // the clock does not wait for what was withdrawn
                future.cancelled() shouldBe true
                events.shouldBeEmpty()
            }

            test("cancelling the future after the block has started drops its result or failure") {
                for (outcome in listOf({ "result" }, { throw ArithmeticException() })) {
                    val log =
                        RecordedLog.during {
                            runLoop {
                                val begun = CountDownLatch(1)
                                val told = CountDownLatch(1)
                                val future =
                                    getRunningLoop().runInExecutor {
                                        begun.countDown()
                                        told.await()
                                        outcome()
                                    }
                                begun.await()
                                future.cancel() shouldBe true
                                told.countDown()
                                getRunningLoop().shutdownDefaultExecutor()
                                sleep(Duration.ZERO)
                                future.cancelled() shouldBe true
                            }
                        }
                    log.shouldBeEmpty()
                }
            }

            test("what ends after the loop was closed is dropped") {
                val executor = LateExecutor()
                val loop = VirtualClock().newLoop()
                val future = loop.runInExecutor(executor) { events += "block" }
                loop.close()
                executor.runAll()
                events shouldContainExactly listOf("block")
                future.done() shouldBe false
            }

            test("an executor that accepts no more work refuses, and the loop does not wait for it") {
                val executor = Executors.newSingleThreadExecutor().also { it.shutdown() }
                runTest {
                    shouldThrow<RejectedExecutionException> { getRunningLoop().runInExecutor(executor) { } }
                    sleep(1.seconds)
                }
            }

            test("a closed loop refuses") {
                val loop = VirtualClock().newLoop().also { it.close() }
                shouldThrow<IllegalStateException> { loop.runInExecutor { } }.message shouldBe "Event loop is closed"
                shouldThrow<IllegalStateException> { loop.runInExecutor({ it.run() }) { } }.message shouldBe "Event loop is closed"
            }

            test("a fatal error of the block leaves the loop by the task that awaits it") {
                shouldThrow<KeyboardInterrupt> { runTest { toThread { throw KeyboardInterrupt() } } }
            }

            loopTest("everything arrives: many blocks from many tasks") {
                val results = gather(List(200) { number -> coroutine { toThread { number } } }).await()
                results shouldContainExactly (0 until 200).toList()
            }
        }

        context("the default executor") {
            test("can be replaced, and is shut down with the loop") {
                val executor = Executors.newSingleThreadExecutor { Thread(it, "replacement") }
                val loop = EventLoop()
                loop.setDefaultExecutor(executor)
                loop.runUntilComplete { toThread { Thread.currentThread().name } } shouldBe "replacement"
                executor.isShutdown shouldBe false
                loop.close()
                executor.isShutdown shouldBe true
            }

            test("shutting it down waits for what it runs") {
                runLoop {
                    val told = CountDownLatch(1)
                    val future =
                        getRunningLoop().runInExecutor {
                            told.await()
                            events += "thread ends"
                        }
                    getRunningLoop().callLater(1.milliseconds) { told.countDown() }
                    getRunningLoop().shutdownDefaultExecutor()
                    events += "shut down"
                    future.await()
                }
                events shouldContainExactly listOf("thread ends", "shut down")
            }

            test("shutting it down with a timeout warns, and waits no longer") {
                val told = CountDownLatch(1)
                val ended = CountDownLatch(1)
                val log =
                    RecordedLog.during {
                        EventLoop().use { loop ->
                            loop.runUntilComplete {
                                loop.runInExecutor {
                                    told.await()
                                    ended.countDown()
                                }
                                loop.shutdownDefaultExecutor(1.milliseconds)
                                ended.count shouldBe 1
                            }
                            told.countDown()
                            ended.await()
                        }
                    }
                log.map { it.toString() } shouldContainExactly
                    listOf("WARN The executor did not finish joining its threads within 1ms")
            }

            loopTest("accepts no work after its shutdown, while other executors do") {
                val loop = getRunningLoop()
                loop.runInExecutor { }.await()
                loop.shutdownDefaultExecutor()
                loop.shutdownDefaultExecutor()
                shouldThrow<IllegalStateException> { loop.runInExecutor { } }.message shouldContain "Executor shutdown has been called"
                shouldThrow<IllegalStateException> { toThread { } }
                loop.runInExecutor({ it.run() }) { "still" }.await() shouldBe "still"
            }

            loopTest("shutting down one that was never used is quick, and final") {
                getRunningLoop().shutdownDefaultExecutor()
                shouldThrow<IllegalStateException> { toThread { } }
            }
        }

        context("allTasks") {
            test("is right for each of many loops in many threads") {
                val failures = CopyOnWriteArrayList<Throwable>()
                val threads =
                    List(8) {
                        thread {
                            runCatching {
                                runLoop {
                                    val loop = getRunningLoop()
                                    val gate = loop.createFuture<Unit>()
                                    taskGroup { group ->
                                        val tasks = List(100) { group.createTask { gate.await() } }
                                        val all = allTasks(loop)
                                        all shouldContainExactlyInAnyOrder tasks + currentTask()!!
                                        all.all { it.loop === loop && !it.done() } shouldBe true
                                        gate.setResult(Unit)
                                    }
                                }
                            }.onFailure { failures += it }
                        }
                    }
                threads.forEach { it.join() }
                failures.shouldBeEmpty()
            }

            test("can be asked from other threads while tasks come and go") {
                val loop = EventLoop()
                val failures = CopyOnWriteArrayList<Throwable>()
                val begun = CountDownLatch(1)
                val askers = AtomicInteger(4)
                val threads =
                    List(4) {
                        thread {
                            runCatching {
                                begun.await()
                                repeat(300) {
                                    val names = allTasks(loop).map { it.name }
                                    check("main" in names) { names }
                                    check(names.count { it.startsWith("steady") } == 20) { names }
                                }
                            }.onFailure { failures += it }
                            askers.decrementAndGet()
                        }
                    }
                val main =
                    loop.createTask("main") {
                        val gate = loop.createFuture<Unit>()
                        val steady = List(20) { createTask("steady $it") { gate.await() } }
                        begun.countDown()
                        while (askers.get() > 0) {
                            repeat(20) { createTask { sleep(Duration.ZERO) } }
                            sleep(Duration.ZERO)
                        }
                        gate.setResult(Unit)
                        gather(steady).await()
                    }
                loop.runUntilComplete(main)
                loop.close()
                threads.forEach { it.join() }
                failures.shouldBeEmpty()
            }
        }
    })
