// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.exceptStar
import dev.simul.exceptions.isCancellation
import dev.simul.exceptions.isOrdinary
import dev.simul.loop.getRunningLoop
import io.kotest.assertions.fail
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

class TaskCancelTest :
    FunSpec({
        context("where the cancellation is thrown") {
            loopTest("at the await the task is suspended in") {
                val events = mutableListOf<String>()
                val task =
                    createTask {
                        try {
                            sleep(10.seconds)
                            events += "slept"
                        } catch (e: CancelledException) {
                            events += "cancelled"
                            throw e
                        } finally {
                            events += "finally"
                        }
                    }
                turns()
                task.cancel() shouldBe true
                task.done() shouldBe false
                shouldThrow<CancelledException> { task.await() }
                task.done() shouldBe true
                task.cancelled() shouldBe true
                task.cancel() shouldBe false
                events shouldContainExactly listOf("cancelled", "finally")
                getRunningLoop().time() shouldBe 0.seconds
            }

            loopTest("at a bare giving up of the turn") {
                val task =
                    createTask {
                        turns(2)
                        12
                    }
                turns()
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
                task.cancelled() shouldBe true
                task.cancel() shouldBe false
            }

            loopTest("before the first step: then the body never runs") {
                val events = mutableListOf<String>()
                val task =
                    createTask {
                        try {
                            events += "started"
                        } finally {
                            events += "ended"
                        }
                    }
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
                task.cancelled() shouldBe true
                events.shouldBeEmpty()
            }

            loopTest("although the awaited future has a result already: the value is lost to the task") {
                val future = Future<String>()
                val events = mutableListOf<String>()
                val task =
                    createTask {
                        try {
                            events += future.await()
                        } catch (e: CancelledException) {
                            events += "cancelled"
                            throw e
                        }
                    }
                turns()
                future.setResult("value")
                task.cancel() shouldBe true
                shouldThrow<CancelledException> { task.await() }
                events shouldContainExactly listOf("cancelled")
                future.cancelled() shouldBe false
                future.result() shouldBe "value"
            }

            loopTest("although the awaited future has failed already: the failure is lost to the task") {
                val future = Future<String>()
                val task = createTask { future.await() }
                turns()
                future.setException(IOException("broken"))
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
                task.cancelled() shouldBe true
            }

            loopTest("at the next await of a task that cancels itself, at once") {
                val events = mutableListOf<String>()
                val task =
                    createTask {
                        currentTask()!!.cancel()
                        events += "goes on"
                        sleep(100.seconds)
                        events += "slept"
                    }
                shouldThrow<CancelledException> { task.await() }
                task.cancelled() shouldBe true
                task.cancel() shouldBe false
                events shouldContainExactly listOf("goes on")
                getRunningLoop().time() shouldBe 0.seconds
            }

            loopTest("nowhere, if a task cancels itself and returns: it is cancelled, and its result lost") {
                val task =
                    createTask {
                        currentTask()!!.cancel("at the end")
                        12
                    }
                shouldThrow<CancelledException> { task.await() }.message shouldBe "at the end"
                task.cancelled() shouldBe true
                task.cancel() shouldBe false
            }

            loopTest("nowhere, if a task cancels itself and fails: the failure wins") {
                val task =
                    createTask<Unit> {
                        currentTask()!!.cancel()
                        throw IOException("broken")
                    }
                shouldThrow<IOException> { task.await() }
                task.cancelled() shouldBe false
            }
        }

        context("what is awaited") {
            loopTest("the future that the task waits for is cancelled at once") {
                val future = Future<Unit>()
                val task = createTask { future.await() }
                turns()
                task.cancel()
                future.cancelled() shouldBe true
                task.cancelled() shouldBe false
                turns()
                task.cancelled() shouldBe true
            }

            loopTest("cancelling the future cancels the task that waits for it, without a request") {
                val future = Future<Unit>()
                val task = createTask { future.await() }
                turns()
                future.cancel()
                shouldThrow<CancelledException> { task.await() }
                task.cancelled() shouldBe true
                task.cancelling() shouldBe 0
            }

            loopTest("both may be cancelled") {
                val future = Future<Unit>()
                val task = createTask { future.await() }
                turns()
                future.cancel()
                task.cancel() shouldBe true
                shouldThrow<CancelledException> { task.await() }
                task.cancelled() shouldBe true
                future.cancelled() shouldBe true
            }

            loopTest("a chain of tasks is cancelled from its end upwards") {
                val events = mutableListOf<String>()
                val future = Future<Unit>()

                suspend fun noting(
                    name: String,
                    block: suspend () -> Unit,
                ) = try {
                    block()
                } catch (e: CancelledException) {
                    events += name
                    throw e
                }
                val inner = createTask { noting("inner") { future.await() } }
                val middle = createTask { noting("middle") { inner.await() } }
                val outer = createTask { noting("outer") { middle.await() } }
                turns()
                outer.cancel()
                future.cancelled() shouldBe true
                shouldThrow<CancelledException> { outer.await() }
                inner.cancelled() shouldBe true
                middle.cancelled() shouldBe true
                inner.cancelling() shouldBe 1
                events shouldContainExactly listOf("inner", "middle", "outer")
            }

            loopTest("a task that has cancelled itself cancels the task it awaits next") {
                val future = Future<Unit>()
                lateinit var nested: Task<Unit>
                val task =
                    createTask {
                        nested = createTask { future.await() }
                        turns()
                        currentTask()!!.cancel()
                        nested.await()
                    }
                shouldThrow<CancelledException> { task.await() }
                task.cancelled() shouldBe true
                nested.cancelled() shouldBe true
                future.cancelled() shouldBe true
            }

            loopTest("cancelling a sleeping task wakes the one that waits for it") {
                val sleeper = createTask { sleep(5000.seconds) }
                getRunningLoop().callLater(TICK) { sleeper.cancel() }
                shouldThrow<CancelledException> { sleeper.await() }
                getRunningLoop().time() shouldBe TICK
            }

            loopTest("a coroutine in the middle sees it on its way") {
                val events = mutableListOf<String>()
                val waiter = Future<Unit>()
                val inner =
                    coroutine {
                        try {
                            waiter.await()
                            fail("got past the future")
                        } catch (e: CancelledException) {
                            events += "inner"
                            throw e
                        }
                    }
                val task =
                    createTask {
                        try {
                            inner.await()
                        } catch (_: CancelledException) {
                            events += "outer"
                        }
                    }
                turns()
                task.cancel()
                task.await()
                task.cancelled() shouldBe false
                waiter.cancelled() shouldBe true
                events shouldContainExactly listOf("inner", "outer")
            }
        }

        context("refusing") {
            loopTest("a task that catches it and returns is not cancelled") {
                val first = Future<Unit>()
                val second = Future<Unit>()
                val task =
                    createTask {
                        first.await()
                        try {
                            second.await()
                            0
                        } catch (_: CancelledException) {
                            42
                        }
                    }
                turns()
                first.setResult(Unit)
                turns()
                task.cancel()
                second.cancelled() shouldBe true
                task.await() shouldBe 42
                task.cancelled() shouldBe false
                task.cancelling() shouldBe 1
            }

            loopTest("a task that catches it may await again, and is cancelled only by another request") {
                val second = Future<Unit>()
                val third = Future<Int>()
                val task =
                    createTask {
                        try {
                            second.await()
                        } catch (_: CancelledException) {
                            // refused
                        }
                        third.await()
                    }
                turns()
                task.cancel()
                second.cancelled() shouldBe true
                turns()
                task.done() shouldBe false
                third.setResult(42)
                task.await() shouldBe 42
                third.cancelled() shouldBe false
                task.cancelled() shouldBe false
            }

            loopTest("a failure in place of the cancellation is the task's exception") {
                val task =
                    createTask {
                        try {
                            sleep(1.hours)
                        } catch (e: CancelledException) {
                            throw IOException("could not stop", e)
                        }
                    }
                turns()
                task.cancel("msg")
                val thrown = shouldThrow<IOException> { task.await() }
                thrown.cause.shouldBeInstanceOf<CancelledException>().message shouldBe "msg"
                task.cancelled() shouldBe false
            }

            loopTest("a handler of ordinary failures does not see it") {
                val events = mutableListOf<String>()
                val task =
                    createTask {
                        exceptStar({ sleep(1.hours) }) {
                            on<IOException> { events += "handled" }
                        }
                    }
                turns()
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
                events.shouldBeEmpty()
                CancelledException().isOrdinary shouldBe false
                CancelledException().isCancellation shouldBe true
            }
        }

        context("counting") {
            loopTest("cancelling() counts the requests, and the text tells of them") {
                val task = createTask { sleep(10.seconds) }
                task.cancelling() shouldBe 0
                task.toString() shouldNotContain "cancelling"
                task.cancel() shouldBe true
                task.cancelling() shouldBe 1
                task.toString() shouldContain "cancelling"
                task.cancel() shouldBe true
                task.cancelling() shouldBe 2
                shouldThrow<CancelledException> { task.await() }
                task.cancelling() shouldBe 2
            }

            loopTest("several requests before the task runs again are delivered as one") {
                val events = mutableListOf<String>()
                val task =
                    createTask {
                        repeat(3) {
                            try {
                                sleep(TICK)
                                events += "slept"
                            } catch (_: CancelledException) {
                                events += "cancelled"
                            }
                        }
                    }
                turns()
                repeat(3) { task.cancel() shouldBe true }
                task.await()
                events shouldContainExactly listOf("cancelled", "slept", "slept")
                task.cancelling() shouldBe 3
            }

            loopTest("uncancel() takes requests back, never below none") {
                val task =
                    createTask {
                        try {
                            sleep(10.seconds)
                        } catch (_: CancelledException) {
                            currentTask()!!.uncancel() shouldBe 0
                            currentTask()!!.uncancel() shouldBe 0
                            sleep(10.seconds)
                        }
                    }
                turns()
                task.cancel() shouldBe true
                task.toString() shouldContain "cancelling"
                task.cancelling() shouldBe 1
                task.cancelled() shouldBe false
                turns()
                task.toString() shouldNotContain "cancelling"
                task.cancelling() shouldBe 0
                task.cancelled() shouldBe false
                task.cancel() shouldBe true
                task.cancelling() shouldBe 1
                shouldThrow<CancelledException> { task.await() }
                task.cancelled() shouldBe true
                task.uncancel()
                task.cancelled() shouldBe true
                task.done() shouldBe true
            }

            loopTest("the last uncancel() withdraws a cancellation that was not delivered yet") {
                val future = Future<Unit>()
                val task =
                    createTask {
                        future.await()
                        42
                    }
                turns()
                future.setResult(Unit)
                task.cancel()
                task.cancelling() shouldBe 1
                task.uncancel() shouldBe 0
                task.await() shouldBe 42
            }

            loopTest("an uncancel() that leaves a request leaves the cancellation under way") {
                val future = Future<Unit>()
                val task = createTask { future.await() }
                turns()
                future.setResult(Unit)
                repeat(2) { task.cancel() }
                task.uncancel() shouldBe 1
                shouldThrow<CancelledException> { task.await() }
            }

            test("a block that cancels its task by a timer, and uncancels it at its end, is a timeout") {
                suspend fun request(
                    duration: Duration,
                    limit: Duration,
                ): List<String> {
                    val events = mutableListOf<String>()
                    val task = currentTask()!!
                    val timer =
                        getRunningLoop().callLater(limit) {
                            events += "timed out"
                            task.cancel()
                        }
                    try {
                        sleep(duration)
                        events += "block finished"
                    } catch (e: CancelledException) {
                        if ("timed out" !in events || task.uncancel() > 0) throw e
                    } finally {
                        timer.cancel()
                    }
                    turns()
                    events += "outer code"
                    task.cancelling() shouldBe 0
                    return events
                }
                resultOfTest { request(10.seconds, TICK) } shouldContainExactly listOf("timed out", "outer code")
                resultOfTest { request(0.seconds, 10.seconds) } shouldContainExactly listOf("block finished", "outer code")
            }
        }

        context("the message") {
            for (message in listOf(null, "my message")) {
                loopTest("$message comes out of result() and exception()") {
                    for (read in listOf<(Task<Unit>) -> Unit>({ it.result() }, { it.exception() })) {
                        val task = createTask { sleep(10.seconds) }
                        turns()
                        task.cancel(message)
                        wait(listOf(task))
                        shouldThrow<CancelledException> { read(task) }.message shouldBe message
                    }
                }
            }

            loopTest("is in the exception at the task's await") {
                val task =
                    createTask {
                        try {
                            sleep(10.seconds)
                            ""
                        } catch (e: CancelledException) {
                            e.message
                        }
                    }
                turns()
                task.cancel("my message")
                task.await() shouldBe "my message"
            }

            loopTest("given before the start comes out as well") {
                val task = createTask { sleep(10.seconds) }
                task.cancel("my message")
                wait(listOf(task))
                shouldThrow<CancelledException> { task.exception() }.message shouldBe "my message"
            }

            loopTest("goes to the first who awaits the task, the others get an exception without it") {
                val task = createTask { sleep(10.seconds) }
                turns()
                task.cancel("once")
                val first = shouldThrow<CancelledException> { task.await() }
                val second = shouldThrow<CancelledException> { task.await() }
                first.message shouldBe "once"
                second.message shouldBe null
                (first === second) shouldBe false
            }

            loopTest("the first who awaits the task gets the very exception its coroutine ended with") {
                val thrown = CancelledException("by hand")
                val task = createTask<Unit> { throw thrown }
                shouldThrow<CancelledException> { task.await() } shouldBeSameInstanceAs thrown
                task.cancelled() shouldBe true
                task.cancelling() shouldBe 0
            }

            loopTest("of the last request wins, if several could not be passed on") {
                val task = createTask { sleep(10.seconds) }
                task.cancel("first")
                task.cancel("second")
                shouldThrow<CancelledException> { task.await() }.message shouldBe "second"
            }
        }
    })
