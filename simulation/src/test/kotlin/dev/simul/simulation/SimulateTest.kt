// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.timeout
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.ConnectException
import java.net.UnknownHostException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class SimulateTest :
    FunSpec({
        test("the value of the block is returned") {
            simulate(1) { 42 } shouldBe 42
        }

        test("time passes only when no host has anything to do, and is the same everywhere") {
            val seen = ArrayList<String>()
            simulate(1) {
                val start = getRunningLoop().time()
                host("a") {
                    sleep(1.hours)
                    seen += "a at $now"
                    sleep(2.hours)
                    seen += "a at $now"
                }
                val b =
                    host("b") {
                        sleep(2.hours)
                        seen += "b at $now"
                        getRunningLoop().time() shouldBe 2.hours
                    }
                b.join()
                seen += "main at ${getRunningLoop().time() - start}"
                sleep(1.5.hours)
                seen += "main at $now"
            }
            seen shouldContainExactly listOf("a at 1h", "b at 2h", "main at 2h", "a at 3h", "main at 3h 30m")
        }

        test("by asyncio's order, hosts take turns in the order in which they have something to do") {
            val seen = ArrayList<String>()
            simulate(1) {
                val hosts =
                    listOf("a", "b", "c").map { name ->
                        host(name) {
                            repeat(3) {
                                seen += "$name$it"
                                sleep(Duration.ZERO)
                            }
                        }
                    }
                hosts.forEach { it.join() }
            }
            seen shouldContainExactly listOf("a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2")
        }

        test("timers of one time run in the order in which they became due, across hosts") {
            val seen = ArrayList<String>()
            simulate(1) {
                for (name in listOf("a", "b")) {
                    host(name) {
                        sleep(1.seconds)
                        seen += "$name at $now"
                        sleep(if (name == "a") 2.seconds else 1.seconds)
                        seen += "$name at $now"
                    }
                }
                sleep(10.seconds)
            }
            seen shouldContainExactly listOf("a at 1s", "b at 1s", "b at 2s", "a at 3s")
        }

        test("the same program as in production: a server and its clients, by the names of hosts") {
            val answers =
                simulate(1) {
                    host("server") {
                        startServer("0.0.0.0", 80) { reader, writer ->
                            val line = reader.readline().decodeToString()
                            sleep(1.seconds)
                            writer.write(line.uppercase().encodeToByteArray())
                            writer.close()
                        }.serveForever()
                    }
                    val answers = ArrayList<String>()
                    val clients =
                        List(3) { number ->
                            host("client$number") {
                                sleep(10.milliseconds)
                                val (reader, writer) = openConnection("server", 80)
                                writer.write("hello from $number\n".encodeToByteArray())
                                answers += reader.readline().decodeToString()
                                writer.aclose()
                            }
                        }
                    clients.forEach { it.join() }
                    answers
                }
            answers.sorted() shouldContainExactly List(3) { "HELLO FROM $it\n" }
        }

        test("a name that no host has is unknown, and a port where nobody listens refuses") {
            simulate(1) {
                host("a") { sleep(1.seconds) }
                shouldThrow<UnknownHostException> { openConnection("b", 80) }
                shouldThrow<ConnectException> { openConnection("a", 80) }
            }
        }

        test("names of hosts are unique") {
            simulate(1) {
                host("a") {}
                shouldThrow<IllegalArgumentException> { host("A") {} }.message shouldContain "a machine named A already"
            }
        }

        test("random numbers of a loop follow from the seed") {
            fun numbers(seed: Long) = simulate(seed) { List(10) { getRunningLoop().random.nextInt(1_000) } }
            numbers(3) shouldBe numbers(3)
            (numbers(3) == numbers(4)) shouldBe false
        }

        test("timeouts go by virtual time") {
            simulate(1) {
                shouldThrow<dev.simul.exceptions.TimeoutException> { timeout(5.seconds) { sleep(1.hours) } }
                now shouldBe 5.seconds
            }
        }

        test("tasks have the same names in each run, whatever else runs in the process") {
            fun names() =
                simulate(1) {
                    val names = ArrayList<String>()
                    host("a") { names += createTask { }.name }.join()
                    names + createTask { }.name
                }
            names() shouldBe names()
        }

        test("a running loop runs no simulation") {
            runLoop {
                shouldThrow<IllegalStateException> { simulate(1) { } }.message shouldContain "cannot be called from a running event loop"
            }
        }
    })
