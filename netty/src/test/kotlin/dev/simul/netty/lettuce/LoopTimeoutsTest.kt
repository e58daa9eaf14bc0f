// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.house.Leftovers
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.netty.onLoop
import dev.simul.netty.recordReports
import dev.simul.netty.until
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.netty.util.Timeout
import io.netty.util.Timer
import io.netty.util.TimerTask
import java.util.concurrent.TimeUnit.HOURS
import java.util.concurrent.TimeUnit.MILLISECONDS
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/** What Netty asks of a timer, as its own one does it, on the loop's time. */
class LoopTimeoutsTest :
    FunSpec({
        test("tasks run when their delay has passed, in the order of their times, on the loop's clock") {
            runTest {
                val loop = getRunningLoop()
                val events = ArrayList<Pair<String, Duration>>()
                fun noting(name: String) = TimerTask { events += name to loop.time() }
                timer().newTimeout(noting("late"), 2, HOURS)
                timer().newTimeout(noting("early"), 1, HOURS)
                timer().newTimeout(noting("at once"), -1, HOURS)
                sleep(3.hours)
                events shouldContainExactly listOf("at once" to Duration.ZERO, "early" to 1.hours, "late" to 2.hours)
            }
        }

        test("a task is given its timeout, which knows what it was made for") {
            runTest {
                lateinit var given: Timeout
                val task = TimerTask { given = it }
                val timeout = timer().newTimeout(task, 1, SECONDS)
                timeout.task() shouldBeSameInstanceAs task
                timeout.timer() shouldBeSameInstanceAs timer()
                timeout.isExpired shouldBe false
                sleep(2.seconds)
                given shouldBeSameInstanceAs timeout
                timeout.isExpired shouldBe true
                timeout.isCancelled shouldBe false
                timeout.cancel() shouldBe false
                timeout.isCancelled shouldBe false
            }
        }

        test("a timeout that is cancelled does not run, and leaves no timer") {
            runTest {
                timer()
                val leftovers = Leftovers()
                var ran = false
                val timeout = timer().newTimeout({ ran = true }, 1, HOURS)
                timeout.cancel() shouldBe true
                timeout.isCancelled shouldBe true
                timeout.cancel() shouldBe false
                leftovers.now().shouldBeEmpty()
                sleep(2.hours)
                ran shouldBe false
                timeout.isExpired shouldBe false
            }
        }

        test("a task may set another timeout, and cancel others of the same moment") {
            runTest {
                val events = ArrayList<String>()
                lateinit var second: Timeout
                timer().newTimeout({
                    events += "first"
                    second.cancel()
                    it.timer().newTimeout({ events += "third" }, 1, SECONDS)
                }, 1, SECONDS)
                second = timer().newTimeout({ events += "second" }, 1, SECONDS)
                sleep(3.seconds)
                events shouldContainExactly listOf("first", "third")
            }
        }

        test("what a task throws is reported, and the others run") {
            runTest {
                val reports = getRunningLoop().recordReports()
                var ran = false
                timer().newTimeout({ error("broken") }, 1, SECONDS)
                timer().newTimeout({ ran = true }, 1, SECONDS)
                sleep(2.seconds)
                reports.single().exception!!.message shouldBe "broken"
                ran shouldBe true
            }
        }

        test("other threads may set and cancel timeouts; tasks run in the loop") {
            onLoop {
                val timer = timer()
                val loop = this
                var ran: Boolean? = null
                val cancelled =
                    toThread {
                        timer.newTimeout({ ran = loop.isInLoop }, 5, MILLISECONDS)
                        timer.newTimeout({ error("it was cancelled") }, 1, HOURS).also { it.cancel() shouldBe true }
                    }
                until { ran != null }
                ran shouldBe true
                cancelled.isCancelled shouldBe true
                sleep(Duration.ZERO)
                timer.stop().shouldBeEmpty()
            }
        }

        test("stopping gives back what is pending, and afterwards there is nothing to be had") {
            runTest {
                val timer = timer()
                val pending = timer.newTimeout({ error("it was stopped") }, 1, HOURS)
                timer.newTimeout({}, 1, HOURS).cancel()
                timer.stop() shouldContainExactly setOf(pending)
                pending.isCancelled shouldBe true
                timer.stop().shouldBeEmpty()
                shouldThrow<IllegalStateException> { timer.newTimeout({}, 1, SECONDS) }.message shouldContain "shut down"
                sleep(2.hours)
            }
        }

        test("a timeout that another thread stops is cancelled in the loop") {
            onLoop {
                val timer = timer()
                val pending = timer.newTimeout({ error("it was stopped") }, 1, HOURS)
                toThread { timer.stop() }.shouldBeEmpty()
                until { pending.isCancelled }
            }
        }

        test("when the loop has closed, nothing comes of a timeout") {
            val loop = EventLoop()
            lateinit var timer: Timer
            loop.runUntilComplete { timer = timer() }
            loop.close()
            timer.newTimeout({ error("there is no loop") }, 0, SECONDS).isExpired shouldBe false
        }
    })

private fun timer(): Timer = clientResources().timer()
