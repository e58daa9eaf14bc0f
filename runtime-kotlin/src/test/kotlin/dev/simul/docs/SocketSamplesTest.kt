// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.aclosing
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.net.ServerOptions
import dev.simul.net.createDatagramEndpoint
import dev.simul.net.onLoop
import dev.simul.net.port
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.tls.Purpose
import dev.simul.tls.SslContext
import dev.simul.tls.SslEofException
import dev.simul.tls.below
import dev.simul.transports.DatagramProtocol
import dev.simul.transports.DatagramTransport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import sun.misc.Signal
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.nio.channels.SocketChannel
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

class SocketSamplesTest :
    FunSpec({
        val tls = Path.of("src/test/resources/tls")

        test("the echo server answers") {
            onLoop {
                aclosing(startServer("127.0.0.1", 0) { reader, writer -> echo(reader, writer) }) { server ->
                    ask(server.port, "hello") shouldBe "hello"
                }
            }
        }

        test("reading leaves nothing behind, wherever it is cancelled") { readingLeavesNothing() }

        test("copying by a buffer answers with all that was sent") {
            onLoop {
                val server =
                    startServer("127.0.0.1", 0) { reader, writer ->
                        copy(reader, writer)
                        writer.close()
                    }
                aclosing(server) {
                    val (reader, writer) = openConnection("127.0.0.1", server.port)
                    val reading = createTask { reader.read() }
                    val sent = ByteArray(1_000_000) { it.toByte() }
                    writer.write(sent)
                    writer.writeEof()
                    reading.await().contentEquals(sent) shouldBe true
                    writer.aclose()
                }
            }
        }

        test("the protocol echoes") {
            val output =
                printed {
                    onLoop { aclosing(serveProtocol()) { server -> ask(server.port, "hello") shouldBe "hello" } }
                }
            output.single() shouldMatch "echoing at /127\\.0\\.0\\.1:\\d+"
        }

        test("client and server speak TLS") {
            onLoop {
                aclosing(serveTls(tls.resolve("server.pem"), tls.resolve("server.key"))) { server ->
                    val (reader, writer) = connectTls(server.port, tls.resolve("ca.pem"))
                    writer.write("hello\n".encodeToByteArray())
                    reader.readline().decodeToString() shouldBe "hello\n"
                    writer.aclose()
                }
            }
        }

        test("what is cut off is not taken for the whole") {
            val options =
                ServerOptions(
                    ssl =
                        SslContext
                            .createDefaultContext(Purpose.CLIENT_AUTH)
                            .withCertChain(tls.resolve("server.pem"), tls.resolve("server.key")),
                )
            for (isCut in listOf(false, true)) {
                onLoop {
                    val server =
                        startServer("127.0.0.1", 0, options = options) { _, writer ->
                            writer.write("all of it".encodeToByteArray())
                            while (writer.transport.writeBufferSize > 0) sleep(Duration.ZERO)
                            if (isCut) writer.transport.below.close() else writer.close()
                        }
                    aclosing(server) {
                        if (isCut) {
                            shouldThrow<SslEofException> { readWhole(server.port, tls.resolve("ca.pem")) }
                        } else {
                            readWhole(server.port, tls.resolve("ca.pem")).decodeToString() shouldBe "all of it"
                        }
                    }
                }
            }
        }

        test("a connection is made quickly") {
            onLoop {
                aclosing(startServer("127.0.0.1", 0) { reader, writer -> echo(reader, writer) }) { server ->
                    connectQuickly(server.port).writer.aclose()
                }
            }
        }

        test("a datagram is answered") {
            class Clock : DatagramProtocol {
                private lateinit var transport: DatagramTransport

                override fun connectionMade(transport: DatagramTransport) {
                    this.transport = transport
                }

                override fun datagramReceived(
                    data: ByteArray,
                    addr: SocketAddress,
                ) = transport.sendto("late".encodeToByteArray(), addr)
            }
            onLoop { loop ->
                val (transport, _) = loop.createDatagramEndpoint(localAddr = InetSocketAddress("127.0.0.1", 0)) { Clock() }
                transport.use { askByDatagram(transport.getExtraInfo("sockname") as InetSocketAddress) shouldBe "late" }
            }
        }

        test("a process sorts") {
            onLoop { sorted(listOf("pear", "apple", "fig")) shouldBe listOf("apple", "fig", "pear") }
        }

        val envCanReset = ProcessBuilder("env", "--default-signal=HUP", "true").start().waitFor() == 0

        test("a child is reached by signals that this process may ignore").config(enabled = envCanReset) {
            onLoop {
                val child = startReachable("sh", "-c", "echo ready; exec sleep 100")
                child.stdout!!.readline()
                child.sendSignal("HUP")
                child.wait() shouldBe -1
            }
        }

        test("a server that is told to end does so in order, also with an idle client") {
            val output =
                printed {
                    onLoop {
                        val server = startServer("127.0.0.1", 0) { reader, writer -> echo(reader, writer) }
                        val (reader, writer) = openConnection("127.0.0.1", server.port)
                        writer.write("hello\n".encodeToByteArray())
                        reader.readline().decodeToString() shouldBe "hello\n"
                        val serving = createTask { serveUntilTold(server, 10.milliseconds) }
                        sleep(Duration.ZERO)
                        Signal.raise(Signal("TERM"))
                        serving.await()
                        server.isServing shouldBe false
                        reader.read().size shouldBe 0
                    }
                }
            output shouldBe listOf("ended in order")
        }

        test("a server that is told to end does so although a client never takes what was written") {
            val output =
                printed {
                    onLoop { loop ->
                        val writing = loop.createFuture<Unit>()
                        val server =
                            startServer("127.0.0.1", 0) { _, writer ->
                                writer.write(ByteArray(30_000_000))
                                writing.setResult(Unit)
                            }
                        SocketChannel.open(server.addresses.single()).use {
                            writing.await()
                            val serving = createTask { serveUntilTold(server, 50.milliseconds) }
                            sleep(Duration.ZERO)
                            Signal.raise(Signal("TERM"))
                            serving.await()
                        }
                    }
                }
            output shouldBe listOf("ended in order")
        }
    })
