// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.ContextVar
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** Sleeps for [duration] whatever anybody says. */
private suspend fun sleepThrough(duration: Duration) {
    val loop = getRunningLoop()
    val end = loop.time() + duration
    while (loop.time() < end) {
        try {
            sleep(end - loop.time())
        } catch (_: CancelledException) {
            // refused
        }
    }
}

class WaitForTest :
    FunSpec({
        context("without a limit, or in time") {
            loopTest("it gives the result") {
                waitFor(coroutine { "done" }, null) shouldBe "done"
                waitFor(null) { "done" } shouldBe "done"
                waitFor(TICK) { "done" } shouldBe "done"
                getRunningLoop().time() shouldBe Duration.ZERO
            }

            loopTest("the future may be completed while it waits") {
                val future = Future<String>()
                getRunningLoop().callSoon { future.setResult("ok") }
                waitFor(future, TICK * 20) shouldBe "ok"
            }

            loopTest("a coroutine runs in the calling task, with its context variables, and no task is made") {
                val variable = ContextVar("variable", "default")
                val task = currentTask()
                waitFor(TICK) {
                    (currentTask() === task) shouldBe true
                    allTasks().size shouldBe 1
                    variable.set("set inside")
                }
                variable.get() shouldBe "set inside"
            }

            loopTest("no timer is left") {
                waitFor(10.seconds) { turns() }
                turns()
                getRunningLoop().toString().contains("timers=0") shouldBe true
            }
        }

        context("when the time has passed") {
            loopTest("what is awaited is cancelled, and TimeoutException is thrown") {
                val events = mutableListOf<String>()
                val task =
                    createTask {
                        try {
                            sleep(60.seconds)
                            "done"
                        } finally {
                            events += "ended"
                        }
                    }
                shouldThrow<TimeoutException> { waitFor(task, TICK * 10) }
                task.done() shouldBe true
                task.cancelled() shouldBe true
                events shouldContainExactly listOf("ended")
                getRunningLoop().time() shouldBe TICK * 10
                currentTask()!!.cancelling() shouldBe 0
            }

            loopTest("it waits for the end of what is awaited, so that it may take longer") {
                shouldThrow<CancelledException> {
                    createTask {
                        waitFor(TICK * 10) {
                            try {
                                sleep(10.seconds)
                            } catch (e: CancelledException) {
                                sleep(TICK * 5)
                                throw e
                            }
                        }
                    }.let { task ->
                        sleep(TICK)
                        task.cancel()
                        task.await()
                    }
                }
                val start = getRunningLoop().time()
                val inner =
                    createTask {
                        try {
                            sleep(10.seconds)
                        } catch (e: CancelledException) {
                            sleep(TICK * 5)
                            throw e
                        }
                    }
                val thrown = shouldThrow<TimeoutException> { waitFor(inner, TICK) }
                thrown.cause.shouldBeInstanceOf<CancelledException>()
                inner.done() shouldBe true
                getRunningLoop().time() shouldBe start + TICK * 6
            }

            loopTest("one that refuses gives its result instead") {
                waitFor(TICK) {
                    try {
                        sleep(10.seconds)
                        0
                    } catch (_: CancelledException) {
                        42
                    }
                } shouldBe 42
                waitFor(TICK * 10) { sleepThrough(TICK * 20) }
                getRunningLoop().time() shouldBe TICK * 21
            }

            loopTest("one that throws something else throws that") {
                val inner =
                    createTask<Unit> {
                        try {
                            sleep(TICK * 20)
                        } finally {
                            throw IOException("foo")
                        }
                    }
                shouldThrow<IOException> { waitFor(inner, TICK) }.message shouldBe "foo"
            }
        }

        context("with a limit of nothing or less") {
            loopTest("a future that is done gives its result") {
                val future = Future<String>()
                future.setResult("done")
                turnsOf { waitFor(future, Duration.ZERO) shouldBe "done" } shouldBe 0
                future.done() shouldBe true
                val failed = Future<String>()
                failed.setException(IOException("broken"))
                shouldThrow<IOException> { waitFor(failed, -TICK) }
            }

            loopTest("a coroutine never starts") {
                val events = mutableListOf<String>()
                shouldThrow<TimeoutException> { waitFor(Duration.ZERO) { events += "started" } }
                shouldThrow<TimeoutException> { waitFor(coroutine { events += "started" }, -TICK) }
                turns(3)
                events.shouldBeEmpty()
            }

            for (limit in listOf(Duration.ZERO, -TICK)) {
                loopTest("a task that runs is cancelled: $limit") {
                    val events = mutableListOf<String>()
                    val started = Future<Unit>()
                    val task =
                        createTask {
                            events += "running"
                            started.setResult(Unit)
                            try {
                                sleep(10.seconds)
                            } finally {
                                events += "ended"
                            }
                        }
                    started.await()
                    shouldThrow<TimeoutException> { waitFor(task, limit) }
                    task.cancelled() shouldBe true
                    events shouldContainExactly listOf("running", "ended")
                }
            }

            loopTest("it waits for the end of what it cancels") {
                val inner =
                    createTask {
                        try {
                            sleep(10.seconds)
                        } catch (e: CancelledException) {
                            sleep(TICK)
                            throw e
                        }
                    }
                sleep(TICK)
                val thrown = shouldThrow<TimeoutException> { waitFor(inner, Duration.ZERO) }
                thrown.cause.shouldBeInstanceOf<CancelledException>()
                inner.done() shouldBe true
                getRunningLoop().time() shouldBe TICK * 2
            }

            loopTest("one that refuses gives its result") {
                val refusing =
                    createTask {
                        try {
                            sleep(10.seconds)
                            0
                        } catch (_: CancelledException) {
                            42
                        }
                    }
                turns()
                waitFor(refusing, Duration.ZERO) shouldBe 42
            }
        }

        context("cancelling the task that waits") {
            for (limit in listOf(null, 60.seconds)) {
                loopTest("cancels what is awaited: limit $limit") {
                    val task = createTask { Future<Unit>().await() }
                    val waiting = createTask { waitFor(task, limit) }
                    getRunningLoop().callSoon { waiting.cancel() }
                    shouldThrow<CancelledException> { waiting.await() }
                    task.cancelled() shouldBe true
                }
            }

            loopTest("waits for the end of one that refuses") {
                val events = mutableListOf<String>()
                val waiting =
                    createTask {
                        waitFor(TICK * 40) {
                            sleepThrough(TICK * 20)
                            events += "exited"
                        }
                    }
                turns()
                waiting.cancel()
                wait(listOf(waiting))
                events shouldContainExactly listOf("exited")
                getRunningLoop().time() shouldBe TICK * 20
            }

            loopTest("when what is awaited is done already cancels the task all the same") {
                val inner = createTask { "done" }
                val events = mutableListOf<String>()
                val waiting =
                    createTask {
                        waitFor(inner, 100.seconds)
                        sleep(1.seconds)
                        events += "reached the end"
                    }
                turns()
                waiting.cancel()
                shouldThrow<CancelledException> { waiting.await() }
                inner.done() shouldBe true
                inner.await() shouldBe "done"
                events.shouldBeEmpty()
            }
        }

        context("of a shield") {
            loopTest("a limit of nothing cancels the shield, and what is shielded runs on") {
                val task = createTask { sleep(TICK, "done") }
                val shielded = shield(task)
                shouldThrow<TimeoutException> { waitFor(shielded, Duration.ZERO) }
                task.done() shouldBe false
                shielded.cancelled() shouldBe true
                sleep(TICK * 2)
                task.result() shouldBe "done"
            }

            loopTest("without a limit it gives the result") {
                val task = createTask { sleep(TICK, "done") }
                waitFor(shield(task), null) shouldBe "done"
                task.done() shouldBe true
            }

            loopTest("when the time has passed, what is shielded runs on") {
                val task = createTask { sleep(TICK * 10, "done") }
                shouldThrow<TimeoutException> { waitFor(shield(task), TICK) }
                task.done() shouldBe false
                task.cancelling() shouldBe 0
                task.await() shouldBe "done"
            }
        }
    })
