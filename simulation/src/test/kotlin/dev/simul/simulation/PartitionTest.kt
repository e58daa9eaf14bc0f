// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.streams.StreamWriter
import dev.simul.testing.Deadlock
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.net.ConnectException
import java.net.StandardSocketOptions.SO_LINGER
import java.nio.channels.SocketChannel
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** Partitions between hosts, and their healing. */
class PartitionTest :
    FunSpec({
        test("segments wait for the end of a partition, and arrive in order when their sender tries next") {
            simulate(1) {
                network.conditions.latency = Latency(1.milliseconds)
                server(serve = ::echo)
                sleep(1.seconds)
                connected { reader, writer ->
                    network.partition("main", "server")
                    val begun = now
                    for (line in listOf("one\n", "two\n")) writer.say(line)
                    sleep(10.seconds)
                    network.heal()
                    writer.say("three\n")
                    List(3) { reader.line() } shouldContainExactly listOf("one", "two", "three")
                    // Sent again after 0.2 s, and twice as long each time: at 0.2, 0.6, 1.4, 3, 6.2 and 12.6 seconds, and latencies.
                    now - begun shouldBeGreaterThan 12.6.seconds
                    now - begun shouldBeLessThan 12.7.seconds
                }
            }
        }

        test("a sender gives up after its timeout, and the other side is reset when it sends") {
            val failures = mutableListOf<String?>()
            simulate(1) {
                server { reader, writer ->
                    reader.line() shouldBe "before"
                    sleep(20.minutes)
                    writer.say("still there?\n")
                    failures += shouldThrow<IOException> { reader.readline() }.message
                }
                sleep(1.seconds)
                connected { reader, writer ->
                    writer.say("before\n")
                    sleep(1.seconds)
                    network.partition("server", "main")
                    val begun = now
                    writer.say("lost\n")
                    failures += shouldThrow<IOException> { reader.readline() }.message
                    now - begun shouldBe network.conditions.retransmissionTimeout
                    network.heal("main", "server")
                    sleep(20.minutes)
                }
            }
            failures shouldContainExactly listOf("Connection timed out", "Connection reset")
        }

        test("an end that is gone resets the connection when the other side only ends its stream") {
            fun failure(leave: suspend (StreamWriter) -> Unit): String? {
                var failure: String? = null
                simulate(1) {
                    server { reader, writer ->
                        reader.line() shouldBe "before"
                        sleep(30.minutes)
                        writer.writeEof()
                        failure = shouldThrow<IOException> { reader.read() }.message
                    }
                    sleep(1.seconds)
                    connected { _, writer ->
                        writer.say("before\n")
                        sleep(1.seconds)
                        network.partition("server", "main")
                        leave(writer)
                        sleep(20.minutes)
                        network.heal()
                        sleep(20.minutes)
                    }
                }
                return failure
            }
            failure {
                (it.getExtraInfo("socket") as SocketChannel).setOption(SO_LINGER, 0)
                it.close()
            } shouldBe "Connection reset"
            failure { it.say("lost\n") } shouldBe "Connection reset"
            failure { it.close() } shouldBe "Connection reset"
        }

        test("a reset that is lost on its way is asked for again, by the end of the stream that it answers") {
            fun failure(heals: Boolean): String {
                var result = ""
                simulate(1) {
                    network.conditions.latency = Latency(10.milliseconds)
                    val server = server(serve = ::echo)
                    sleep(1.seconds)
                    connected { reader, writer ->
                        sleep(1.seconds)
                        server.restart()
                        sleep(1.seconds)
                        writer.writeEof()
                        sleep(15.milliseconds)
                        network.partition("main", "server")
                        sleep(1.seconds)
                        if (heals) network.heal()
                        result = shouldThrow<IOException> { reader.read() }.message!!
                    }
                }
                return result
            }
            failure(heals = true) shouldBe "Connection reset"
            failure(heals = false) shouldBe "Connection timed out"
        }

        test("a connection that nobody uses outlives any partition") {
            simulate(1) {
                server(serve = ::echo)
                sleep(1.seconds)
                connected { reader, writer ->
                    network.partition("main", "server")
                    sleep(100.minutes)
                    network.heal()
                    writer.say("hello\n")
                    reader.line() shouldBe "hello"
                }
            }
        }

        test("to connect waits for the end of a partition, or times out") {
            simulate(1) {
                network.conditions.latency = Latency(1.milliseconds)
                server(serve = ::echo)
                sleep(1.seconds)
                network.partition("main", "server")
                val begun = now
                shouldThrow<ConnectException> { connected { _, _ -> } }.message!!.contains("Connection timed out") shouldBe true
                now - begun shouldBe 127.seconds

                val again = now
                val client = createTask { connected { _, _ -> now - again } }
                sleep(5.seconds)
                network.heal()
                // SYN is sent again after 1, 3 and 7 seconds.
                client.await() shouldBeGreaterThan 7.seconds
                client.result() shouldBeLessThan 7.1.seconds
            }
        }

        test("is between groups, within which everything passes, and heals pair by pair") {
            simulate(1) {
                for (name in listOf("a", "b", "c")) server(name, ::echo)
                network.conditions.connectTimeout = 1.seconds

                suspend fun reaches(name: String): Boolean =
                    try {
                        connected(name) { _, _ -> true }
                    } catch (_: ConnectException) {
                        false
                    }
                sleep(1.seconds)
                network.partition(listOf("main", "a"), listOf("b", "c"))
                listOf("a", "b", "c").map { reaches(it) } shouldContainExactly listOf(true, false, false)
                network.heal("main", "b")
                listOf("a", "b", "c").map { reaches(it) } shouldContainExactly listOf(true, true, false)
                network.heal()
                listOf("a", "b", "c").map { reaches(it) } shouldContainExactly listOf(true, true, true)
            }
        }

        test("a cut lets one direction pass: what arrives is not acknowledged, and its sender gives up") {
            simulate(1) {
                var heard = ""
                server { reader, _ ->
                    heard = reader.line()
                    reader.read()
                }
                sleep(1.seconds)
                connected { reader, writer ->
                    network.cut("server", "main")
                    val begun = now
                    writer.say("hello\n")
                    sleep(1.seconds)
                    heard shouldBe "hello"
                    shouldThrow<IOException> { reader.read() }.message shouldBe "Connection timed out"
                    (now - begun - network.conditions.retransmissionTimeout).absoluteValue shouldBeLessThan 10.milliseconds
                }
                network.heal()
            }
        }

        test("a sender that waits for room gives up, too, when nobody can tell it that there is some") {
            fun transfer(healsAfter: Duration): String {
                var result = ""
                simulate(1) {
                    val size = 300_000
                    server { reader, _ ->
                        sleep(10.seconds)
                        network.partition("main", "server")
                        createTask {
                            sleep(healsAfter)
                            network.heal()
                        }
                        runCatching { reader.readexactly(size) }
                    }
                    sleep(1.seconds)
                    connected { reader, writer ->
                        writer.write(ByteArray(size))
                        result = runCatching { reader.read() }.fold({ "read" }, { it.message!! })
                    }
                }
                return result
            }
            transfer(healsAfter = 5.minutes) shouldBe "read"
            transfer(healsAfter = 60.minutes) shouldBe "Connection timed out"
        }

        test("a sender that waits for room learns that the other host has crashed, or started again") {
            fun failure(isRestarted: Boolean): String {
                var result = ""
                simulate(1) {
                    val server = server { _, _ -> sleep(100.minutes) }
                    sleep(1.seconds)
                    connected { reader, writer ->
                        writer.write(ByteArray(1_000_000))
                        sleep(10.seconds)
                        if (isRestarted) server.restart() else server.crash()
                        result = shouldThrow<IOException> { reader.read() }.message!!
                    }
                }
                return result
            }
            failure(isRestarted = true) shouldBe "Connection reset"
            failure(isRestarted = false) shouldBe "Connection timed out"
        }

        test("a deadlock is found, though a sender goes on asking for room") {
            shouldThrow<Deadlock> {
                simulate(1) {
                    server { _, _ -> getRunningLoop().createFuture<Unit>().await() }
                    sleep(1.seconds)
                    connected { _, writer ->
                        writer.write(ByteArray(1_000_000))
                        writer.drain()
                    }
                }
            }
        }

        test("a host that crashes sends nothing again") {
            simulate(1) {
                var heard: String? = null
                server { reader, _ -> heard = reader.line() }
                sleep(1.seconds)
                val client =
                    host("client") {
                        connected { reader, writer ->
                            sleep(1.seconds)
                            writer.say("lost\n")
                            reader.read()
                        }
                    }
                sleep(500.milliseconds)
                network.partition("client", "server")
                sleep(600.milliseconds)
                client.crash()
                network.heal()
                sleep(100.minutes)
                heard shouldBe null
            }
        }

        test("names of hosts ignore case, wherever a host is named") {
            simulate(1) {
                server("Server", ::echo)
                sleep(1.seconds)
                network.between("MAIN", "server").latency = Latency(1.minutes)
                network.between("main", "SERVER").latency shouldBe network.between("Server", "main").latency
                network.between("main", "server").latency = Latency(1.milliseconds)
                network.conditions.connectTimeout = 1.seconds
                network.between("main", "server").connectTimeout = 1.seconds

                suspend fun reaches(): Boolean =
                    try {
                        connected("sErVeR") { _, _ -> true }
                    } catch (_: ConnectException) {
                        false
                    }
                network.partition("Main", "server")
                reaches() shouldBe false
                network.heal("main", "SERVER")
                reaches() shouldBe true
                network.cut("main", "serveR")
                reaches() shouldBe false
                network.heal()
                reaches() shouldBe true
                shouldThrow<IllegalArgumentException> { network.partition(listOf("main", "Server"), listOf("SERVER")) }.message shouldBe
                    "a partition has [Server] on both sides: name each host on one"
                shouldThrow<IllegalArgumentException> { host("server") {} }.message shouldBe
                    "there is a machine named server already: give each one a name of its own"
            }
        }

        test("names of hosts are checked") {
            simulate(1) {
                server(serve = ::echo)
                shouldThrow<IllegalArgumentException> { network.partition("main", "sever") }.message shouldBe
                    "there is no host named sever: the hosts are main, server"
                shouldThrow<IllegalArgumentException> { network.cut("main", "main") }.message shouldBe
                    "the network does not carry what main sends to itself: name two hosts"
                shouldThrow<IllegalArgumentException> { network.partition(listOf("main", "server"), listOf("main")) }.message shouldBe
                    "a partition has [main] on both sides: name each host on one"
            }
        }
    })
