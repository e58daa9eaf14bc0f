// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.AsyncCloseable
import dev.simul.Future
import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.ExceptionGroup
import dev.simul.exceptions.TimeoutException
import dev.simul.gather
import dev.simul.gatherResults
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.queues.Queue
import dev.simul.runLoop
import dev.simul.shield
import dev.simul.sleep
import dev.simul.sync.Event
import dev.simul.sync.Lock
import dev.simul.taskGroup
import dev.simul.testing.checkCancelSafe
import dev.simul.testing.runTest
import dev.simul.timeout
import dev.simul.timeoutAt
import dev.simul.wait
import dev.simul.wrapFuture
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.withTimeout
import java.io.IOException
import java.util.concurrent.CompletableFuture
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class CancellationSamplesTest :
    FunSpec({
        val programs =
            mapOf<String, suspend () -> Unit>(
                "onlyOnce" to ::onlyOnce,
                "closing" to ::closing,
                "cancelledTwice" to ::cancelledTwice,
                "caughtByAccident" to ::caughtByAccident,
                "refuse" to ::refuse,
                "shared" to ::shared,
                "talk" to ::talk,
                "heartbeats" to ::heartbeats,
            )
        val samples = PrintedSample.of("cancellation.md")

        for (sample in samples) {
            test("$sample prints what the guide shows") {
                sample.verify { if (sample.function == "unsafe") unsafe() else runTest { programs.getValue(sample.function)() } }
            }
        }

        test("the guide shows what each of these programs prints") {
            samples.map { it.function } shouldContainExactlyInAnyOrder programs.keys + "unsafe"
        }

        context("what cancel() does") {
            loopTest("cancel() takes effect at a wait, not at a call that need not wait") {
                val events = mutableListOf<String>()
                val lock = Lock()
                val queue = Queue<Int>().apply { putNowait(1) }
                val event = Event().apply { set() }
                val task =
                    createTask {
                        currentTask()!!.cancel()
                        lock.acquire()
                        lock.release()
                        queue.get()
                        event.wait()
                        events += "here"
                        sleep(Duration.ZERO)
                        events += "never"
                    }
                gatherResults(task).await()
                task.cancelled() shouldBe true
                events shouldContainExactly listOf("here")
            }

            loopTest("two requests before the task runs again are one exception, with the first message") {
                var caught = 0
                val task =
                    createTask {
                        try {
                            sleep(1.hours)
                        } catch (e: CancelledException) {
                            caught++
                            e.message shouldBe "first"
                        }
                        sleep(1.seconds)
                        currentTask()!!.cancelling()
                    }
                sleep(Duration.ZERO)
                task.cancel("first")
                task.cancel("second")
                task.await() shouldBe 2
                caught shouldBe 1
            }

            loopTest("cancelling a task that waits for another one cancels that one, for all who wait for it") {
                val common = createTask { sleep(1.hours) }
                val one = createTask { common.await() }
                val other = createTask { common.await() }
                sleep(1.seconds)
                one.cancel()
                gatherResults(one, other).await()
                listOf(common, one, other).map { it.cancelled() } shouldContainExactly listOf(true, true, true)
            }

            loopTest("a task that waits for a CompletableFuture cancels it") {
                val stage = CompletableFuture<String>()
                val task = createTask { wrapFuture(stage).await() }
                sleep(1.seconds)
                task.cancel()
                gatherResults(task).await()
                stage.isCancelled shouldBe true
            }

            loopTest("a cancelled gather cancels what it gathers; a cancelled wait does not") {
                val gathered = List(2) { createTask { sleep(1.hours) } }
                val gathering = createTask { gather(gathered).await() }
                val waitedFor = createTask { sleep(1.hours) }
                val waiting = createTask { wait(listOf(waitedFor)) }
                sleep(1.seconds)
                gathering.cancel()
                waiting.cancel()
                gatherResults(gathering, waiting).await()
                gathered.map { it.cancelled() } shouldContainExactly listOf(true, true)
                waitedFor.done() shouldBe false
            }

            test("another thread cancels a task by callSoonThreadsafe") {
                runLoop {
                    val loop = getRunningLoop()
                    val task = createTask { sleep(1.hours) }
                    thread { loop.callSoonThreadsafe { task.cancel() } }
                    gatherResults(task).await()
                    task.cancelled() shouldBe true
                }
            }
        }

        context("cleaning up") {
            loopTest("a second cancellation interrupts a finally block that waits") {
                val events = mutableListOf<String>()
                val task =
                    createTask {
                        try {
                            sleep(1.hours)
                        } finally {
                            events += "begins"
                            sleep(1.seconds)
                            events += "ends"
                        }
                    }
                repeat(2) {
                    sleep(10.milliseconds)
                    task.cancel()
                }
                gatherResults(task).await()
                events shouldContainExactly listOf("begins")
            }

            loopTest("uninterrupted work gives its result, or the cancellation that came meanwhile") {
                uninterrupted { 42 } shouldBe 42
                val task = createTask { uninterrupted { sleep(1.seconds) } }
                sleep(10.milliseconds)
                task.cancel("meanwhile")
                shouldThrow<CancelledException> { task.await() }.message shouldBe "meanwhile"
                getRunningLoop().time() shouldBe 1.seconds
            }

            loopTest("return in finally swallows a cancellation") {
                @Suppress("ReturnFromFinally")
                suspend fun swallow(): String {
                    try {
                        sleep(1.hours)
                        return "slept"
                    } finally {
                        return "swallowed"
                    }
                }
                val task = createTask { swallow() }
                sleep(1.seconds)
                task.cancel()
                task.await() shouldBe "swallowed"
            }
        }

        context("what catches a cancellation") {
            loopTest("IllegalStateException, RuntimeException and runCatching do, IOException does not") {
                suspend fun caught(attempt: suspend () -> Unit): Boolean {
                    val task = createTask { attempt() }
                    sleep(1.seconds)
                    task.cancel()
                    gatherResults(task).await()
                    return !task.cancelled()
                }
                caught {
                    try {
                        sleep(1.hours)
                    } catch (_: IllegalStateException) {
                    }
                } shouldBe true
                caught {
                    try {
                        sleep(1.hours)
                    } catch (_: RuntimeException) {
                    }
                } shouldBe true
                caught { runCatching { sleep(1.hours) } } shouldBe true
                caught {
                    try {
                        sleep(1.hours)
                    } catch (_: IOException) {
                    }
                } shouldBe false
            }

            test("the loop that rethrows ends, and outlives failures") {
                var rounds = 0
                printed {
                    runTest {
                        val task =
                            createTask {
                                outliveFailures {
                                    sleep(1.seconds)
                                    check(++rounds > 1)
                                }
                            }
                        sleep(3500.milliseconds)
                        task.cancel()
                        gatherResults(task).await()
                        task.cancelled() shouldBe true
                    }
                } shouldContainExactly listOf("failed: Check failed.")
                rounds shouldBe 3
            }

            loopTest("a timeout whose block swallows the cancellation throws nothing, and its block runs on") {
                timeout(1.seconds) { limit ->
                    try {
                        sleep(1.hours)
                    } catch (_: Exception) {
                    }
                    sleep(1.hours)
                    limit.expired() shouldBe true
                }
                getRunningLoop().time() shouldBe 1.hours + 1.seconds
            }

            loopTest("without uncancel(), a timeout around does not turn its own cancellation into a TimeoutException") {
                val task =
                    createTask {
                        timeout(1.hours) {
                            try {
                                sleep(2.hours)
                            } catch (_: CancelledException) {
                            }
                            sleep(2.hours)
                        }
                    }
                sleep(1.seconds)
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
            }

            loopTest("who was cancelled, the other task or the caller, is told by cancelling()") {
                val other = createTask<String> { sleep(1.hours, "") }
                val asking = createTask { resultOf(other) }
                sleep(1.seconds)
                other.cancel()
                asking.await() shouldBe "the other task was cancelled"
                val another = createTask<String> { sleep(1.hours, "") }
                val askingInVain = createTask { resultOf(another) }
                sleep(1.seconds)
                askingInVain.cancel()
                shouldThrow<CancelledException> { askingInVain.await() }
            }
        }

        context("timeouts") {
            loopTest("the exception is thrown outside the block, with the cancellation as its cause") {
                var inside: Throwable? = null
                val e =
                    shouldThrow<TimeoutException> {
                        timeout(1.seconds) {
                            try {
                                sleep(1.hours)
                            } catch (e: Exception) {
                                inside = e
                                throw e
                            }
                        }
                    }
                inside.shouldBeInstanceOf<CancelledException>()
                e.cause shouldBe inside
            }

            loopTest("a delay that is not positive ends the block at its first wait") {
                val events = mutableListOf<String>()
                shouldThrow<TimeoutException> {
                    timeout(Duration.ZERO) {
                        events += "begins"
                        sleep(1.seconds)
                        events += "never"
                    }
                }
                events shouldContainExactly listOf("begins")
            }

            loopTest("cleaning up is not limited") {
                shouldThrow<TimeoutException> {
                    timeout(1.seconds) {
                        try {
                            sleep(1.hours)
                        } finally {
                            sleep(1.hours)
                        }
                    }
                }
                getRunningLoop().time() shouldBe 1.hours + 1.seconds
            }

            loopTest("several blocks share a deadline by timeoutAt") {
                val deadline = getRunningLoop().time() + 10.seconds
                timeoutAt(deadline) { sleep(6.seconds) }
                shouldThrow<TimeoutException> { timeoutAt(deadline) { sleep(6.seconds) } }
                getRunningLoop().time() shouldBe 10.seconds
            }

            loopTest("the expired timeout of kotlinx is a failure of the task, although it is a CancellationException") {
                val task = createTask { withTimeout(10) { sleep(1.hours) } }
                shouldThrow<CancellationException> { task.await() }
                task.cancelled() shouldBe false
            }
        }

        context("groups and shields") {
            loopTest("cancelling one member does not affect the others") {
                val ended = mutableListOf<String>()
                taskGroup { group ->
                    val one = group.createTask { sleep(1.hours) }
                    group.createTask {
                        sleep(1.seconds)
                        ended += "other"
                    }
                    sleep(Duration.ZERO)
                    one.cancel()
                }
                ended shouldContainExactly listOf("other")
            }

            loopTest("failures while the group is cancelled are thrown in place of the cancellation") {
                val task =
                    createTask {
                        taskGroup { group ->
                            group.createTask {
                                try {
                                    sleep(1.hours)
                                } finally {
                                    throw IOException("cannot save")
                                }
                            }
                        }
                    }
                sleep(1.seconds)
                task.cancel()
                shouldThrow<ExceptionGroup> { task.await() }.exceptions.single().message shouldBe "cannot save"
            }

            test("run cancels what a shield protects, when it ends") {
                var end = ""
                runTest {
                    val work =
                        createTask {
                            try {
                                sleep(1.hours)
                            } catch (e: CancelledException) {
                                end = "cancelled"
                                throw e
                            }
                        }
                    val waiting = createTask { shield(work).await() }
                    sleep(1.seconds)
                    waiting.cancel()
                    gatherResults(waiting).await()
                    work.done() shouldBe false
                }
                end shouldBe "cancelled"
            }
        }

        context("mistakes") {
            test("what a task that never began was to close stays open") {
                val closed = mutableListOf<String>()

                class Thing : AsyncCloseable {
                    override suspend fun aclose() {
                        closed += "closed"
                    }
                }
                runTest {
                    val thing = Thing()
                    val task = createTask { aclosing(thing) { sleep(1.hours) } }
                    task.cancel()
                    gatherResults(task).await()
                }
                closed.size shouldBe 0
            }

            loopTest("the second of two closes in a finally block is skipped if the first is cancelled") {
                val events = mutableListOf<String>()
                val never = Future<Unit>()
                val task =
                    createTask {
                        try {
                            sleep(1.hours)
                        } finally {
                            never.await()
                            events += "second"
                        }
                    }
                repeat(2) {
                    sleep(1.seconds)
                    task.cancel()
                }
                gatherResults(task).await()
                events.size shouldBe 0
            }

            test("the safe update passes, the unsafe one is named with its line") {
                checkCancelSafe(setUp = { Lock() }) { lock -> lock.use { sleep(1.seconds) } }
                val e = shouldThrow<AssertionError> { checkCancelSafe(setUp = { Lock() }) { lock -> update(lock) } }
                e.message!! shouldContain "CancellationSamples.kt"
            }
        }
    })
