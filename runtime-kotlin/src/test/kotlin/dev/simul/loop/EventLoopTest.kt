// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context
import dev.simul.context.ContextVar
import dev.simul.coroutine
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.testing.VirtualClock
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldExist
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

/** One turn. */
private fun EventLoop.runOnce() {
    stop()
    runForever()
}

private fun EventLoop.turns(count: Int) = repeat(count) { runOnce() }

/** A clock that stands still, and a poller that notes how long it should wait, and stops the loop instead. */
private class StillWorld(
    var nowNanos: Long = 0,
) : Clock,
    Poller {
    private lateinit var loop: EventLoop
    val timeouts = mutableListOf<Long>()
    var closed = 0

    override fun nanoTime(): Long = nowNanos

    override fun poll(timeoutNanos: Long) {
        timeouts += timeoutNanos
        if (timeoutNanos != 0L) loop.stop()
    }

    override fun wakeup() {}

    override fun close() {
        closed++
    }

    fun newLoop() = EventLoop(this, this).also { loop = it }
}

class EventLoopTest :
    FunSpec({
        val events = mutableListOf<String>()
        beforeTest { events.clear() }

        fun note(event: String): () -> Unit = { events += event }

        context("callSoon") {
            test("calls in the order of scheduling") {
                val loop = VirtualClock().newLoop()
                for (name in listOf("a", "b", "c")) loop.callSoon(callback = note(name))
                loop.runOnce()
                events shouldContainExactly listOf("a", "b", "c")
            }

            test("what a callback schedules runs in the next turn") {
                val loop = VirtualClock().newLoop()
                loop.callSoon {
                    events += "a"
                    loop.callSoon(callback = note("from a"))
                }
                loop.callSoon(callback = note("b"))
                loop.runOnce()
                events shouldContainExactly listOf("a", "b")
                loop.runOnce()
                events shouldContainExactly listOf("a", "b", "from a")
            }

            test("keeps the order over more callbacks than the queue had room for") {
                val loop = VirtualClock().newLoop()
                val seen = mutableListOf<Int>()
                repeat(40) { loop.callSoon { seen += it } }
                loop.runOnce()
                repeat(1000) { loop.callSoon { seen += 40 + it } }
                loop.runOnce()
                seen shouldContainExactly (0 until 1040).toList()
            }

            test("a cancelled callback is not called, and cancelling twice is the same") {
                val loop = VirtualClock().newLoop()
                val handle = loop.callSoon(callback = note("never"))
                handle.cancelled() shouldBe false
                handle.cancel()
                handle.cancel()
                handle.cancelled() shouldBe true
                loop.runOnce()
                events.shouldBeEmpty()
            }

            test("a callback of the same turn can still be cancelled") {
                val loop = VirtualClock().newLoop()
                lateinit var second: Handle
                loop.callSoon { second.cancel() }
                second = loop.callSoon(callback = note("never"))
                loop.runOnce()
                events.shouldBeEmpty()
            }

            test("a handle that has run is not cancelled") {
                val loop = VirtualClock().newLoop()
                val handle = loop.callSoon(callback = note("a"))
                loop.runOnce()
                handle.cancelled() shouldBe false
            }

            test("the callback runs with a copy of the context of the call") {
                val loop = VirtualClock().newLoop()
                val variable = ContextVar("variable", "default")
                Context().run {
                    variable.set("at the call")
                    val handle = loop.callSoon { events += variable.get() }
                    variable.set("later")
                    handle.context[variable] shouldBe "at the call"
                }
                loop.runOnce()
                events shouldContainExactly listOf("at the call")
                variable.get() shouldBe "default"
            }

            test("the callback runs in the very context that is given") {
                val loop = VirtualClock().newLoop()
                val variable = ContextVar<Int>("variable")
                val context = Context()
                loop.callSoon(context) { variable.set(1) }.context shouldBeSameInstanceAs context
                loop.callLater(Duration.ZERO, context) { variable.set(variable.get() + 1) }
                loop.runOnce()
                context[variable] shouldBe 2
            }
        }

        context("callLater and callAt") {
            test("call when the time has come, and not before") {
                val world = StillWorld()
                val loop = world.newLoop()
                loop.callLater(10.nanoseconds, callback = note("a"))
                loop.runOnce()
                world.nowNanos = 9
                loop.runOnce()
                events.shouldBeEmpty()
                world.nowNanos = 10
                loop.runOnce()
                loop.runOnce()
                events shouldContainExactly listOf("a")
            }

            test("the handle knows its deadline in the time of the loop") {
                val world = StillWorld(nowNanos = 5_000_000_000)
                val loop = world.newLoop()
                loop.time() shouldBe 5.seconds
                loop.callLater(2.seconds) {}.`when`() shouldBe 7.seconds
                loop.callAt(6.seconds) {}.`when`() shouldBe 6.seconds
            }

            test("go by the deadline, not by the order of the calls") {
                val loop = VirtualClock().newLoop()
                for (delay in listOf(3, 1, 2)) loop.callLater(delay.seconds, callback = note("$delay"))
                loop.callAt(4.seconds) { loop.stop() }
                loop.runForever()
                events shouldContainExactly listOf("1", "2", "3")
                loop.time() shouldBe 4.seconds
            }

            test("negative delays are due at once, the earliest first") {
                val loop = VirtualClock().newLoop()
                loop.callLater((-1).seconds, callback = note("a"))
                loop.callLater((-2).seconds, callback = note("b"))
                loop.runOnce()
                events shouldContainExactly listOf("b", "a")
            }

            test("the most negative delay is due at once, whatever the clock shows") {
                val world = StillWorld(nowNanos = 1)
                val loop = world.newLoop()
                loop.callLater(-Duration.INFINITE, callback = note("later"))
                loop.callAt(-Duration.INFINITE, callback = note("at"))
                world.nowNanos = 100
                loop.callSoon { loop.stop() }
                loop.runForever()
                events.sorted() shouldContainExactly listOf("at", "later")
                loop.callAt(-Duration.INFINITE) { loop.stop() }
                loop.runForever()
                world.timeouts shouldContainExactly listOf(0, 0)
            }

            test("an infinite delay waits for ever, and is cancelled like any other") {
                val loop = VirtualClock().newLoop()
                val handle = loop.callLater(Duration.INFINITE, callback = note("never"))
                loop.callLater(1000.hours) {
                    handle.cancel()
                    loop.stop()
                }
                loop.runForever()
                loop.time() shouldBe 1000.hours
                events.shouldBeEmpty()
            }

            test("equal deadlines keep the order of the calls") {
                val loop = VirtualClock().newLoop()
                repeat(50) { loop.callAt(1.seconds, callback = note("$it")) }
                loop.callAt(1.seconds) { loop.stop() }
                loop.runForever()
                events shouldContainExactly (0 until 50).map { "$it" }
            }

            test("a clock whose time is negative serves as well") {
                val world = StillWorld(nowNanos = -100)
                val loop = world.newLoop()
                loop.callLater(50.nanoseconds, callback = note("a"))
                loop.runOnce()
                events.shouldBeEmpty()
                world.nowNanos = -50
                loop.runOnce()
                events shouldContainExactly listOf("a")
            }

            test("a cancelled timer is not called, even if it is due in this turn") {
                val loop = VirtualClock().newLoop()
                loop.callLater(1.seconds, callback = note("never")).cancel()
                lateinit var second: TimerHandle
                loop.callLater(2.seconds) {
                    second.cancel()
                    second.cancelled() shouldBe true
                    loop.callSoon { loop.stop() }
                }
                second = loop.callLater(2.seconds, callback = note("never"))
                loop.runForever()
                events.shouldBeEmpty()
            }

            test("handles of timers are ordered by their deadlines") {
                val loop = VirtualClock().newLoop()
                val early = loop.callAt(1.seconds) {}
                val late = loop.callAt(2.seconds) {}
                val equal = loop.callAt(2.seconds) {}
                early shouldBeLessThan late
                late shouldBeGreaterThanOrEqualTo equal
                equal shouldBeGreaterThanOrEqualTo late
                (late == equal) shouldBe false
            }

            test("a loop waits by its own clock") {
                var now = 0L
                val waits = mutableListOf<Duration>()
                val poller =
                    object : Poller by NioPoller() {
                        override fun poll(timeoutNanos: Long) {
                            if (timeoutNanos == 0L) return
                            waits += timeoutNanos.nanoseconds
                            now += timeoutNanos
                        }
                    }
                val log =
                    RecordedLog.during {
                        EventLoop({ now }, poller).use { loop ->
                            loop.debug = true
                            loop.runUntilComplete {
                                sleep(3.hours)
                                now += 5.minutes.inWholeNanoseconds
                                sleep(Duration.ZERO)
                            }
                            loop.time() shouldBe 3.hours + 5.minutes
                        }
                    }
                waits shouldContainExactly listOf(3.hours)
                log.shouldExist { it.toString().endsWith("took 5m") }
            }

            test("a timer of the machine's clock never fires early, and the loop does not spin until then") {
                var polls = 0
                val nio = NioPoller()
                val counting =
                    object : Poller by nio {
                        override fun poll(timeoutNanos: Long) {
                            polls++
                            nio.poll(timeoutNanos)
                        }
                    }
                val loop = EventLoop(poller = counting)
                val delays = listOf(10.milliseconds, 1.milliseconds, 100.microseconds, 10.microseconds, 1.microseconds)
                loop.runUntilComplete {
                    for (delay in delays) {
                        val start = loop.time()
                        sleep(delay)
                        loop.time() - start shouldBeGreaterThanOrEqualTo delay
                    }
                }
                loop.close()
                polls shouldBeLessThanOrEqual 25
            }
        }

        context("one turn") {
            test("runs what is ready, then what other threads handed in, then the timers that are due") {
                val loop = VirtualClock().newLoop()
                loop.callLater(Duration.ZERO, callback = note("timer"))
                loop.callSoon {
                    events += "ready"
                    loop.callSoon(callback = note("from ready"))
                    loop.callLater(Duration.ZERO, callback = note("timer from ready"))
                }
                thread { loop.callSoonThreadsafe(callback = note("inbox")) }.join()
                loop.runOnce()
                events shouldContainExactly listOf("ready", "inbox", "timer")
                loop.runOnce()
                events.drop(3) shouldContainExactly listOf("from ready", "timer from ready")
            }

            test("a delay of zero comes after what was ready, and before what that schedules") {
                val loop = VirtualClock().newLoop()
                loop.callSoon {
                    loop.callLater(Duration.ZERO, callback = note("zero"))
                    loop.callSoon {
                        events += "soon"
                        loop.callSoon(callback = note("from soon"))
                    }
                }
                loop.turns(3)
                events shouldContainExactly listOf("soon", "zero", "from soon")
            }

            test("a timer's callback may schedule, for the next turn") {
                val world = StillWorld(nowNanos = 1)
                val loop = world.newLoop()
                loop.callAt(Duration.ZERO) {
                    events += "timer"
                    loop.callSoon(callback = note("from timer"))
                }
                loop.runOnce()
                events shouldContainExactly listOf("timer")
                loop.runOnce()
                events shouldContainExactly listOf("timer", "from timer")
            }

            test("waits for the next timer, without a limit if there is none, and not at all if something is ready") {
                val world = StillWorld()
                val loop = world.newLoop()
                loop.runForever()
                loop.callLater(3.seconds) {}
                loop.runForever()
                loop.callLater(2.seconds) {}
                loop.runForever()
                loop.callSoon { loop.stop() }
                loop.runForever()
                loop.runOnce()
                thread { loop.callSoonThreadsafe { loop.stop() } }.join()
                loop.runForever()
                world.timeouts shouldContainExactly listOf(-1, 3_000_000_000, 2_000_000_000, 0, 0, 0)
            }

            test("waits for a day at most") {
                val world = StillWorld()
                val loop = world.newLoop()
                loop.callLater(Duration.INFINITE) {}
                loop.runForever()
                loop.callLater(25.hours) {}
                loop.runForever()
                loop.callLater(23.hours) {}
                loop.runForever()
                world.timeouts shouldContainExactly listOf(24.hours, 24.hours, 23.hours).map { it.inWholeNanoseconds }
            }

            test("does not wait for a timer that was cancelled") {
                val world = StillWorld()
                val loop = world.newLoop()
                loop.callLater(1.seconds) {}.cancel()
                loop.callLater(2.seconds) {}
                loop.runForever()
                world.timeouts shouldContainExactly listOf(2_000_000_000)
            }

            test("forgets cancelled timers at the top, and the others when they are the most of more than a hundred") {
                val world = StillWorld()
                val loop = world.newLoop()
                val cancelled = listOf(3600, 3600, 100, 100).map { loop.callLater(it.seconds) {} }
                loop.callLater(3000.seconds) {}
                cancelled.forEach { it.cancel() }
                loop.runOnce()
                loop.toString() shouldContain "timers=3"
                val others = List(51) { loop.callLater(3600.seconds) {} }
                repeat(49) { loop.callLater(3600.seconds) {} }
                others.forEach { it.cancel() }
                loop.toString() shouldContain "timers=103"
                loop.runOnce()
                loop.toString() shouldContain "timers=50"
            }

            test("keeps cancelled timers that are half of a hundred and more") {
                val world = StillWorld()
                val loop = world.newLoop()
                loop.callLater(1.seconds) {}
                val others = List(101) { loop.callLater(2.seconds) {} }
                repeat(98) { loop.callLater(3.seconds) {} }
                others.drop(1).forEach { it.cancel() }
                loop.runOnce()
                loop.toString() shouldContain "timers=200"
                others[0].cancel()
                loop.runOnce()
                loop.toString() shouldContain "timers=99"
            }

            test("forgets a cancelled timer in the last place at once") {
                val loop = StillWorld().newLoop()
                val (first, second) = List(2) { loop.callLater(1.seconds) {} }
                first.cancel()
                loop.toString() shouldContain "timers=2"
                second.cancel()
                loop.toString() shouldContain "timers=1"
            }
        }

        context("running") {
            test("a loop that was stopped before runs exactly one turn") {
                val loop = VirtualClock().newLoop()
                loop.callSoon {
                    events += "first turn"
                    loop.callSoon(callback = note("second turn"))
                }
                loop.stop()
                loop.runForever()
                events shouldContainExactly listOf("first turn")
                loop.stop()
                loop.runForever()
                events shouldContainExactly listOf("first turn", "second turn")
            }

            test("stop lets the turn finish, and the loop can be run again") {
                val loop = VirtualClock().newLoop()
                loop.callSoon {
                    events += "stop"
                    loop.stop()
                    loop.callSoon(callback = note("next turn"))
                }
                loop.callSoon(callback = note("same turn"))
                loop.runForever()
                events shouldContainExactly listOf("stop", "same turn")
                loop.callSoon { loop.stop() }
                loop.runForever()
                events shouldContainExactly listOf("stop", "same turn", "next turn")
            }

            test("the loop knows whether it is running") {
                val loop = VirtualClock().newLoop()
                loop.isRunning shouldBe false
                loop.callSoon {
                    events += "${loop.isRunning} ${getRunningLoop() === loop}"
                    loop.stop()
                }
                loop.runForever()
                events shouldContainExactly listOf("true true")
                loop.isRunning shouldBe false
                getRunningLoopOrNull() shouldBe null
            }

            test("a loop that is running cannot be run") {
                val loop = VirtualClock().newLoop()
                loop.callSoon {
                    events += shouldThrow<IllegalStateException> { loop.runForever() }.message!!
                    events += shouldThrow<IllegalStateException> { loop.runUntilComplete {} }.message!!
                    loop.stop()
                }
                loop.runForever()
                events.distinct() shouldContainExactly listOf("This event loop is already running")
            }

            test("another loop cannot be run inside a running one") {
                val outer = VirtualClock().newLoop()
                val inner = VirtualClock().newLoop()
                outer.callSoon {
                    shouldThrow<IllegalStateException> { inner.runForever() }.message shouldContain
                        "Cannot run the event loop while another loop is running"
                    events += "refused"
                    outer.stop()
                }
                outer.runForever()
                events shouldContainExactly listOf("refused")
                inner.runUntilComplete { "usable" } shouldBe "usable"
            }

            test("a fatal error leaves runForever at once, and the loop stays usable") {
                val loop = VirtualClock().newLoop()
                loop.callSoon(callback = note("before"))
                loop.callSoon { throw KeyboardInterrupt() }
                loop.callSoon(callback = note("after"))
                shouldThrow<KeyboardInterrupt> { loop.runForever() }
                loop.isRunning shouldBe false
                getRunningLoopOrNull() shouldBe null
                events shouldContainExactly listOf("before")
                loop.runOnce()
                events shouldContainExactly listOf("before", "after")
                loop.close()
            }

            test("a fatal error of a task leaves runForever after its step") {
                val loop = VirtualClock().newLoop()
                val task = loop.createTask<Unit> { throw KeyboardInterrupt() }
                loop.callSoon(callback = note("after"))
                val thrown = shouldThrow<KeyboardInterrupt> { loop.runForever() }
                task.exception() shouldBeSameInstanceAs thrown
                events.shouldBeEmpty()
                loop.runOnce()
                events shouldContainExactly listOf("after")
            }

            test("an interrupt of the thread leaves runForever, and the loop stays usable") {
                val loop = EventLoop()
                loop.callSoon { Thread.currentThread().interrupt() }
                shouldThrow<InterruptedException> { loop.runForever() }
                Thread.interrupted() shouldBe false
                loop.runUntilComplete { "usable" } shouldBe "usable"
                loop.close()
            }
        }

        context("runUntilComplete") {
            test("gives the result of a coroutine, a future or anything awaitable") {
                val loop = VirtualClock().newLoop()
                loop.runUntilComplete { sleep(1.seconds, "slept") } shouldBe "slept"
                loop.runUntilComplete(coroutine { "coroutine" }) shouldBe "coroutine"
                val future = loop.createFuture<String>()
                loop.callLater(1.seconds) { future.setResult("future") }
                loop.runUntilComplete(future) shouldBe "future"
                loop.runUntilComplete(future) shouldBe "future"
            }

            test("throws what the coroutine throws") {
                val loop = VirtualClock().newLoop()
                shouldThrow<ArithmeticException> { loop.runUntilComplete { throw ArithmeticException("spam") } }
                    .message shouldBe "spam"
            }

            test("refuses a future of another loop") {
                val loop = VirtualClock().newLoop()
                val foreign = VirtualClock().newLoop().createFuture<Unit>()
                shouldThrow<IllegalArgumentException> { loop.runUntilComplete(foreign) }.message shouldContain
                    "belongs to a different loop"
            }

            test("fails when the loop is stopped before; the task lives on and can be run again") {
                val loop = VirtualClock().newLoop()
                val task =
                    loop.createTask {
                        events += "begun"
                        loop.stop()
                        sleep(1.seconds)
                        "done"
                    }
                shouldThrow<IllegalStateException> { loop.runUntilComplete(task) }.message shouldContain
                    "Event loop stopped before Future completed"
                task.done() shouldBe false
                loop.runUntilComplete(task) shouldBe "done"
                events shouldContainExactly listOf("begun")
            }

            test("leaves no callback on a future that a fatal error kept from completing") {
                val loop = VirtualClock().newLoop()
                loop.callSoon { throw KeyboardInterrupt() }
                shouldThrow<KeyboardInterrupt> { loop.runUntilComplete { sleep(100.milliseconds) } }
                loop.runUntilComplete { sleep(200.milliseconds) }
                loop.time() shouldBe 200.milliseconds
            }

            test("a fatal error of the coroutine leaves no stop behind") {
                val loop = VirtualClock().newLoop()
                shouldThrow<KeyboardInterrupt> { loop.runUntilComplete { throw KeyboardInterrupt() } }
                loop.callSoon {
                    loop.callSoon {
                        events += "second turn"
                        loop.stop()
                    }
                }
                loop.runForever()
                events shouldContainExactly listOf("second turn")
            }

            test("gives other tasks one more step after the end") {
                val loop = VirtualClock().newLoop()
                loop.createTask {
                    while (true) {
                        events += "other"
                        sleep(Duration.ZERO)
                    }
                }
                loop.runUntilComplete { events += "main" }
                events shouldContainExactly listOf("other", "main", "other")
            }

            test("does not use up a coroutine that it cannot run") {
                val closed = VirtualClock().newLoop().also { it.close() }
                val coroutine = coroutine { "run" }
                shouldThrow<IllegalStateException> {
                    closed.runUntilComplete(
                        coroutine,
                    )
                }.message shouldBe "Event loop is closed"
                val loop = VirtualClock().newLoop()
                loop.callSoon {
                    shouldThrow<IllegalStateException> { loop.runUntilComplete(coroutine) }
                    loop.stop()
                }
                loop.runForever()
                loop.runUntilComplete(coroutine) shouldBe "run"
            }
        }

        context("close") {
            test("drops what is pending, closes the poller, and can be repeated") {
                val world = StillWorld(nowNanos = 1)
                val loop = world.newLoop()
                loop.callSoon(callback = note("never"))
                loop.callAt(Duration.ZERO, callback = note("never"))
                loop.isClosed shouldBe false
                loop.close()
                loop.close()
                loop.isClosed shouldBe true
                world.closed shouldBe 1
                loop.toString() shouldBe "<EventLoop running=false closed=true debug=false ready=0 timers=0>"
                events.shouldBeEmpty()
            }

            test("is refused while the loop is running") {
                val loop = VirtualClock().newLoop()
                loop.callSoon {
                    shouldThrow<IllegalStateException> {
                        loop.close()
                    }.message shouldContain "cannot close a running event loop"
                    loop.stop()
                }
                loop.runForever()
                loop.isClosed shouldBe false
            }

            test("it is one thread's while it runs, as any thread may ask") {
                val loop = VirtualClock().newLoop()
                val here = Thread.currentThread()
                loop.isInLoop(here) shouldBe false
                loop.runUntilComplete {
                    val other = thread { loop.isInLoop(Thread.currentThread()) shouldBe false }.apply { join() }
                    var seen = false
                    thread { seen = loop.isInLoop(here) }.join()
                    seen shouldBe true
                    loop.isInLoop(here) shouldBe true
                    loop.isInLoop(other) shouldBe false
                }
                loop.isInLoop(here) shouldBe false
                loop.close()
            }

            test("a closed loop takes nothing and does not run") {
                val loop = VirtualClock().newLoop()
                loop.close()
                val refused =
                    listOf(
                        { loop.callSoon {} },
                        { loop.callSoonThreadsafe {} },
                        { loop.callLater(1.seconds) {} },
                        { loop.callAt(1.seconds) {} },
                        { loop.createTask {} },
                        { loop.runForever() },
                        { loop.runUntilComplete {} },
                    )
                for (call in refused) {
                    shouldThrow<IllegalStateException> { call() }.message shouldBe "Event loop is closed"
                }
            }
        }
    })
