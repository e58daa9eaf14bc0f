// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.loop.getRunningLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

class SleepTest :
    FunSpec({
        loopTest("it takes its time, and gives the result it was given") {
            sleep(TICK)
            sleep(TICK, "yeah") shouldBe "yeah"
            getRunningLoop().time() shouldBe TICK * 2
        }

        loopTest("of nothing or less it takes exactly one turn and no time") {
            for (delay in listOf(Duration.ZERO, -TICK, -Duration.INFINITE)) {
                turnsOf { sleep(delay) } shouldBe 1
                turnsOf { sleep(delay, "yeah") shouldBe "yeah" } shouldBe 1
            }
            getRunningLoop().time() shouldBe Duration.ZERO
        }

        loopTest("of nothing lets everything run once that is ready") {
            val events = mutableListOf<String>()
            getRunningLoop().callSoon {
                events += "first"
                getRunningLoop().callSoon { events += "third" }
            }
            getRunningLoop().callSoon { events += "second" }
            sleep(Duration.ZERO)
            events shouldContainExactly listOf("first", "second")
        }

        loopTest("of a nanosecond goes through the timers") {
            sleep(1.nanoseconds)
            getRunningLoop().time() shouldBe 1.nanoseconds
        }

        loopTest("cancelled it ends at once, and leaves no timer") {
            val sleeper = createTask { sleep(10.seconds, "yeah") }
            turns()
            getRunningLoop().toString() shouldContain "timers=1"
            sleeper.cancel()
            turns(2)
            getRunningLoop().toString() shouldContain "timers=0"
            shouldThrow<CancelledException> { sleeper.await() }
            getRunningLoop().time() shouldBe Duration.ZERO
        }

        loopTest("for ever is broken only by a cancellation") {
            val sleeper = createTask { sleep(Duration.INFINITE) }
            sleep(1000.hours)
            sleeper.done() shouldBe false
            sleeper.cancel()
            shouldThrow<CancelledException> { sleeper.await() }
        }

        loopTest("sleepers wake in the order of their deadlines, and those of one deadline in the order they fell asleep") {
            val events = mutableListOf<Int>()
            val tasks =
                listOf(3, 1, 2, 1).mapIndexed { index, ticks ->
                    createTask {
                        sleep(TICK * ticks)
                        events += index
                    }
                }
            tasks.forEach { it.await() }
            events shouldContainExactly listOf(1, 3, 2, 0)
        }
    })
