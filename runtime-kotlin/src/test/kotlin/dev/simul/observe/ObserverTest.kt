// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Child
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.interop.sleeping
import dev.simul.loop.EventLoop
import dev.simul.loop.areStepsObservedBy
import dev.simul.loop.getRunningLoop
import dev.simul.runLoop
import dev.simul.sleep
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.longs.shouldBeGreaterThanOrEqual
import io.kotest.matchers.shouldBe
import java.time.Duration.ZERO
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.TimeSource

/** Waits, in real time, until it [holds]. */
private fun until(holds: () -> Boolean) {
    val begin = TimeSource.Monotonic.markNow()
    while (!holds()) {
        check(begin.elapsedNow() < 1.minutes) { "it has not come" }
        Thread.sleep(1)
    }
}

private val observerThread: Thread?
    get() = Thread.getAllStackTraces().keys.find { it.name == Observer.NAME }

private class IdleLoop : AutoCloseable {
    val loop = EventLoop()
    private val runner = thread { loop.runForever() }

    override fun close() {
        loop.callSoonThreadsafe { loop.stop() }
        runner.join()
        loop.close()
    }
}

class ObserverTest :
    FunSpec({
        test("one daemon observes all loops; it sleeps without a limit while they are idle, and wakes with the first that is not") {
            IdleLoop().use { first ->
                IdleLoop().use {
                    until { Observer.isAsleep && observerThread?.state == Thread.State.WAITING }
                    observerThread!!.isDaemon shouldBe true
                    Thread.getAllStackTraces().keys.count { it.name == Observer.NAME } shouldBe 1
                    val isOver = CountDownLatch(1)
                    first.loop.callSoonThreadsafe { isOver.await() }
                    until { !Observer.isAsleep }
                    isOver.countDown()
                    until { Observer.isAsleep }
                }
            }
        }

        test("a loop that ends while it is about to sleep keeps it awake, and is forgotten") {
            IdleLoop().use { idle ->
                until { Observer.isAsleep && observerThread?.state == Thread.State.WAITING }
                Observer.ended(idle.loop)
                Observer.isAsleep shouldBe false
            }
        }

        // Later JVMs throw no errors where they like.
        test("an error in its thread does not end it").config(enabled = Runtime.version().feature() < 20) {
            IdleLoop().use {
                until { Observer.isAsleep && observerThread?.state == Thread.State.WAITING }
                Thread::class.java.getMethod("stop").invoke(observerThread)
                val log =
                    Stalling.logOf { stalling ->
                        runLoop(loopFactory = { EventLoop().also { it.stallThreshold = Stalling.threshold } }) {
                            createTask(name = Stalling.TASK) { stalling.hold() }.await()
                        }
                    }
                log shouldHaveSize 2
            }
        }

        for (missing in listOf(
            "jdk.jfr.",
            "dev.simul.observe.FlightRecordings",
            "dev.simul.observe.WatchedLoop",
            "dev.simul.observe.Observer",
        )) {
            test("loops run where $missing cannot be loaded") {
                OtherLoader(missing).use { it.run(ShortProgram::class.java) }
            }
        }

        test("when it has ended, it keeps no class of this library alive") {
            Child(Unloading::class.java.name, "", isOpen = false).use { it.rest() } shouldContainExactly listOf("registered: true", "gone")
        }

        test("a thread that waits in a body gets the name of its task, by and by") {
            var name: String? = null
            runLoop {
                var carrier: Thread? = null
                val gate = getRunningLoop().createFuture<Unit>()
                val task =
                    createTask(
                        bodyOf {
                            carrier = Thread.currentThread()
                            awaitInBody(gate)
                        },
                        name = "patient",
                    )
                while (carrier?.name?.endsWith(" patient") != true) sleep(1.milliseconds)
                name = carrier.name
                gate.setResult(Unit)
                task.await()
            }
            name!!.startsWith("simul-body") shouldBe true
        }

        context("the time that a task has held its loop") {
            suspend fun takeTurns(
                times: Int,
                step: Duration,
            ) = repeat(times) {
                Thread.sleep(step.inWholeMilliseconds)
                sleep(Duration.ZERO)
            }

            test("is exact while somebody looks, for bodies too, and so is since when it waits") {
                runLoop {
                    TaskTimes.exactlyFor(1.minutes.inWholeNanoseconds)
                    sleep(Duration.ZERO)
                    val busy = createTask { takeTurns(5, 10.milliseconds) }
                    val body =
                        createTask(
                            bodyOf {
                                repeat(5) {
                                    Thread.sleep(10)
                                    awaitInBody(sleeping(ZERO, Unit))
                                }
                            },
                        )
                    val lazy = createTask { repeat(10) { sleep(1.milliseconds) } }
                    busy.await()
                    body.await()
                    lazy.await()
                    sleep(10.milliseconds)
                    TaskTimes.of(busy) shouldBeGreaterThanOrEqual 50_000_000
                    TaskTimes.of(body) shouldBeGreaterThanOrEqual 50_000_000
                    TaskTimes.of(lazy) shouldBeGreaterThanOrEqual 1
                    TaskTimes.waitingFor(busy) shouldBeGreaterThanOrEqual 10_000_000
                    TaskTimes.exactlyFor(0)
                    val loop = getRunningLoop()
                    while (loop.areStepsObservedBy(TaskTimes)) sleep(1.milliseconds)
                }
            }

            test("is estimated otherwise, and unknown for a task that no sample has met") {
                runLoop {
                    val busy = createTask { while (TaskTimes.of(currentTask()!!) <= 0) Thread.sleep(1) }
                    val never = createTask { sleep(Duration.ZERO) }
                    TaskTimes.of(never) shouldBe -1
                    TaskTimes.waitingFor(never) shouldBe -1
                    busy.await()
                    never.await()
                }
            }
        }
    })
