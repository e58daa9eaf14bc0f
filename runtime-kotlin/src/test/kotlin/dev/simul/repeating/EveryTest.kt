// SPDX-License-Identifier: Apache-2.0
package dev.simul.repeating

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.timeout
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

/** When the runs begin; each takes as long as [lasting] says, the last of which ends the loop. */
private suspend fun beginnings(
    lasting: List<Duration>,
    initialDelay: Duration = Duration.ZERO,
    missedTicks: MissedTicks = MissedTicks.SKIP,
): List<Duration> {
    val begin = getRunningLoop().time()
    val beginnings = mutableListOf<Duration>()
    every(1.seconds, initialDelay, missedTicks) {
        beginnings += getRunningLoop().time() - begin
        if (beginnings.size > lasting.size) return beginnings
        val duration = lasting[beginnings.size - 1]
        if (duration > Duration.ZERO) sleep(duration)
    }
}

private val NOTHING = Duration.ZERO

class EveryTest :
    FunSpec({
        loopTest("the first run is at once, without giving up the turn, and then one each period") {
            val other = createTask { }
            var first = true
            val times = mutableListOf<Duration>()
            timeoutExpires(3500.milliseconds) {
                every(1.seconds) {
                    if (first) other.done() shouldBe false
                    first = false
                    times += getRunningLoop().time()
                }
            }
            times.shouldContainExactly(0.seconds, 1.seconds, 2.seconds, 3.seconds)
        }

        test("the first run may come after a delay, a period say") {
            runTest { beginnings(listOf(NOTHING), initialDelay = 1.seconds).shouldContainExactly(1.seconds, 2.seconds) }
            runTest { beginnings(listOf(NOTHING), initialDelay = 0.25.seconds).shouldContainExactly(0.25.seconds, 1.25.seconds) }
            runTest { beginnings(listOf(NOTHING), initialDelay = (-9).seconds).shouldContainExactly(0.seconds, 1.seconds) }
        }

        loopTest("runs that take less than a period, or just one, do not move the ticks") {
            beginnings(listOf(0.3.seconds, 0.9.seconds, 1.seconds, NOTHING, 999_999_999.nanoseconds))
                .shouldContainExactly(0.seconds, 1.seconds, 2.seconds, 3.seconds, 4.seconds, 5.seconds)
        }

        context("a run that takes longer than a period") {
            val long = listOf(2.4.seconds, NOTHING, NOTHING, NOTHING)

            test("by default has the ticks it missed skipped") {
                runTest { beginnings(long).shouldContainExactly(0.seconds, 3.seconds, 4.seconds, 5.seconds, 6.seconds) }
            }

            loopTest("has them made up for at once") {
                beginnings(long, missedTicks = MissedTicks.BURST)
                    .shouldContainExactly(0.seconds, 2.4.seconds, 2.4.seconds, 3.seconds, 4.seconds)
            }

            loopTest("has the next one come at once, and the ticks count from there") {
                beginnings(long, missedTicks = MissedTicks.DELAY)
                    .shouldContainExactly(0.seconds, 2.4.seconds, 3.4.seconds, 4.4.seconds, 5.4.seconds)
            }

            test("and ends with a tick does not miss that one") {
                for (missed in MissedTicks.entries) {
                    val second = if (missed == MissedTicks.BURST) 2.seconds else 3.seconds
                    runTest {
                        beginnings(
                            listOf(2.seconds, NOTHING),
                            missedTicks = missed,
                        ).shouldContainExactly(0.seconds, 2.seconds, second)
                    }
                }
            }

            test("lets others have their turns, although each one is too long") {
                for (missed in MissedTicks.entries) {
                    runTest {
                        val events = mutableListOf<String>()
                        var runs = 0
                        val task =
                            createTask<Unit> {
                                every(1.seconds, missedTicks = missed) {
                                    events += "run"
                                    getRunningLoop().callSoon { events += "other" }
                                    if (++runs == 3) throw IOException()
                                    sleep(9.seconds)
                                }
                            }
                        shouldThrow<IOException> { task.await() }
                        events.take(5).shouldContainExactly("run", "other", "run", "other", "run")
                    }
                }
            }
        }

        loopTest("a failure of the body ends it") {
            val failure = IOException()
            var runs = 0
            shouldThrow<IOException> { every(1.seconds) { if (++runs == 3) throw failure } } shouldBeSameInstanceAs failure
            getRunningLoop().time() shouldBe 2.seconds
        }

        test("cancelling the task ends it at once, in a run and between two") {
            for (lasting in listOf(Duration.ZERO, 9.seconds)) {
                runTest {
                    val task = createTask { every(2.seconds) { if (lasting > Duration.ZERO) sleep(lasting) } }
                    sleep(3.seconds)
                    task.cancel()
                    shouldThrow<CancelledException> { task.await() }
                    getRunningLoop().time() shouldBe 3.seconds
                }
            }
        }

        loopTest("a cancellation reaches a body that never waits") {
            var runs = 0
            val task = createTask<Unit> { every(1.nanoseconds) { runs++ } }
            sleep(3.nanoseconds)
            task.cancel()
            shouldThrow<CancelledException> { task.await() }
            runs shouldBe 3
        }

        loopTest("a period must be positive") {
            shouldThrow<IllegalArgumentException> { every(Duration.ZERO) { } }.message shouldContain "0s"
            shouldThrow<IllegalArgumentException> { every((-1).seconds) { } }
        }

        loopTest("a period without an end runs once") {
            var runs = 0
            timeoutExpires(9.seconds) { every(Duration.INFINITE) { runs++ } }
            runs shouldBe 1
        }
    })

private suspend fun timeoutExpires(
    delay: Duration,
    block: suspend () -> Unit,
) {
    shouldThrow<TimeoutException> { timeout(delay) { block() } }
}
