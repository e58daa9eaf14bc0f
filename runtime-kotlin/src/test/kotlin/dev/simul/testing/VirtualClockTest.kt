// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.OutsideWork
import dev.simul.createTask
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime
import dev.simul.run as runLoop

class VirtualClockTest :
    FunSpec({
        test("what another thread has handed in just before the loop polls comes before the next timer, and is no deadlock") {
            val clock = VirtualClock()
            clock.newLoop().use {
                clock.wakeup()
                clock.poll(7)
                clock.now shouldBe Duration.ZERO
                clock.poll(7)
                clock.now shouldBe 7.nanoseconds
                clock.wakeup()
                clock.poll(-1)
                shouldThrow<Deadlock> { clock.poll(-1) }
            }
        }

        test("work of other threads has all of its time, however often the loop was woken before") {
            val clock = VirtualClock(autojumpThreshold = 50.milliseconds)
            clock.newLoop().use { loop ->
                OutsideWork[loop].begin()
                clock.wakeup()
                clock.poll(7)
                clock.now shouldBe Duration.ZERO
                measureTime { clock.poll(7) } shouldBeGreaterThanOrEqualTo 50.milliseconds
                clock.now shouldBe 7.nanoseconds
                OutsideWork[loop].end()
            }
        }

        test("code that blocks takes its time, and timers that are due meanwhile run late") {
            val clock = VirtualClock()
            clock.advance(1.seconds)
            val log = mutableListOf<String>()
            runLoop(loopFactory = clock::newLoop) {
                val sleeper =
                    createTask {
                        sleep(2.seconds)
                        log += "woken at ${clock.now}"
                    }
                sleep(Duration.ZERO)
                clock.advance(5.seconds)
                log += "blocked until ${clock.now}"
                sleeper.await()
            }
            log shouldBe listOf("blocked until 6s", "woken at 6s")
        }

        test("time does not advance backwards, nor for ever") {
            for (wrong in listOf(-1.seconds, Duration.INFINITE)) {
                shouldThrow<IllegalArgumentException> { VirtualClock().advance(wrong) }.message shouldContain "$wrong"
            }
        }
    })
