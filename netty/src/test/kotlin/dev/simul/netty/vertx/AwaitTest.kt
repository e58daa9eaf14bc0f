// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.vertx

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.getRunningLoop
import dev.simul.netty.onLoop
import dev.simul.netty.recordReports
import dev.simul.sleep
import dev.simul.testing.Deadlock
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.vertx.core.Promise
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import io.vertx.core.Future as VertxFuture

class AwaitTest :
    FunSpec({
        test("a future that is done is awaited without a turn") {
            runTest {
                var turned = false
                getRunningLoop().callSoon { turned = true }
                await(VertxFuture.succeededFuture(1)) shouldBe 1
                await(VertxFuture.succeededFuture<String?>()) shouldBe null
                val broken = IllegalStateException("broken")
                shouldThrow<IllegalStateException> { await(VertxFuture.failedFuture<Int>(broken)) } shouldBeSameInstanceAs broken
                turned shouldBe false
            }
        }

        test("it waits for what a timer of Vert.x completes, by the loop's clock") {
            runTest {
                val promise = vertx().orCreateContext().promise<String>()
                vertx().setTimer(1_500) { promise.complete("done") }
                await(promise.future()) shouldBe "done"
                getRunningLoop().time() shouldBe 1_500.milliseconds
                val failing = vertx().orCreateContext().promise<String>()
                val broken = IllegalStateException("broken")
                vertx().setTimer(500) { failing.fail(broken) }
                shouldThrow<IllegalStateException> { await(failing.future()) } shouldBeSameInstanceAs broken
                getRunningLoop().time() shouldBe 2.seconds
            }
        }

        test("a handler of Vert.x runs in the loop, and resumes the task in the next turn") {
            runTest {
                val loop = getRunningLoop()
                val events = ArrayList<String>()
                val promise = vertx().orCreateContext().promise<Unit>()
                val waiting =
                    createTask {
                        await(promise.future())
                        events += "task"
                    }
                vertx().setTimer(1) {
                    events += "handler in the loop: ${loop.isInLoop}"
                    promise.complete()
                    events += "handler ends"
                }
                waiting.await()
                events shouldBe listOf("handler in the loop: true", "handler ends", "task")
            }
        }

        test("several tasks may await one future, and cancelling one leaves the others") {
            runTest {
                val promise = vertx().orCreateContext().promise<Int>()
                val tasks = List(3) { createTask { await(promise.future()) } }
                sleep(1.seconds)
                tasks[1].cancel()
                sleep(1.seconds)
                promise.complete(1)
                tasks[0].await() shouldBe 1
                shouldThrow<CancelledException> { tasks[1].await() }
                tasks[2].await() shouldBe 1
            }
        }

        test("what fails after the wait was cancelled is nobody's failure") {
            runTest {
                val reports = getRunningLoop().recordReports()
                val promise = vertx().orCreateContext().promise<Int>()
                val waiting = createTask { await(promise.future()) }
                sleep(Duration.ZERO)
                waiting.cancel()
                shouldThrow<CancelledException> { waiting.await() }
                promise.fail("broken")
                sleep(1.seconds)
                reports.shouldBeEmpty()
            }
        }

        test("a future of the loop that is never done is a deadlock on virtual time") {
            val deadlock = shouldThrow<Deadlock> { runTest { await(vertx().orCreateContext().promise<Int>().future()) } }
            deadlock.message shouldContain "of Vert.x's"
        }

        test("a future that another thread completes") {
            onLoop {
                val promise = Promise.promise<Int>()
                val other = thread { promise.complete(1) }
                await(promise.future()) shouldBe 1
                other.join()
                await(vertx().executeBlocking { Thread.currentThread().isDaemon }) shouldBe true
            }
            runTest {
                val promise = Promise.promise<Int>()
                val other =
                    thread {
                        Thread.sleep(10)
                        promise.complete(1)
                    }
                await(promise.future()) shouldBe 1
                other.join()
            }
        }
    })

internal fun io.vertx.core.Vertx.orCreateContext() = (this as io.vertx.core.internal.VertxInternal).getOrCreateContext()
