// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.RecordedLog
import dev.simul.loop.getRunningLoop
import dev.simul.recordReports
import dev.simul.sleep
import dev.simul.transports.Protocol
import dev.simul.transports.RecordingProtocol
import dev.simul.transports.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldExist
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.net.BindException
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily
import java.net.StandardSocketOptions
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Reaches [host] by what its name says. */
private suspend fun reach(
    host: String,
    server: Server,
) {
    val loop = getRunningLoop()
    val (transport, protocol) = loop.createConnection(host, server.port) { RecordingProtocol() }
    protocol.received { it == "welcome" }
    transport.close()
    protocol.lost.await()
}

/** Says welcome, and closes when the peer does. */
private fun welcoming() =
    object : Protocol {
        override fun connectionMade(transport: Transport) = transport.write("welcome".toByteArray())
    }

class CreateServerTest :
    FunSpec({
        test("a server for all interfaces takes both families on one socket") {
            for (host in listOf(null, "")) {
                onSockets {
                    createServer(host, 0) { welcoming() }.use { server ->
                        server.addresses shouldHaveSize 1
                        reach("127.0.0.1", server)
                        if (HAS_IPV6) reach("::1", server)
                    }
                }
            }
        }

        test("a server for all interfaces of IPv4 is bound to these alone") {
            onSockets {
                createServer(null, 0, ServerOptions(family = StandardProtocolFamily.INET)) { welcoming() }.use { server ->
                    server.addresses shouldContainExactly listOf(InetSocketAddress("0.0.0.0", server.port))
                    reach("127.0.0.1", server)
                }
            }
        }

        test("the wildcards of both families share a port").config(enabled = HAS_IPV6) {
            val port = freePort()
            onSockets {
                createServer(listOf("0.0.0.0", "::"), port) { welcoming() }.use { server ->
                    server.addresses shouldContainExactly listOf(InetSocketAddress("::", port))
                    reach("127.0.0.1", server)
                    reach("::1", server)
                }
            }
        }

        test("an address that several hosts have is bound once") {
            val port = freePort()
            onSockets {
                resolving("one.test" to listOf("127.0.0.1"), "two.test" to listOf("127.0.0.1", "127.0.0.2"))
                createServer(listOf("one.test", "two.test", "127.0.0.1"), port) { welcoming() }.use { server ->
                    server.addresses shouldContainExactly listOf("127.0.0.1", "127.0.0.2").map { InetSocketAddress(it, port) }
                    reach("127.0.0.2", server)
                }
            }
        }

        test("with port 0 each address has a port of its own") {
            onSockets {
                createServer(listOf("127.0.0.1", "127.0.0.2"), 0) { welcoming() }.use { server ->
                    server.addresses shouldHaveSize 2
                    server.addresses.map { (it as InetSocketAddress).port } shouldNotContain 0
                }
            }
        }

        test("an address that is not this machine's is left out") {
            val log =
                RecordedLog.during {
                    onSockets(debug = true) {
                        resolving("moved.test" to listOf("203.0.113.1", "127.0.0.1"))
                        createServer("moved.test", 0) { welcoming() }.use { server ->
                            server.addresses shouldContainExactly listOf(InetSocketAddress("127.0.0.1", server.port))
                        }
                    }
                }
            log.shouldExist { "error while attempting to bind on address /203.0.113.1:0" in it.message }
        }

        test("if no address is this machine's there is no server") {
            onSockets {
                shouldThrow<BindException> { createServer("203.0.113.1", 0) { welcoming() } }
                    .message shouldContain "could not bind on any address out of [/203.0.113.1:0]"
            }
        }

        test("if one address is taken none stays bound") {
            withListener("127.0.0.2") { taken ->
                onSockets {
                    val failure = shouldThrow<BindException> { createServer(listOf("127.0.0.1", "127.0.0.2"), taken.port) { welcoming() } }
                    failure.message shouldContain "error while attempting to bind on address /127.0.0.2:${taken.port}"
                    createServer("127.0.0.1", taken.port) { welcoming() }.aclose()
                }
            }
        }

        test("another server can have the address as soon as one is closed") {
            val port = freePort()
            onSockets {
                repeat(3) {
                    val server = createServer("127.0.0.1", port) { welcoming() }
                    reach("127.0.0.1", server)
                    server.close()
                }
            }
        }

        test("no hosts are refused") {
            onSockets {
                shouldThrow<IllegalArgumentException> {
                    createServer(
                        emptyList(),
                        0,
                    ) { welcoming() }
                }.message shouldContain "hosts is empty"
            }
        }

        test("a channel that the caller has bound is taken over") {
            val channel = ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0))
            onSockets {
                createServer(channel) { welcoming() }.use { reach("127.0.0.1", it) }
                channel.isOpen shouldBe false
            }
        }

        test("a channel that is not bound is refused") {
            onSockets {
                ServerSocketChannel.open().use { channel ->
                    shouldThrow<IllegalArgumentException> { createServer(channel) { welcoming() } }.message shouldContain "is not bound"
                }
            }
        }

        test("two servers share a port if both ask for it") {
            onSockets {
                val options = ServerOptions(reusePort = true)
                createServer("127.0.0.1", 0, options) { welcoming() }.use { first ->
                    createServer("127.0.0.1", first.port, options) { welcoming() }.use { second ->
                        second.port shouldBe first.port
                    }
                }
            }
        }

        test("connections are looked after if the options say so") {
            for (keepAlive in listOf(false, true)) {
                onSockets {
                    val accepted = RecordingProtocol()
                    createServer("127.0.0.1", 0, ServerOptions(keepAlive = keepAlive)) { accepted }.use { server ->
                        createConnection("127.0.0.1", server.port) { RecordingProtocol() }.transport.let {
                            it.write("hello".toByteArray())
                            accepted.received { it == "hello" }
                            (
                                accepted.transport.getExtraInfo(
                                    "socket",
                                ) as SocketChannel
                            ).getOption(StandardSocketOptions.SO_KEEPALIVE) shouldBe keepAlive
                            it.close()
                        }
                    }
                }
            }
        }

        test("more connections than the backlog are accepted, one turn after the other") {
            onSockets {
                createServer("127.0.0.1", 0, ServerOptions(backlog = 2, startServing = false)) { welcoming() }.use { server ->
                    server.startServing()
                    repeat(20) { reach("127.0.0.1", server) }
                }
            }
        }

        test("a server that does not serve yet lets connections queue up") {
            onSockets {
                createServer("127.0.0.1", 0, ServerOptions(startServing = false)) { welcoming() }.use { server ->
                    server.isServing shouldBe false
                    val (transport, protocol) = createConnection("127.0.0.1", server.port) { RecordingProtocol() }
                    protocol.received shouldBe ""
                    server.startServing()
                    protocol.received { it == "welcome" }
                    transport.close()
                }
            }
        }

        test("if no protocol can be made the connection is closed, and the server goes on") {
            onSockets {
                val reports = recordReports()
                var isBroken = true
                val server = createServer("127.0.0.1", 0) { if (isBroken) throw IllegalStateException("no protocol") else welcoming() }
                server.use {
                    val (_, protocol) = createConnection("127.0.0.1", server.port) { RecordingProtocol() }
                    protocol.lost.await()
                    reports.map { it.message } shouldContainExactly listOf("Error on transport creation for incoming connection")
                    reports.single().exception?.message shouldBe "no protocol"
                    isBroken = false
                    reach("127.0.0.1", server)
                }
            }
        }

        test("when the system has no room for connections the server tries again in a second") {
            onSockets {
                val reports = recordReports()
                val listener =
                    object : Listener(ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0))) {
                        var attempts = 0

                        override fun accept(): SocketChannel? {
                            attempts++
                            if (attempts <= 2) throw IOException("Too many open files")
                            return super.accept()
                        }
                    }
                serve(listOf(listener), ServerOptions()) { welcoming() }.use { server ->
                    val start = time()
                    reach("127.0.0.1", server)
                    (time() - start >= 2.seconds) shouldBe true
                    reports.map { it.message } shouldContainExactly List(2) { "socket.accept() out of system resource" }
                    reports.first()["socket"] shouldNotBe null
                }
            }
        }

        test("a server that is closed while it waits for room does not accept again") {
            onSockets {
                val reports = recordReports()
                val listener =
                    object : Listener(ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0))) {
                        override fun accept(): SocketChannel? = throw IOException("Too many open files")
                    }
                val server = serve(listOf(listener), ServerOptions()) { welcoming() }
                val channel = SocketChannel.open(listener.address)
                while (reports.isEmpty()) sleep(1.milliseconds)
                server.aclose()
                sleep(1.1.seconds)
                reports shouldHaveSize 1
                channel.close()
            }
        }

        test("debug mode logs that it serves") {
            RecordedLog
                .during { onSockets(debug = true) { createServer("127.0.0.1", 0) { welcoming() }.aclose() } }
                .shouldExist { it.message.startsWith("<Server at /127.0.0.1:") && it.message.endsWith("is serving") }
        }

        test("options that cannot be are refused") {
            shouldThrow<IllegalArgumentException> { ServerOptions(backlog = 0) }
            shouldThrow<IllegalArgumentException> { ServerOptions(family = StandardProtocolFamily.UNIX) }
        }

        test("closing releases the addresses at once") {
            onSockets {
                val server = createServer("127.0.0.1", 0) { welcoming() }
                val port = server.port
                server.close()
                server.addresses.shouldBeEmpty()
                ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", port)).close()
                sleep(Duration.ZERO)
            }
        }
    })
