// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.sleep
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeSorted
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeBetween
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Sends 200 numbers, a millisecond apart; returns those that arrive, in their order. */
private fun numbersThatArrive(change: NetworkConditions.() -> Unit): List<Int> {
    val received = mutableListOf<Int>()
    simulate(7) {
        network.conditions.change()
        receiver { received += it.toInt() }
        sleep(1.seconds)
        sender { transport ->
            for (number in 0 until 200) {
                transport.sendto("$number".encodeToByteArray())
                sleep(1.milliseconds)
            }
        }
        sleep(10.seconds)
    }
    return received
}

/** Datagrams between two hosts. */
class DatagramsTest :
    FunSpec({
        test("arrive once, in order, whatever their latencies are") {
            numbersThatArrive { latency = Latency(1.milliseconds, 50.milliseconds) } shouldContainExactly (0 until 200).toList()
        }

        test("are lost") {
            val received = numbersThatArrive { datagramLoss = 0.25 }
            received.size.shouldBeBetween(120, 180)
            received.shouldBeSorted()
            received.toSet().size shouldBe received.size
        }

        test("come twice") {
            val received = numbersThatArrive { datagramDuplication = 0.25 }
            received.size.shouldBeBetween(220, 280)
            received.shouldBeSorted()
            received.toSet().size shouldBe 200
        }

        test("overtake each other") {
            val received = numbersThatArrive { datagramReordering = 0.25 }
            received.size shouldBe 200
            received.sorted() shouldContainExactly (0 until 200).toList()
            received.zipWithNext().count { (one, next) -> next < one }.shouldBeBetween(10, 100)
        }

        test("take the time that the bandwidth gives them") {
            simulate(1) {
                network.conditions.latency = Latency(1.milliseconds)
                network.conditions.bandwidth = 1_000
                val times = mutableListOf<Long>()
                receiver { times += now.inWholeMilliseconds }
                sleep(1.seconds)
                sender { transport ->
                    repeat(3) { transport.sendto(ByteArray(100)) }
                    sleep(1.seconds)
                }
                times shouldContainExactly listOf(1_101L, 1_201L, 1_301L)
            }
        }

        test("are lost under a partition, and for a host that crashed") {
            val received = mutableListOf<String>()
            simulate(1) {
                val host = receiver { received += it }
                sleep(1.seconds)
                sender { transport ->
                    suspend fun send(text: String) {
                        transport.sendto(text.encodeToByteArray())
                        sleep(1.seconds)
                    }
                    send("one")
                    network.partition("main", "receiver")
                    send("lost")
                    network.heal()
                    send("two")
                    host.crash()
                    send("lost, too")
                    host.restart()
                    sleep(1.seconds)
                    send("three")
                }
            }
            received shouldContainExactly listOf("one", "two", "three")
        }
    })
