// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createTask
import dev.simul.exceptions.SystemExit
import dev.simul.loop.FatalError
import dev.simul.loop.addCloseCallback
import dev.simul.loop.getRunningLoop
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Programs that do what a simulation does not expect: other loops, other threads, failures where nobody looks. */
class StrayCodeTest :
    FunSpec({
        test("a task can begin neither another simulation nor another loop") {
            simulate(1) {
                shouldThrow<IllegalStateException> { simulate(2) {} }.message shouldBe
                    "simulate cannot be called from a running event loop: call it in a plain test or program"
                shouldThrow<IllegalStateException> { explore(seeds = 1) {} }.message shouldContain "explore cannot be called from a running"
                shouldThrow<IllegalStateException> { runLoop {} }
                sleep(1.seconds)
                now shouldBe 1.seconds
            }
        }

        test("a thread's work may run a simulation or a loop of its own, and this one goes on after it") {
            simulate(1) {
                host("a") { sleep(1.hours) }
                toThread {
                    simulate(2) {
                        sleep(1.hours)
                        now
                    }
                } shouldBe 1.hours
                toThread { runLoop { sleep(1.milliseconds, "done") } } shouldBe "done"
                now shouldBe 0.seconds
                sleep(1.seconds)
                now shouldBe 1.seconds
            }
        }

        test("what runs in real time and blocks takes no virtual time, nor does kotlinx's clock in it") {
            simulate(1) {
                createTask { sleep(1.hours) }
                runBlocking { delay(10) }
                toThread { runBlocking(Dispatchers.Default) { delay(10) } }
                now shouldBe 0.seconds
            }
        }

        test("a host's loop that fails while it closes after a crash keeps nobody from going on, and it can be started again") {
            val seen = ArrayList<String>()
            simulate(1) {
                val host =
                    host("a") {
                        seen += "begins at $now"
                        getRunningLoop().addCloseCallback { error("not closed") }
                        sleep(1.hours)
                    }
                sleep(1.seconds)
                host.crash()
                sleep(1.seconds)
                host.restart()
                sleep(1.seconds)
                host.crash()
            }
            seen shouldContainExactly listOf("begins at 0s", "begins at 2s")
        }

        test("a fatal error while a crashed loop closes is what the simulation fails with, and the other hosts end") {
            val seen = ArrayList<String>()
            val failure =
                shouldThrow<FatalError> {
                    simulate(1) {
                        val host =
                            host("a") {
                                getRunningLoop().addCloseCallback { throw object : FatalError("no way to close") {} }
                                sleep(1.hours)
                            }
                        host("b") {
                            try {
                                sleep(1.hours)
                            } finally {
                                seen += "b ends"
                            }
                        }
                        sleep(1.seconds)
                        host.crash()
                        sleep(1.hours)
                    }
                }
            failure.message shouldBe "no way to close"
            seen shouldContainExactly listOf("b ends")
        }

        test("a fatal error in a host's task is what the simulation fails with, and the other hosts end") {
            val seen = ArrayList<String>()
            val failure =
                shouldThrow<SystemExit> {
                    simulate(1) {
                        host("a") {
                            createTask {
                                sleep(1.seconds)
                                throw SystemExit(3)
                            }
                            sleep(1.hours)
                        }
                        host("b") {
                            try {
                                sleep(1.hours)
                            } finally {
                                seen += "b ends at $now"
                            }
                        }
                        sleep(2.hours)
                    }
                }
            failure.code shouldBe 3
            seen shouldContainExactly listOf("b ends at 1s")
        }

        test("a condition may crash a host, and one that hosts share may be asked by all of them") {
            simulate(1) {
                val host = host("a") { sleep(1.hours) }
                always("a") {
                    if (now >= 5.seconds) host.crash()
                    true
                }
                sleep(10.seconds)
                host.isRunning shouldBe false
            }
        }

        test("other threads may not add hosts") {
            simulate(1) {
                val simulation = this
                withContext(Dispatchers.Default) {
                    shouldThrow<IllegalStateException> { simulation.host("a") {} }.message shouldContain "only code of the simulation"
                }
            }
        }

        test("a connection to a host that runs no server is refused, and one to the machine's own network is unknown") {
            simulate(1) {
                shouldThrow<java.io.IOException> { openConnection("main", 80) }
                shouldThrow<java.io.IOException> { openConnection("127.0.0.1", 80) }
                shouldThrow<java.io.IOException> { openConnection("example.com", 80) }
            }
        }
    })
