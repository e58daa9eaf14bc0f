// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.net.sockAccept
import dev.simul.sleep
import dev.simul.streams.startServer
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.comparables.shouldBeLessThanOrEqualTo
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.net.ConnectException
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily.INET
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

private inline fun Simulation.took(block: () -> Unit): Duration {
    val begun = now
    block()
    return now - begun
}

/** What the conditions do to connections, between real streams of two hosts. */
class ConnectionsTest :
    FunSpec({
        context("latency") {
            test("each segment takes its time, in both directions") {
                simulate(1) {
                    network.conditions.latency = Latency(10.milliseconds)
                    server(serve = ::echo)
                    sleep(1.seconds)
                    took {
                        connected { reader, writer ->
                            now shouldBe 1.seconds + 20.milliseconds
                            writer.say("hello\n")
                            reader.line() shouldBe "hello"
                            now shouldBe 1.seconds + 40.milliseconds
                        }
                    } shouldBe 40.milliseconds
                }
            }

            test("is drawn from a range, each time anew, and does not change the order") {
                val times = mutableListOf<Duration>()
                simulate(1) {
                    network.conditions.latency = Latency(10.milliseconds, 30.milliseconds)
                    server(serve = ::echo)
                    sleep(1.seconds)
                    connected { reader, writer ->
                        repeat(50) { number ->
                            times +=
                                took {
                                    writer.say("$number\n")
                                    writer.say("and\n")
                                    reader.line() shouldBe "$number"
                                    reader.line() shouldBe "and"
                                }
                        }
                    }
                }
                times.forEach {
                    it shouldBeGreaterThanOrEqualTo 20.milliseconds
                    it shouldBeLessThanOrEqualTo 60.milliseconds
                }
                // Twice a number of whole milliseconds: there are 41 sums.
                times.toSet().size shouldBeGreaterThan 15
            }

            test("differs between pairs of hosts") {
                simulate(1) {
                    network.conditions.latency = Latency(1.milliseconds)
                    server("near", ::echo)
                    server("far", ::echo)
                    network.between("main", "far").latency = Latency(100.milliseconds)
                    sleep(1.seconds)
                    took { connected("near") { _, _ -> } } shouldBe 2.milliseconds
                    took { connected("far") { _, _ -> } } shouldBe 200.milliseconds
                    network.conditions.latency = Latency(3.milliseconds)
                    took { connected("near") { _, _ -> } } shouldBe 6.milliseconds
                    took { connected("far") { _, _ -> } } shouldBe 200.milliseconds
                }
            }
        }

        test("the bandwidth between two hosts is that of all their connections together") {
            simulate(1) {
                network.conditions.latency = Latency(10.milliseconds)
                network.conditions.bandwidth = 20_000
                val arrived = mutableListOf<Duration>()
                server { reader, _ ->
                    reader.readexactly(20_000)
                    arrived += now
                }
                sleep(1.seconds)
                connected { first, writer ->
                    connected { second, other ->
                        val begun = now
                        for (each in listOf(writer, other)) each.write(ByteArray(20_000))
                        first.read()
                        second.read()
                        arrived.map { it - begun } shouldContainExactly listOf(1.seconds + 10.milliseconds, 2.seconds + 10.milliseconds)
                    }
                }
            }
        }

        test("bytes are split at random, on writing and on their way, and arrive in order") {
            fun partsBySplits(splits: Double): List<Int> {
                val parts = mutableListOf<Int>()
                simulate(5) {
                    network.conditions.latency = Latency(1.milliseconds)
                    network.conditions.splits = splits
                    val sent = ByteArray(5_000) { it.toByte() }
                    server { reader, _ ->
                        var received = ByteArray(0)
                        while (received.size < sent.size) {
                            val part = reader.read(100_000)
                            parts += part.size
                            received += part
                        }
                        received.contentEquals(sent) shouldBe true
                    }
                    sleep(1.seconds)
                    connected { reader, writer ->
                        sleep(1.seconds)
                        writer.write(sent)
                        reader.read()
                    }
                }
                return parts
            }
            partsBySplits(0.0) shouldContainExactly listOf(5_000)
            partsBySplits(0.9).size shouldBeGreaterThan 5
        }

        test("a segment that is lost is sent again, and holds up those that follow") {
            simulate(3) {
                network.conditions.latency = Latency(1.milliseconds)
                server(serve = ::echo)
                sleep(1.seconds)
                connected { reader, writer ->
                    network.conditions.segmentLoss = 0.3
                    took {
                        repeat(100) {
                            writer.say("$it\n")
                            sleep(1.milliseconds)
                        }
                        repeat(100) { reader.line() shouldBe "$it" }
                    } shouldBeGreaterThan 300.milliseconds
                    network.conditions.segmentLoss = 0.0
                }
            }
        }

        test("a segment may be lost each time that it is sent, and a connection that loses all of them times out") {
            simulate(3) {
                network.conditions.latency = Latency(1.milliseconds)
                server(serve = ::echo)
                sleep(1.seconds)
                connected { reader, writer ->
                    network.conditions.segmentLoss = 0.5
                    List(100) {
                        took {
                            writer.say("$it\n")
                            reader.line() shouldBe "$it"
                        }
                    }.max() shouldBeGreaterThan 1.4.seconds
                    network.conditions.segmentLoss = 0.0
                    sleep(10.seconds)
                    network.conditions.segmentLoss = 1.0
                    took {
                        writer.say("lost\n")
                        shouldThrow<IOException> { reader.readline() }.message shouldBe "Connection timed out"
                    } shouldBe network.conditions.retransmissionTimeout
                }
                took { shouldThrow<ConnectException> { connected { _, _ -> } } } shouldBe network.conditions.connectTimeout
            }
        }

        test("acknowledgements that were lost do not hold up what is sent after them") {
            simulate(1) {
                network.conditions.latency = Latency(2.milliseconds)
                server { reader, writer ->
                    reader.line()
                    sleep(1.seconds)
                    writer.say("question\n")
                    echo(reader, writer)
                }
                sleep(1.seconds)
                connected { reader, writer ->
                    writer.say("ready\n")
                    sleep(1.seconds + 3.milliseconds)
                    network.conditions.segmentLoss = 1.0
                    reader.line() shouldBe "question"
                    sleep(100.milliseconds)
                    network.conditions.segmentLoss = 0.0
                    took {
                        writer.say("answer\n")
                        reader.line() shouldBe "answer"
                    } shouldBe 4.milliseconds
                }
            }
        }

        test("attempts to connect are refused, though a server listens") {
            simulate(1) {
                server(serve = ::echo)
                sleep(1.seconds)
                network.conditions.refusals = 1.0
                shouldThrow<ConnectException> { connected { _, _ -> } }.message!!.contains("Connection refused") shouldBe true
                network.conditions.refusals = 0.0
                connected { _, _ -> }
            }
        }

        test("a reset by the network reaches both ends") {
            val failures = mutableListOf<String?>()
            simulate(1) {
                server { reader, _ ->
                    reader.line() shouldBe "before"
                    failures += shouldThrow<IOException> { reader.readline() }.message
                }
                sleep(1.seconds)
                connected { reader, writer ->
                    writer.say("before\n")
                    sleep(1.seconds)
                    network.conditions.resets = 1.0
                    writer.say("after\n")
                    failures += shouldThrow<IOException> { reader.readline() }.message
                    network.conditions.resets = 0.0
                    sleep(1.seconds)
                }
            }
            failures shouldContainExactly listOf("Connection reset", "Connection reset")
        }

        test("in a half-open connection the side that sends finds out by a timeout, and the other one not at all") {
            simulate(1) {
                var isHeard = false
                server { reader, writer ->
                    writer.say("welcome\n")
                    reader.read()
                    isHeard = true
                }
                sleep(1.seconds)
                connected { reader, writer ->
                    reader.line() shouldBe "welcome"
                    sleep(1.seconds)
                    network.conditions.halfOpen = 1.0
                    val took =
                        took {
                            writer.say("hello\n")
                            shouldThrow<IOException> { reader.readline() }.message shouldBe "Connection timed out"
                        }
                    network.conditions.halfOpen = 0.0
                    took shouldBe network.conditions.retransmissionTimeout
                    sleep(1.seconds * 10_000)
                    isHeard shouldBe false
                }
            }
        }

        test("a server accepts slowly: its clients are connected long before") {
            simulate(1) {
                network.conditions.latency = Latency(1.milliseconds)
                network.conditions.acceptDelay = Latency(5.seconds)
                server(serve = ::echo)
                sleep(1.seconds)
                connected { reader, writer ->
                    now shouldBe 1.seconds + 2.milliseconds
                    writer.say("hello\n")
                    reader.line() shouldBe "hello"
                    now shouldBe 6.seconds + 4.milliseconds
                }
            }
        }

        test("a server that accepts nobody times its clients out when its backlog is full") {
            simulate(1) {
                host("server") {
                    val loop = getRunningLoop()
                    loop.selectorProvider.openServerSocketChannel(INET).use { listener ->
                        listener.configureBlocking(false)
                        listener.bind(InetSocketAddress(80), 1)
                        sleep(200.seconds)
                        repeat(2) { loop.sockAccept(listener).close() }
                    }
                }
                sleep(1.seconds)
                connected { _, _ ->
                    took {
                        shouldThrow<ConnectException> { connected { _, _ -> } }.message!!.contains("Connection timed out") shouldBe true
                    } shouldBe 127.seconds
                    val third = createTask { took { connected { reader, _ -> reader.read() } } }
                    third.await() shouldBeLessThan 127.seconds
                }
            }
        }

        test("a host that crashed does not answer, and resets the connection when it has started again") {
            simulate(1) {
                network.conditions.latency = Latency(1.milliseconds)
                val server = server(serve = ::echo)
                sleep(1.seconds)
                connected { reader, writer ->
                    writer.say("hello\n")
                    reader.line() shouldBe "hello"
                    server.crash()
                    writer.say("anybody?\n")
                    sleep(10.seconds)
                    server.restart()
                    shouldThrow<IOException> { reader.readline() }.message shouldBe "Connection reset"
                    now shouldBeLessThan 25.seconds
                }
                server.crash()
                took { shouldThrow<ConnectException> { connected { _, _ -> } } } shouldBe 127.seconds
            }
        }

        test("a host that ends in order closes its connections, and then refuses") {
            simulate(1) {
                host("server") {
                    startServer("server", 80) { _, writer -> writer.close() }.also { sleep(10.seconds) }.close()
                }
                sleep(1.seconds)
                connected { reader, _ -> reader.read().size shouldBe 0 }
                sleep(20.seconds)
                shouldThrow<ConnectException> { connected { _, _ -> } }.message!!.contains("Connection refused") shouldBe true
            }
        }
    })
