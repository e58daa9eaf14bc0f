// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.ExceptionGroup
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.Clock
import dev.simul.loop.EventLoop
import dev.simul.loop.Poller
import dev.simul.loop.getRunningLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** For so long after a limit has begun, the loop takes a timer that is due later for one that is far. */
private val LONGER_THAN_A_TURN = 1100.milliseconds

/** One turn. */
private fun EventLoop.runOnce() {
    stop()
    runForever()
}

/** Virtual time that also passes while a callback works, as [work] says. */
private class WorkingClock :
    Clock,
    Poller {
    private var now = Duration.ZERO

    fun work(duration: Duration) {
        now += duration
    }

    override fun nanoTime(): Long = now.inWholeNanoseconds

    override fun poll(timeoutNanos: Long) {
        check(timeoutNanos >= 0) { "nothing more can happen" }
        now += timeoutNanos.nanoseconds
    }

    override fun wakeup() = Unit

    override fun close() = Unit
}

class TimeoutTest :
    FunSpec({
        context("when the time has passed") {
            loopTest("the block is cancelled, and TimeoutException is thrown") {
                val events = mutableListOf<String>()
                lateinit var limit: Timeout
                val thrown =
                    shouldThrow<TimeoutException> {
                        timeout(TICK) {
                            limit = it
                            try {
                                sleep(10.seconds)
                            } catch (e: CancelledException) {
                                events += "cancelled"
                                throw e
                            }
                        }
                    }
                thrown.cause.shouldBeInstanceOf<CancelledException>()
                limit.expired() shouldBe true
                events shouldContainExactly listOf("cancelled")
                getRunningLoop().time() shouldBe TICK
            }

            loopTest("a time of the loop may be the deadline") {
                sleep(TICK)
                lateinit var limit: Timeout
                shouldThrow<TimeoutException> {
                    timeoutAt(TICK * 3) {
                        limit = it
                        sleep(10.seconds)
                    }
                }
                limit.expired() shouldBe true
                limit.`when`() shouldBe TICK * 3
                getRunningLoop().time() shouldBe TICK * 3
            }

            loopTest("the task is not cancelled by it") {
                val task =
                    createTask {
                        shouldThrow<TimeoutException> { timeout(TICK) { sleep(10.seconds) } }
                        currentTask()!!.cancelling() shouldBe 0
                        sleep(TICK, "went on")
                    }
                task.await() shouldBe "went on"
                task.cancelled() shouldBe false
            }

            loopTest("a block that refuses the cancellation is not disturbed, but the timeout has expired") {
                lateinit var limit: Timeout
                timeout(TICK) {
                    limit = it
                    shouldThrow<CancelledException> { sleep(10.seconds) }
                    "refused"
                } shouldBe "refused"
                limit.expired() shouldBe true
                currentTask()!!.cancelling() shouldBe 0
                sleep(TICK)
            }
        }

        context("in time") {
            loopTest("the block's result comes out, and no timer is left") {
                lateinit var limit: Timeout
                timeout(10.seconds) {
                    limit = it
                    sleep(TICK)
                    42
                } shouldBe 42
                limit.expired() shouldBe false
                limit.`when`() shouldBe 10.seconds
                turns()
                getRunningLoop().toString() shouldContain "timers=0"
            }

            loopTest("no limit is no timer") {
                for (unlimited in listOf(Timeout.after(null), Timeout(null))) {
                    unlimited.use {
                        getRunningLoop().toString() shouldContain "timers=0"
                        sleep(10.seconds)
                    }
                    unlimited.expired() shouldBe false
                    unlimited.`when`() shouldBe null
                }
                timeout(null) { it.`when`() } shouldBe null
                timeoutAt(null) { it.`when`() } shouldBe null
            }

            loopTest("a foreign failure passes") {
                lateinit var limit: Timeout
                shouldThrow<IOException> {
                    timeout(TICK) {
                        limit = it
                        throw IOException("foreign")
                    }
                }.suppressed.size shouldBe 0
                limit.expired() shouldBe false
            }

            loopTest("a foreign cancellation passes") {
                lateinit var limit: Timeout
                val task =
                    createTask {
                        timeout(10.seconds) {
                            limit = it
                            currentTask()!!.cancel("foreign")
                            sleep(10.seconds)
                        }
                    }
                shouldThrow<CancelledException> { task.await() }.message shouldBe "foreign"
                limit.expired() shouldBe false
            }

            loopTest("a foreign cancellation at the same time wins, and the timeout has expired") {
                lateinit var limit: Timeout
                val task =
                    createTask {
                        timeout(TICK) {
                            limit = it
                            sleep(10.seconds)
                        }
                    }
                turns()
                getRunningLoop().callLater(TICK) { task.cancel() }
                shouldThrow<CancelledException> { task.await() }
                limit.expired() shouldBe true
                task.cancelling() shouldBe 1
            }
        }

        context("of nothing or less") {
            loopTest("the block runs until it waits") {
                for (delay in listOf(Duration.ZERO, -TICK)) {
                    val events = mutableListOf<String>()
                    lateinit var limit: Timeout
                    shouldThrow<TimeoutException> {
                        timeout(delay) {
                            limit = it
                            events += "started"
                            sleep(10.seconds)
                            events += "slept"
                        }
                    }
                    limit.expired() shouldBe true
                    limit.`when`() shouldBe delay
                    events shouldContainExactly listOf("started")
                }
                getRunningLoop().time() shouldBe Duration.ZERO
            }

            loopTest("giving up one turn is waiting") {
                for (delay in listOf(Duration.ZERO, -TICK)) {
                    shouldThrow<TimeoutException> { timeout(delay) { sleep(Duration.ZERO) } }
                }
                shouldThrow<TimeoutException> { timeoutAt(-TICK) { sleep(Duration.ZERO) } }
            }

            loopTest("a block that never waits is never cut short") {
                lateinit var limit: Timeout
                turnsOf { timeout(Duration.ZERO) { limit = it } } shouldBe 0
                limit.expired() shouldBe false
                turns(2)
                currentTask()!!.cancelling() shouldBe 0
            }
        }

        context("the deadline") {
            loopTest("counts from the making of the timeout, not from its block") {
                val limit = Timeout.after(TICK * 3)
                sleep(TICK * 2)
                shouldThrow<TimeoutException> { limit.use { sleep(10.seconds) } }
                getRunningLoop().time() shouldBe TICK * 3
            }

            loopTest("can be moved, removed and brought into the past") {
                val entered = Future<Timeout>()
                val task =
                    createTask {
                        timeoutAt(10.seconds) {
                            entered.setResult(it)
                            sleep(50.seconds)
                        }
                    }
                val limit = entered.await()
                limit.`when`() shouldBe 10.seconds
                limit.reschedule(30.seconds)
                limit.`when`() shouldBe 30.seconds
                sleep(20.seconds)
                task.done() shouldBe false
                limit.reschedule(null)
                limit.`when`() shouldBe null
                sleep(20.seconds)
                task.done() shouldBe false
                limit.reschedule(5.seconds)
                shouldThrow<TimeoutException> { task.await() }
                limit.expired() shouldBe true
                getRunningLoop().time() shouldBe 40.seconds
            }

            loopTest("moved away in time does not come, also if the task is cancelled") {
                val entered = Future<Timeout>()
                val task =
                    createTask {
                        timeout(TICK) {
                            entered.setResult(it)
                            sleep(50.seconds)
                        }
                    }
                val limit = entered.await()
                limit.reschedule(null)
                sleep(TICK * 2)
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
                limit.expired() shouldBe false
            }
        }

        context("nested") {
            loopTest("of those that are due together only the outer one throws TimeoutException") {
                val events = mutableListOf<String>()
                lateinit var outer: Timeout
                lateinit var inner: Timeout
                shouldThrow<TimeoutException> {
                    timeoutAt(TICK) {
                        outer = it
                        try {
                            timeoutAt(TICK) {
                                inner = it
                                sleep(10.seconds)
                            }
                        } catch (e: CancelledException) {
                            events += "cancelled"
                            throw e
                        }
                    }
                }
                events shouldContainExactly listOf("cancelled")
                outer.expired() shouldBe true
                inner.expired() shouldBe true
                currentTask()!!.cancelling() shouldBe 0
            }

            loopTest("the inner one that is due first throws, and the outer one goes on") {
                val events = mutableListOf<String>()
                timeout(TICK * 2) {
                    shouldThrow<TimeoutException> { timeout(TICK) { sleep(10.seconds) } }
                    events += "inner at ${getRunningLoop().time()}"
                }
                events shouldContainExactly listOf("inner at 10ms")
            }

            test("if the loop was busy over the outer deadline, its cancellation passes through the inner block") {
                val clock = WorkingClock()
                EventLoop(clock, clock).use { loop ->
                    lateinit var inner: Timeout
                    loop.runUntilComplete {
                        shouldThrow<TimeoutException> {
                            timeout(TICK * 2) {
                                timeout(TICK * 100) {
                                    inner = it
                                    clock.work(TICK * 10)
                                    sleep(10.seconds)
                                }
                            }
                        }
                    }
                    inner.expired() shouldBe false
                    loop.time() shouldBe TICK * 10
                }
            }

            test("if the loop was busy over both deadlines, only the outer one throws TimeoutException") {
                val clock = WorkingClock()
                EventLoop(clock, clock).use { loop ->
                    lateinit var inner: Timeout
                    loop.runUntilComplete {
                        shouldThrow<TimeoutException> {
                            timeout(TICK * 2) {
                                timeout(TICK) {
                                    inner = it
                                    clock.work(TICK * 10)
                                    sleep(10.seconds)
                                }
                            }
                        }
                    }
                    inner.expired() shouldBe true
                    loop.time() shouldBe TICK * 10
                }
            }

            test("an outer one that is due during the work after the inner one ends it") {
                val clock = WorkingClock()
                EventLoop(clock, clock).use { loop ->
                    loop.runUntilComplete {
                        shouldThrow<TimeoutException> {
                            timeout(TICK * 10) {
                                shouldThrow<TimeoutException> {
                                    timeout(TICK) {
                                        clock.work(TICK * 9)
                                        sleep(1.seconds)
                                    }
                                }
                                sleep(10.seconds)
                            }
                        }
                    }
                    loop.time() shouldBe TICK * 10
                }
            }

            loopTest("in a finally block of the outer one, both throw in turn") {
                lateinit var inner: TimeoutException
                val outer =
                    shouldThrow<TimeoutException> {
                        timeout(TICK) {
                            try {
                                sleep(1.seconds)
                            } finally {
                                inner = shouldThrow { timeout(TICK) { sleep(10.seconds) } }
                            }
                        }
                    }
                val outerCause = outer.cause.shouldBeInstanceOf<CancelledException>()
                val innerCause = inner.cause.shouldBeInstanceOf<CancelledException>()
                (outerCause === innerCause) shouldBe false
                getRunningLoop().time() shouldBe TICK * 2
            }
        }

        context("after a cancellation that was refused") {
            loopTest("it works") {
                val task =
                    createTask {
                        try {
                            currentTask()!!.cancel()
                            sleep(1.seconds)
                        } catch (_: CancelledException) {
                            // refused
                        }
                        shouldThrow<TimeoutException> { timeout(Duration.ZERO) { sleep(1.seconds) } }
                        currentTask()!!.cancelling() shouldBe 1
                        "done"
                    }
                task.await() shouldBe "done"
            }

            loopTest("another cancellation in the block passes") {
                val task =
                    createTask {
                        try {
                            currentTask()!!.cancel()
                            sleep(1.seconds)
                        } catch (_: CancelledException) {
                            // refused
                        }
                        timeout(1.seconds) {
                            currentTask()!!.cancel("again")
                            sleep(2.seconds)
                        }
                    }
                shouldThrow<CancelledException> { task.await() }.message shouldBe "again"
                task.cancelling() shouldBe 2
            }
        }

        context("a failure in place of the cancellation") {
            loopTest("is thrown, and the timeout is attached to it") {
                suspend fun crash() {
                    try {
                        sleep(1.seconds)
                    } finally {
                        throw ArithmeticException()
                    }
                }
                val thrown = shouldThrow<ArithmeticException> { timeout(TICK) { crash() } }
                thrown.suppressed.single().shouldBeInstanceOf<TimeoutException>()
            }

            loopTest("of a task group has the timeout attached to itself and to its members") {
                val thrown =
                    shouldThrow<ExceptionGroup> {
                        timeout(TICK) {
                            taskGroup { group ->
                                group.createTask {
                                    try {
                                        sleep(2.seconds)
                                    } finally {
                                        throw ArithmeticException()
                                    }
                                }
                                sleep(1.seconds)
                            }
                        }
                    }
                val member = thrown.exceptions.single().shouldBeInstanceOf<ArithmeticException>()
                thrown.suppressed.map { it::class } shouldContain java.util.concurrent.TimeoutException::class
                member.suppressed.single().shouldBeInstanceOf<TimeoutException>()
                currentTask()!!.cancelling() shouldBe 0
            }
        }

        context("misuse") {
            loopTest("it cannot be entered again, be it within or after its block") {
                val limit = Timeout.after(TICK)
                limit.use {
                    shouldRefuse("has already been entered") { limit.use { } }
                }
                shouldRefuse("has already been entered") { limit.use { } }
            }

            loopTest("the deadline cannot be moved before the block, after it, or when it has passed") {
                val limit = Timeout.after(TICK)
                shouldRefuse("has not been entered") { limit.reschedule(TICK * 2) }
                limit.use { }
                shouldRefuse("finished") { limit.reschedule(TICK * 2) }
                val expired = Timeout.after(TICK)
                shouldThrow<TimeoutException> { expired.use { sleep(1.seconds) } }
                shouldRefuse("expired") { expired.reschedule(TICK * 2) }
                timeout(TICK) {
                    shouldThrow<CancelledException> { sleep(1.seconds) }
                    shouldRefuse("expiring") { it.reschedule(1.seconds) }
                }
            }

            loopTest("it needs a task, and stays unused without one") {
                val limit = Timeout.after(TICK)
                val refused = outsideTasks { limit.use { } }.exceptionOrNull()
                refused.shouldBeInstanceOf<IllegalStateException>().message shouldContain "task"
                shouldRefuse("has not been entered") { limit.reschedule(TICK) }
                limit.use { "used" } shouldBe "used"
            }

            test("it needs a running loop") {
                shouldRefuse("no running event loop") { Timeout.after(TICK) }
            }
        }

        context("on the machine's clock") {
            for (inner in listOf(10.seconds, null)) {
                test("a task that never stops turning reaches its limit, not too early, if limits of $inner come and go meanwhile") {
                    val start = System.nanoTime()
                    var turns = 0
                    runLoop {
                        shouldThrow<TimeoutException> {
                            timeout(150.milliseconds) {
                                while (true) {
                                    turns++
                                    timeout(inner) { sleep(Duration.ZERO) }
                                }
                            }
                        }
                    }
                    (System.nanoTime() - start).nanoseconds shouldBeGreaterThanOrEqualTo 150.milliseconds
                    turns shouldBeGreaterThan 10
                }
            }

            test("a limit that is left long ago delays no timer that is due") {
                val log = mutableListOf<String>()
                runLoop {
                    timeout(1.days) {}
                    val loop = getRunningLoop()
                    val end = loop.time() + LONGER_THAN_A_TURN
                    while (loop.time() < end) sleep(Duration.ZERO)
                    loop.callLater(1.milliseconds) { log += "timer" }
                    Thread.sleep(5)
                    sleep(Duration.ZERO)
                    log += "a"
                    sleep(Duration.ZERO)
                    log += "b"
                }
                log shouldContainExactly listOf("a", "timer", "b")
            }

            /** What the run of a loop leaves behind must not delay a timer of the next run. */
            fun theNextRunIsOnTimeAfter(run: (EventLoop) -> Unit) =
                EventLoop().use { loop ->
                    run(loop)
                    Thread.sleep(LONGER_THAN_A_TURN.inWholeMilliseconds)
                    var hasRun = false
                    loop.callLater(1.milliseconds) { hasRun = true }
                    Thread.sleep(5)
                    loop.callSoon {}
                    loop.runOnce()
                    hasRun shouldBe true
                }

            test("a limit of the loop's last run delays no timer of this one") {
                theNextRunIsOnTimeAfter { it.runUntilComplete { timeout(1.days) {} } }
            }

            test("nor does one of its last turn") {
                theNextRunIsOnTimeAfter {
                    it.createTask { timeout(1.days) {} }
                    it.runOnce()
                }
            }

            test("a limit that a blocking step exceeds is over two turns later") {
                runLoop {
                    shouldThrow<TimeoutException> {
                        timeout(150.milliseconds) {
                            Thread.sleep(200)
                            sleep(Duration.ZERO)
                            sleep(Duration.ZERO)
                        }
                    }
                }
            }
        }

        context("text") {
            loopTest("it tells the state, and the deadline while there is one to come") {
                Timeout.after(TICK).toString() shouldBe "<Timeout [created]>"
                timeout(10.seconds) { it.toString() } shouldBe "<Timeout [active] when=10s>"
                timeout(null) { it.toString() } shouldBe "<Timeout [active] when=null>"
                val finished = Timeout.after(TICK)
                finished.use { it shouldBeSameInstanceAs finished }
                finished.toString() shouldBe "<Timeout [finished]>"
                val expired = Timeout.after(TICK)
                shouldThrow<TimeoutException> { expired.use { sleep(10.seconds) } }
                expired.toString() shouldBe "<Timeout [expired]>"
            }
        }
    })
