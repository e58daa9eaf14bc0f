// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

class PauseTest :
    FunSpec({
        test("a paused host does nothing, and then finds its timers overdue") {
            val seen = ArrayList<String>()
            simulate(1) {
                val host =
                    host("a") {
                        repeat(4) {
                            sleep(1.seconds)
                            seen += "$now"
                        }
                    }
                sleep(1.5.seconds)
                host.pause(5.seconds)
                host.join()
            }
            seen shouldContainExactly listOf("1s", "6.5s", "7.5s", "8.5s")
        }

        test("what is handed to a paused host waits") {
            val seen = ArrayList<String>()
            simulate(1) {
                val loops = ArrayList<dev.simul.loop.EventLoop>()
                val host =
                    host("a") {
                        loops += getRunningLoop()
                        sleep(1.hours)
                    }
                sleep(1.seconds)
                host.pause(10.seconds)
                loops.single().callSoonThreadsafe { seen += "handed in, run at $now" }
                sleep(20.seconds)
            }
            seen shouldContainExactly listOf("handed in, run at 11s")
        }

        test("the longest of several pauses counts, and a host may pause itself") {
            simulate(1) {
                lateinit var host: Host
                host =
                    host("a") {
                        host.pause(4.seconds)
                        host.pause(2.seconds)
                        sleep(Duration.ZERO)
                        now shouldBe 4.seconds
                    }
                host.join()
                shouldThrow<IllegalArgumentException> { host.pause((-1).seconds) }
            }
        }

        test("a simulation ends although a host is paused for ever") {
            simulate(1) {
                val host = host("a") { sleep(1.seconds) }
                sleep(0.5.seconds)
                host.pause(Duration.INFINITE)
            }
        }

        test("a clock that is ahead shows another time, and its timers are due by it") {
            simulate(1) {
                val host =
                    host("a") {
                        sleep(2.seconds)
                        getRunningLoop().time() shouldBe 12.seconds
                        now shouldBe 2.seconds
                    }
                host.clockSkew = 10.seconds
                host.join()
                host.clockSkew shouldBe 10.seconds
            }
        }

        test("a clock that jumps ahead makes timers due at once; one that is set back stands still") {
            val seen = ArrayList<String>()
            simulate(1) {
                val host =
                    host("a") {
                        createTask {
                            sleep(10.seconds)
                            seen += "ten at $now"
                        }
                        sleep(20.seconds)
                        seen += "twenty at $now, by its clock ${getRunningLoop().time()}"
                    }
                sleep(1.seconds)
                host.clockSkew = 10.seconds
                sleep(1.seconds)
                host.clockSkew = Duration.ZERO
                host.join()
            }
            seen shouldContainExactly listOf("ten at 1s", "twenty at 20s, by its clock 20s")
        }
    })
