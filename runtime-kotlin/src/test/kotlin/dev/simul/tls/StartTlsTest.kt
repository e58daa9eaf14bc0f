// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.LOOPBACK_ADDRESS
import dev.simul.net.ServerOptions
import dev.simul.net.SocketPair
import dev.simul.net.connectReadPipe
import dev.simul.net.connectWritePipe
import dev.simul.net.createConnection
import dev.simul.net.createServer
import dev.simul.net.port
import dev.simul.net.until
import dev.simul.net.use
import dev.simul.recordReports
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.transports.BufferedProtocol
import dev.simul.transports.ConnectionException
import dev.simul.transports.ConnectionResetException
import dev.simul.transports.OpenTransports
import dev.simul.transports.RecordingProtocol
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import dev.simul.waitFor
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.Pipe
import java.nio.channels.SocketChannel
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** As a [RecordingProtocol], by buffers of its own that are small. */
private class RecordingBuffers : BufferedProtocol {
    private val buffer = ByteBuffer.allocate(7)
    val recorded = RecordingProtocol()

    override fun connectionMade(transport: Transport) = recorded.connectionMade(transport)

    override fun getBuffer(sizeHint: Int): ByteBuffer = buffer.clear()

    override fun bufferUpdated(count: Int) = recorded.dataReceived(buffer.array().copyOf(count))

    override fun eofReceived(): Boolean = recorded.eofReceived()

    override fun connectionLost(exception: Throwable?) = recorded.connectionLost(exception)
}

/** Where the peer's end leaves the transport open for writing. */
private fun staying() = RecordingProtocol(staysOpen = true)

private val beginningOfHello = helloTo("localhost").copyOf(50)

/** Starts TLS after [prepare]; the peer does what [peer] says meanwhile. */
private suspend inline fun <reified E : Throwable> EventLoop.fails(
    serverSide: Boolean,
    prepare: (SocketPair, RecordingProtocol) -> Unit,
    peer: (SocketPair) -> Unit = {},
) {
    val reports = recordReports()
    SocketPair().use { pair ->
        val (transport, protocol) = createConnection(pair.near) { staying() }
        prepare(pair, protocol)
        val starting =
            createTask {
                if (serverSide) {
                    startTls(transport, protocol, serverContext(), serverSide = true, sslHandshakeTimeout = 1.hours)
                } else {
                    startTls(
                        transport,
                        protocol,
                        clientContext(),
                        serverHostname = "localhost",
                        sslHandshakeTimeout = 1.hours,
                    )
                }
            }
        sleep(20.milliseconds)
        peer(pair)
        shouldThrow<E> { waitFor(30.seconds) { starting.await() } }
        protocol.lost.await()
        until { OpenTransports[this].size == 0 }
    }
    reports.shouldBeEmpty()
}

class StartTlsTest :
    FunSpec({
        /** Starts TLS on both ends of a connection; returns its transports. */
        suspend fun EventLoop.secure(
            pair: SocketPair,
            client: StreamingProtocol,
            server: StreamingProtocol,
        ): Pair<Transport, Transport> {
            val near = createConnection(pair.near) { client }.transport
            val far = createConnection(pair.far) { server }.transport
            val serving = createTask { startTls(far, server, serverContext(), serverSide = true) }
            return startTls(near, client, clientContext(), serverHostname = "localhost") to serving.await()
        }

        test("a protocol is told of its connection once, and of all else by TLS") {
            onTls {
                SocketPair().use { pair ->
                    val client = RecordingProtocol()
                    val server = RecordingProtocol()
                    val (near, far) = secure(pair, client, server)
                    near.protocol shouldBeSameInstanceAs client
                    near.getExtraInfo("sslcontext").let { it as SslContext }.purpose shouldBe Purpose.SERVER_AUTH
                    client.transport.getExtraInfo("sslcontext") shouldBe null
                    near.write("hello".toByteArray())
                    server.received { it == "hello" }
                    far.write("welcome".toByteArray())
                    client.received { it == "welcome" }
                    near.close()
                    client.lost.await() shouldBe null
                    server.lost.await() shouldBe null
                    client.events shouldContainExactly listOf("made", "data welcome", "eof", "lost")
                    server.events shouldContainExactly listOf("made", "data hello", "eof", "lost")
                }
            }
        }

        test("a protocol with buffers of its own goes on with them") {
            onTls {
                SocketPair().use { pair ->
                    val client = RecordingBuffers()
                    val server = RecordingBuffers()
                    val (near, far) = secure(pair, client, server)
                    near.write("longer than a buffer".toByteArray())
                    server.recorded.received { it == "longer than a buffer" }
                    far.write("so is this".toByteArray())
                    client.recorded.received { it == "so is this" }
                    far.close()
                    client.recorded.lost.await() shouldBe null
                    server.recorded.lost.await() shouldBe null
                    client.recorded.events shouldContainExactly listOf("made", "data so is t", "data his", "eof", "lost")
                }
            }
        }

        test("a protocol with buffers of its own can be a server's and a client's from the beginning") {
            onTls {
                val accepted = RecordingBuffers()
                val server = createServer(LOOPBACK_ADDRESS.hostAddress, 0, ServerOptions(ssl = serverContext())) { accepted }
                val options = ConnectionOptions(ssl = clientContext(), serverHostname = "localhost")
                val (transport, client) = createConnection(LOOPBACK_ADDRESS.hostAddress, server.port, options) { RecordingBuffers() }
                transport.write("longer than a buffer".toByteArray())
                accepted.recorded.received { it == "longer than a buffer" }
                accepted.recorded.transport.write("so is this".toByteArray())
                client.recorded.received { it == "so is this" }
                transport.close()
                client.recorded.lost.await() shouldBe null
                accepted.recorded.lost.await() shouldBe null
                server.aclose()
            }
        }

        test("cancelled in its first turn it closes the connection") {
            onTls {
                SocketPair().use { pair ->
                    val (transport, protocol) = createConnection(pair.near) { RecordingProtocol() }
                    val starting = createTask { startTls(transport, protocol, serverContext(), serverSide = true) }
                    sleep(Duration.ZERO)
                    starting.cancel()
                    shouldThrow<CancelledException> { starting.await() }
                    protocol.lost.await()
                    protocol.events shouldContainExactly listOf("made", "lost")
                    until { pair.far.read(ByteBuffer.allocate(1)) < 0 }
                }
            }
        }

        context("refused at once is, and the connection goes on:") {
            suspend fun EventLoop.refused(
                prepare: (Transport) -> Unit = {},
                start: suspend EventLoop.(Transport, RecordingProtocol) -> Unit,
            ) = SocketPair().use { pair ->
                val (transport, protocol) = createConnection(pair.near) { RecordingProtocol() }
                prepare(transport)
                start(transport, protocol)
                transport.isClosing shouldBe false
                transport.protocol shouldBeSameInstanceAs protocol
                pair.send("hello")
                protocol.received { it == "hello" }
                transport.abort()
                protocol.lost.await()
            }

            test("a context for the other side") {
                onTls {
                    refused { transport, protocol ->
                        shouldThrow<IllegalArgumentException> { startTls(transport, protocol, clientContext(), serverSide = true) }
                        shouldThrow<IllegalArgumentException> { startTls(transport, protocol, serverContext()) }
                    }
                }
            }
            test("a certificate that is to be checked for no name") {
                onTls {
                    refused { transport, protocol ->
                        shouldThrow<IllegalArgumentException> { startTls(transport, protocol, clientContext()) }
                            .message shouldContain "checkHostname requires serverHostname"
                        shouldThrow<IllegalArgumentException> { startTls(transport, protocol, clientContext(), serverHostname = "") }
                    }
                }
            }
            test("a limit of time that is not positive") {
                onTls {
                    refused { transport, protocol ->
                        for (limit in listOf(Duration.ZERO, (-1).seconds)) {
                            shouldThrow<IllegalArgumentException> {
                                startTls(transport, protocol, clientContext(), serverHostname = "localhost", sslHandshakeTimeout = limit)
                            }.message shouldContain "sslHandshakeTimeout should be a positive duration"
                            shouldThrow<IllegalArgumentException> {
                                startTls(transport, protocol, clientContext(), serverHostname = "localhost", sslShutdownTimeout = limit)
                            }
                        }
                    }
                }
            }
            test("a connection whose sending direction has ended") {
                onTls {
                    refused(prepare = { it.writeEof() }) { transport, protocol ->
                        shouldThrow<IllegalStateException> { startTls(transport, protocol, serverContext(), serverSide = true) }
                            .message shouldContain "Cannot write after writeEof()"
                    }
                }
            }
            test("a pipe, which has one direction") {
                onTls {
                    val pipe = Pipe.open()
                    val (reading, reader) = connectReadPipe(pipe.source()) { RecordingProtocol() }
                    val (writing, writer) = connectWritePipe(pipe.sink()) { RecordingProtocol() }
                    shouldThrow<UnsupportedOperationException> { startTls(reading, reader, serverContext(), serverSide = true) }
                    shouldThrow<UnsupportedOperationException> { startTls(writing, writer, serverContext(), serverSide = true) }
                    writing.write("hello".toByteArray())
                    reader.received { it == "hello" }
                    writing.close()
                    reader.lost.await() shouldBe null
                    writer.lost.await() shouldBe null
                }
            }
        }

        context("fails at once, however long a handshake may take, and closes the connection,") {
            for (serverSide in listOf(true, false)) {
                val side = if (serverSide) "as a server" else "as a client"
                test("$side, if the peer had ended its stream before") {
                    onTls {
                        fails<ConnectionResetException>(serverSide, prepare = { pair, protocol ->
                            pair.far.shutdownOutput()
                            protocol.awaitEvents(2)
                        })
                    }
                }
                test("$side, if the peer ends its stream without a word") {
                    onTls {
                        fails<ConnectionResetException>(serverSide, prepare = { _, _ -> }) { it.far.shutdownOutput() }
                    }
                }
                test("$side, if the peer resets the connection") {
                    onTls {
                        fails<ConnectionException>(serverSide, prepare = { _, _ -> }) { it.reset() }
                    }
                }
                test("$side, if the connection is closing") {
                    onTls {
                        fails<ConnectionResetException>(serverSide, prepare = { _, protocol -> protocol.transport.close() })
                    }
                }
                test("$side, if the connection is lost") {
                    onTls {
                        fails<ConnectionResetException>(serverSide, prepare = { pair, protocol ->
                            pair.reset()
                            protocol.lost.await()
                        })
                    }
                }
            }
            test("if the peer ends its stream in the middle of a record") {
                onTls {
                    fails<ConnectionResetException>(serverSide = true, prepare = { _, _ -> }) {
                        it.far.write(ByteBuffer.wrap(beginningOfHello))
                        it.far.shutdownOutput()
                    }
                }
            }
            test("if the peer ends its stream behind its hello") {
                onTls {
                    fails<ConnectionResetException>(serverSide = true, prepare = { _, _ -> }) {
                        it.far.write(ByteBuffer.wrap(helloTo("localhost")))
                        it.far.shutdownOutput()
                    }
                }
            }
            for (behind in listOf("", "a beginning", "a hello")) {
                test("if a stream's reader has the end already${if (behind.isEmpty()) "" else ", and $behind"}") {
                    onTls {
                        val failures = mutableListOf<Throwable>()
                        val server =
                            startServer("127.0.0.1", 0) { reader, writer ->
                                reader.readline().decodeToString() shouldBe "STARTTLS\n"
                                while (!"$reader".contains("eof")) sleep(1.milliseconds)
                                try {
                                    writer.startTls(serverContext(), sslHandshakeTimeout = 1.hours)
                                } catch (e: IOException) {
                                    failures += e
                                }
                            }
                        val (reader, writer) = openConnection("127.0.0.1", server.port)
                        writer.write("STARTTLS\n".toByteArray())
                        if (behind == "a beginning") writer.write(beginningOfHello)
                        if (behind == "a hello") writer.write(helloTo("localhost"))
                        writer.writeEof()
                        waitFor(30.seconds) {
                            try {
                                reader.read()
                            } catch (_: ConnectionResetException) {
                            }
                        }
                        until { failures.isNotEmpty() }
                        failures.single()::class shouldBe ConnectionResetException::class
                        writer.close()
                        server.aclose()
                    }
                }
            }
        }

        context("a server over TLS lets go at once, without a report,") {
            val choosing = serverContext().withSniCallback { null }
            for ((how, context) in mapOf("" to serverContext(), ", choosing by the name" to choosing)) {
                suspend fun dropped(
                    what: String,
                    leave: (SocketChannel) -> Unit,
                ) = test("of a peer that $what$how") {
                    onTls {
                        val reports = recordReports()
                        val served = mutableListOf<RecordingProtocol>()
                        val options = ServerOptions(ssl = context, sslHandshakeTimeout = 1.hours)
                        val server = createServer("127.0.0.1", 0, options) { RecordingProtocol().also(served::add) }
                        SocketChannel.open(InetSocketAddress("127.0.0.1", server.port)).use { peer ->
                            leave(peer)
                            until { served.size == 1 && OpenTransports[this].size == 1 }
                        }
                        served.single().events.shouldBeEmpty()
                        reports.shouldBeEmpty()
                        server.aclose()
                    }
                }
                dropped("ends its stream first") { it.shutdownOutput() }
                dropped("resets the connection first") {
                    it.setOption(StandardSocketOptions.SO_LINGER, 0)
                    it.close()
                }
                dropped("ends its stream in the middle of a record") {
                    it.write(ByteBuffer.wrap(beginningOfHello))
                    it.shutdownOutput()
                }
                dropped("ends its stream behind its hello") {
                    it.write(ByteBuffer.wrap(helloTo("localhost")))
                    it.shutdownOutput()
                }
            }
        }
    })
