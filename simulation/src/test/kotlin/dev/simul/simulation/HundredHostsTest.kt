// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

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
        repeat(hosts) { number ->
            server("host$number") { reader, writer ->
                repeat(rounds) {
                    val line = reader.readline()
                    messages++
                    writer.write(line)
                }
            }
        }
        dev.simul.sleep(1.milliseconds)
        val clients =
            List(hosts) { number ->
                host("client$number") {
                    connected("host$number") { reader, writer ->
                        repeat(rounds) {
                            writer.say("a message\n")
                            reader.line() shouldBe "a message"
                            messages++
                        }
                    }
                }
            }
        clients.forEach { it.join() }
        messages
    }
