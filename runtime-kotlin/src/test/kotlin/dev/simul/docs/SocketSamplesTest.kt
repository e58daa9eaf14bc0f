package dev.simul.docs

import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.io.DatagramProtocol
import dev.simul.io.DatagramTransport
import dev.simul.io.createDatagramEndpoint
import dev.simul.io.onLoop
import dev.simul.io.port
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import sun.misc.Signal
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.nio.file.Path
import kotlin.time.Duration

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

        test("a server that is told to end does so in order") {
            val output =
                printed {
                    onLoop {
                        val server = startServer("127.0.0.1", 0) { reader, writer -> echo(reader, writer) }
                        val serving = createTask { serveUntilTold(server) }
                        sleep(Duration.ZERO)
                        Signal.raise(Signal("TERM"))
                        serving.await()
                        server.isServing shouldBe false
                    }
                }
            output shouldBe listOf("ended in order")
        }
    })
