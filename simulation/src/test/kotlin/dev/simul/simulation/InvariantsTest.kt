// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class InvariantsTest :
    FunSpec({
        test("an invariant that does not hold fails the simulation at once, with the host, the time and the turn") {
            var leaders = 0
            var isLate = false
            val violation =
                shouldThrow<InvariantViolation> {
                    simulate(seed = 1) {
                        always("one leader") { leaders <= 1 }
                        for ((name, delay) in listOf("a" to 1.seconds, "b" to 1_500.milliseconds)) {
                            host(name) {
                                sleep(delay)
                                leaders++
                                sleep(1.hours)
                                isLate = true
                            }
                        }
                        sleep(2.hours)
                    }
                }
            violation.message!! shouldMatch "the invariant 'one leader' does not hold at 1\\.5s, after turn \\d+, which was one of host b"
            violation.invariant shouldBe "one leader"
            violation.cause shouldBe null
            isLate shouldBe false
        }

        test("an invariant that throws fails it too, with that as the cause") {
            val broken = IllegalStateException("no quorum")
            var isBroken = false
            val violation =
                shouldThrow<InvariantViolation> {
                    simulate(seed = 1) {
                        always("quorum") { if (isBroken) throw broken else true }
                        sleep(1.seconds)
                        isBroken = true
                        sleep(1.seconds)
                    }
                }
            violation.message!! shouldMatch "the invariant 'quorum' threw $broken at 1s, after turn \\d+, which was one of host main"
            violation.cause shouldBeSameInstanceAs broken
        }

        test("its stack trace is that of the line that asked for it") {
            val violation =
                shouldThrow<InvariantViolation> {
                    simulate(seed = 1) {
                        always { false }
                        sleep(1.seconds)
                    }
                }
            violation.stackTrace.first().fileName shouldBe "InvariantsTest.kt"
        }

        test("it is asked after each turn of each host, until it is closed or the block ends") {
            var asked = 0
            simulate(seed = 1) {
                val invariant = always { ++asked > 0 }
                host("other") { repeat(10) { sleep(1.seconds) } }.join()
                asked shouldBeGreaterThan 10
                invariant.close()
                asked = 0
                sleep(1.seconds)
                asked shouldBe 0
                host("down at the end") { sleep(1.hours) }
                always { ++asked > 0 }
                sleep(1.seconds)
                asked = 0
            }
            asked shouldBe 1
        }

        test("what will come true is waited for, and no longer") {
            simulate(seed = 1) {
                var isElected = false
                host("a") {
                    sleep(3.seconds)
                    isElected = true
                    sleep(1.hours)
                }
                eventually(within = 5.seconds) { isElected }
                now shouldBe 3.seconds
                eventually(within = 5.seconds) { isElected }
                now shouldBe 3.seconds
            }
        }

        test("what does not come true in time fails, by name") {
            val violation =
                shouldThrow<InvariantViolation> {
                    simulate(seed = 1) {
                        sleep(1.seconds)
                        host("a") { repeat(100) { sleep(1.seconds) } }
                        eventually(within = 5.seconds, "a leader") { false }
                    }
                }
            violation.message shouldBe "'a leader' did not hold within 5s, until 6s"
            violation.stackTrace.first().fileName shouldBe "InvariantsTest.kt"
        }

        test("a condition that throws has not come true yet") {
            simulate(seed = 1) {
                host("a") { repeat(10) { sleep(1.seconds) } }
                eventually(within = 5.seconds) { if (now < 2.seconds) error("not yet") else true }
                now shouldBe 2.seconds
            }
        }

        test("the last exception of a condition is the cause of its failure") {
            simulate(seed = 1) {
                val violation = shouldThrow<InvariantViolation> { eventually(within = 5.seconds, "quorum") { error("two of five") } }
                violation.message shouldBe "'quorum' threw java.lang.IllegalStateException: two of five within 5s, until 5s"
                violation.cause!!.message shouldBe "two of five"
            }
        }

        test("cancelling the wait ends it, and the condition is not asked again") {
            simulate(seed = 1) {
                var asked = 0
                val waiting =
                    getRunningLoop().createTask {
                        eventually(within = 1.hours) {
                            asked++
                            false
                        }
                    }
                sleep(1.seconds)
                waiting.cancel()
                shouldThrow<CancelledException> { waiting.await() }
                asked shouldBeGreaterThan 1
                asked = 0
                sleep(1.seconds)
                asked shouldBe 0
            }
        }

        test("a host that crashes while it waits does no harm") {
            simulate(seed = 1) {
                var isTrue = false
                val host = host("a") { eventually(within = 1.hours) { isTrue } }
                sleep(1.seconds)
                host.crash()
                isTrue = true
                sleep(1.seconds)
                host.restart()
                host.join()
                now shouldBe 2.seconds
            }
        }
    })
