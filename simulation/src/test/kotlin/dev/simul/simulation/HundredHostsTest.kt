// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.sleep
import dev.simul.streams.startServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.lang.management.ManagementFactory
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

/** What a simulation costs: 100 hosts, each a server of its predecessor and a client of its successor. */
class HundredHostsTest :
    FunSpec({
        test("a second of 100 hosts that exchange 100,000 messages takes seconds of processor time at most") {
            val threads = ManagementFactory.getThreadMXBean()
            val before = threads.currentThreadCpuTime
            exchange(hosts = 100, rounds = 500) shouldBe 100_000
            val taken = (threads.currentThreadCpuTime - before).nanoseconds
            println("100,000 messages between 100 hosts: $taken of processor time")
            taken shouldBeLessThan 30.seconds // Without the optimizing compiler, and on a machine that does other things too.
        }
    })

/** Returns how many messages arrived. */
private fun exchange(
    hosts: Int,
    rounds: Int,
): Int =
    simulate(1) {
        var messages = 0
        network.conditions.latency = Latency(1.milliseconds)
        val all =
            List(hosts) { number ->
                host("host$number") {
                    val server =
                        startServer("host$number", 80) { reader, writer ->
                            repeat(rounds) {
                                writer.write(reader.readline())
                                messages++
                            }
                            writer.close()
                        }
                    sleep(1.milliseconds)
                    connected("host${(number + 1) % hosts}") { reader, writer ->
                        repeat(rounds) {
                            writer.say("a message\n")
                            reader.line() shouldBe "a message"
                            messages++
                        }
                    }
                    sleep(10.milliseconds) // The other clients' last messages.
                    server.aclose()
                }
            }
        all.forEach { it.join() }
        messages
    }
