// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.ContextVar
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import java.util.concurrent.AbstractExecutorService
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** A pool of one thread, which does not clear an interrupt before it takes its next work, as that of the JDK does, but counts it. */
private class OneThread : AbstractExecutorService() {
    private val queue = LinkedBlockingQueue<Runnable>()
    val interrupts = CopyOnWriteArrayList<Throwable>()
    val thread =
        thread(isDaemon = true) {
            while (true) {
                try {
                    queue.take().run()
                } catch (e: InterruptedException) {
                    interrupts += e
                }
            }
        }

    override fun execute(command: Runnable) {
        queue += command
    }

    /** Waits in the calling thread until all is done that was given so far. */
    fun awaitIdle() = CountDownLatch(1).let { idle -> execute(idle::countDown).also { idle.await() } }

    override fun shutdown() = Unit

    override fun shutdownNow() = emptyList<Runnable>()

    override fun isShutdown() = false

    override fun isTerminated() = false

    override fun awaitTermination(
        timeout: Long,
        unit: TimeUnit,
    ) = true
}

/** Runs [block] on a loop whose default executor is one thread. */
private fun onOneThread(block: suspend (OneThread) -> Unit) {
    val executor = OneThread()
    runLoop {
        getRunningLoop().setDefaultExecutor(executor)
        block(executor)
    }
    executor.awaitIdle()
    executor.interrupts.shouldBeEmpty()
}

class StoppableWorkTest :
    FunSpec({
        val events = CopyOnWriteArrayList<String>()
        beforeTest { events.clear() }

        test("a block that ends by itself gives its result or failure, and nothing stops it") {
            runTest {
                toThread(interruptOnCancel = true, onCancel = { events += "hook" }) { "result" } shouldBe "result"
                val failure = IOException()
                shouldThrow<IOException> { toThread(onCancel = { events += "hook" }) { throw failure } } shouldBeSameInstanceAs failure
            }
            events.shouldBeEmpty()
        }

        test("the block sees the caller's context variables, and the hook a copy of them, each in a thread of its own") {
            val variable = ContextVar("variable", "default")
            runLoop {
                variable.set("caller's")
                val begun = CountDownLatch(1)
                val hooked = CountDownLatch(1)
                val threads = CopyOnWriteArrayList<Thread>()
                val task =
                    createTask {
                        val onCancel = {
                            events += "hook sees ${variable.get()}"
                            threads += Thread.currentThread()
                            hooked.countDown()
                        }
                        toThread(onCancel = onCancel) {
                            events += "block sees ${variable.get()}"
                            variable.set("block's")
                            threads += Thread.currentThread()
                            begun.countDown()
                            hooked.await()
                        }
                    }
                toThread { begun.await() }
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
                toThread { hooked.await() }
                events.shouldContainExactly("block sees caller's", "hook sees caller's")
                (threads + Thread.currentThread()).toSet().size shouldBe 3
                threads.all { it.isDaemon } shouldBe true
            }
        }

        test("an interrupt ends what the block waits for, and the thread's next work sees none") {
            onOneThread { executor ->
                val begun = CountDownLatch(1)
                val task =
                    createTask {
                        toThread(interruptOnCancel = true) {
                            begun.countDown()
                            try {
                                CountDownLatch(1).await()
                            } catch (e: InterruptedException) {
                                events += "interrupted"
                                throw e
                            }
                        }
                    }
                sleep(0.seconds)
                begun.await()
                task.cancel("why")
                shouldThrow<CancelledException> { task.await() }.message shouldBe "why"
                toThread { Thread.currentThread() } shouldBeSameInstanceAs executor.thread
                events.shouldContainExactly("interrupted")
            }
        }

        test("an interrupt that the block leaves behind is cleared") {
            onOneThread { executor ->
                val begun = CountDownLatch(1)
                val task =
                    createTask {
                        toThread(interruptOnCancel = true) {
                            begun.countDown()
                            while (!Thread.currentThread().isInterrupted) Thread.onSpinWait()
                        }
                    }
                sleep(0.seconds)
                begun.await()
                task.cancel()
                executor.awaitIdle()
                toThread { Thread.interrupted() } shouldBe false
            }
        }

        test("one that comes after the block has ended strikes nobody, although its result is not delivered yet") {
            onOneThread { executor ->
                val task = createTask { toThread(interruptOnCancel = true, onCancel = { events += "hook" }) { } }
                sleep(0.seconds)
                executor.awaitIdle()
                task.cancel() shouldBe true
                toThread { Thread.interrupted() } shouldBe false
                shouldThrow<CancelledException> { task.await() }
                events.shouldBeEmpty()
            }
        }

        test("a block that has not begun never does, and no hook is called") {
            onOneThread { executor ->
                val told = CountDownLatch(1)
                executor.execute(told::await)
                val task =
                    createTask { toThread(interruptOnCancel = true, onCancel = { events += "hook" }) { events += "block" } }
                sleep(0.seconds)
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
                told.countDown()
                executor.awaitIdle()
                events.shouldBeEmpty()
            }
        }

        test("nor does one whose thread has taken it, but not begun it") {
            EventLoop().use { loop ->
                val work = StoppableWork(loop, interrupts = true, hook = null) { events += "block" }
                work.stop()
                shouldThrow<CancelledException> { work() }
                Thread.interrupted() shouldBe false
                events.shouldBeEmpty()
            }
        }

        test("the hook comes before the interrupt, which comes even if the hook fails") {
            val failure = IOException("refused")
            runLoop {
                val reports = CopyOnWriteArrayList<Throwable?>()
                val reported = getRunningLoop().createFuture<Unit>()
                getRunningLoop().exceptionHandler =
                    ExceptionHandler { _, context ->
                        reports += context.exception
                        reported.setResult(Unit)
                    }
                val begun = CountDownLatch(1)
                val ended = CountDownLatch(1)
                val onCancel = {
                    events += "hook"
                    throw failure
                }
                val task =
                    createTask {
                        toThread(interruptOnCancel = true, onCancel = onCancel) {
                            begun.countDown()
                            try {
                                CountDownLatch(1).await()
                            } catch (e: InterruptedException) {
                                events += "interrupted"
                                ended.countDown()
                            }
                        }
                    }
                toThread { begun.await() }
                task.cancel()
                toThread { ended.await() }
                reported.await()
                reports.shouldContainExactly(failure)
                events.shouldContainExactly("hook", "interrupted")
            }
        }

        test("a hook that blocks holds up neither the task nor the loop, and needs no thread of the executor") {
            onOneThread {
                val begun = CountDownLatch(1)
                val told = CountDownLatch(1)
                val ended = CountDownLatch(1)
                val onCancel = {
                    told.await()
                    ended.countDown()
                }
                val task =
                    createTask {
                        toThread(onCancel = onCancel) {
                            begun.countDown()
                            ended.await()
                        }
                    }
                sleep(0.seconds)
                begun.await()
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
                ended.count shouldNotBe 0
                told.countDown()
                toThread { }
                ended.count shouldBe 0
            }
        }

        loopTest("a loop on virtual time waits for the hook") {
            val begun = CountDownLatch(1)
            val told = CountDownLatch(1)
            val task =
                createTask {
                    toThread(onCancel = {
                        events += "hook"
                        told.countDown()
                    }) {
                        begun.countDown()
                        told.await()
                    }
                }
            sleep(0.seconds)
            begun.await()
            task.cancel()
            sleep(1.seconds)
            events.shouldContainExactly("hook")
        }
    })
