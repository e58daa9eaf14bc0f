// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.aclosing
import dev.simul.loop.addSignalHandler
import dev.simul.loop.getRunningLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.net.createDatagramEndpoint
import dev.simul.net.createServer
import dev.simul.process.PIPE
import dev.simul.process.createSubprocessExec
import dev.simul.queues.Queue
import dev.simul.runLoop
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.Streams
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.sync.Event
import dev.simul.testing.CancelOptions
import dev.simul.testing.checkCancelSafe
import dev.simul.timeout
import dev.simul.tls.Purpose
import dev.simul.tls.SslContext
import dev.simul.transports.DatagramProtocol
import dev.simul.transports.Protocol
import dev.simul.transports.Transport
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.nio.ByteBuffer
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

// The blocks of the guide to sockets; SocketSamplesTest runs them, DocsTest compares.

suspend fun echo(
    reader: StreamReader,
    writer: StreamWriter,
) {
    for (line in reader) {
        writer.write(line)
        writer.drain()
    }
    writer.close()
}

fun serveEcho() =
    runLoop {
        val server = startServer("127.0.0.1", 8888) { reader, writer -> echo(reader, writer) }
        server.serveForever()
    }

suspend fun ask(
    port: Int,
    question: String,
): String {
    val (reader, writer) = openConnection("127.0.0.1", port)
    writer.write("$question\n".encodeToByteArray())
    val answer = reader.readline().decodeToString().trimEnd()
    writer.aclose()
    return answer
}

suspend fun copy(
    reader: StreamReader,
    writer: StreamWriter,
) {
    val buffer = ByteBuffer.allocateDirect(64 * 1024)
    while (reader.read(buffer) >= 0) {
        writer.write(buffer.flip())
        writer.drain()
        buffer.clear()
    }
}

class Echo : Protocol {
    private lateinit var transport: Transport

    override fun connectionMade(transport: Transport) {
        this.transport = transport
    }

    override fun dataReceived(data: ByteBuffer) = transport.write(data)
}

suspend fun serveProtocol(): Server {
    val server = getRunningLoop().createServer("127.0.0.1", 0) { Echo() }
    println("echoing at ${server.addresses.single()}")
    return server
}

suspend fun serveTls(
    certificate: Path,
    key: Path,
): Server {
    val ssl = SslContext.createDefaultContext(Purpose.CLIENT_AUTH).withCertChain(certificate, key)
    return startServer("127.0.0.1", 0, options = ServerOptions(ssl = ssl)) { reader, writer -> echo(reader, writer) }
}

suspend fun connectTls(
    port: Int,
    authority: Path,
): Streams {
    val ssl = SslContext.createDefaultContext(cafile = authority)
    return openConnection("localhost", port, options = ConnectionOptions(ssl = ssl))
}

suspend fun readWhole(
    port: Int,
    authority: Path,
): ByteArray {
    val ssl = SslContext.createDefaultContext(cafile = authority).withIgnoreUnexpectedEof(false)
    val (reader, writer) = openConnection("localhost", port, options = ConnectionOptions(ssl = ssl))
    writer.use { return reader.read() }
}

suspend fun connectQuickly(port: Int) =
    openConnection("localhost", port, options = ConnectionOptions(happyEyeballsDelay = 250.milliseconds))

class Answers : DatagramProtocol {
    val received = Queue<String>()

    override fun datagramReceived(
        data: ByteArray,
        addr: SocketAddress,
    ) = received.putNowait(data.decodeToString())
}

suspend fun askByDatagram(server: InetSocketAddress): String {
    val (transport, protocol) = getRunningLoop().createDatagramEndpoint(remoteAddr = server) { Answers() }
    transport.sendto("what time is it?".encodeToByteArray())
    return transport.use { timeout(30.seconds) { protocol.received.get() } }
}

suspend fun sorted(words: List<String>): List<String> {
    val sort = createSubprocessExec("sort", stdin = PIPE, stdout = PIPE)
    val (out, _) = sort.communicate(words.joinToString("\n").encodeToByteArray())
    check(sort.wait() == 0) { "sort has failed: ${sort.returncode}" }
    return out!!.decodeToString().lines().filter { it.isNotEmpty() }
}

suspend fun startReachable(vararg command: String) = createSubprocessExec("env", "--default-signal=HUP,INT,QUIT", *command, stdout = PIPE)

suspend fun serveUntilTold(
    server: Server,
    grace: Duration = 10.seconds,
) {
    val told = Event()
    for (signal in listOf("INT", "TERM")) getRunningLoop().addSignalHandler(signal) { told.set() }
    told.wait()
    server.shutdown(grace)
    println("ended in order")
}

fun readingLeavesNothing() =
    checkCancelSafe(
        setUp = { startServer("127.0.0.1", 0) { reader, writer -> aclosing(writer) { reader.read() } } },
        check = { server -> server.aclose() },
        options = CancelOptions(virtualTime = false),
    ) { server ->
        val (reader, writer) = openConnection("127.0.0.1", (server.addresses.first() as InetSocketAddress).port)
        aclosing(writer) {
            writer.writeEof()
            reader.read()
        }
    }
