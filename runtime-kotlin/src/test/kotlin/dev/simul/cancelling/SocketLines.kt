// SPDX-License-Identifier: Apache-2.0
package dev.simul.cancelling

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.Resolver
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.net.SocketPair
import dev.simul.net.connectAcceptedSocket
import dev.simul.net.connectReadPipe
import dev.simul.net.connectWritePipe
import dev.simul.net.createConnection
import dev.simul.net.createDatagramEndpoint
import dev.simul.net.createServer
import dev.simul.net.createUnixConnection
import dev.simul.net.createUnixServer
import dev.simul.net.getaddrinfo
import dev.simul.net.getnameinfo
import dev.simul.net.resolver
import dev.simul.net.sendfile
import dev.simul.net.sockAccept
import dev.simul.net.sockConnect
import dev.simul.net.sockRecv
import dev.simul.net.sockRecvInto
import dev.simul.net.sockRecvfrom
import dev.simul.net.sockRecvfromInto
import dev.simul.net.sockSendall
import dev.simul.net.sockSendfile
import dev.simul.net.sockSendto
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.Streams
import dev.simul.streams.openConnection
import dev.simul.streams.openUnixConnection
import dev.simul.streams.startServer
import dev.simul.streams.startUnixServer
import dev.simul.tls.boundPort
import dev.simul.tls.clientContext
import dev.simul.tls.serverContext
import dev.simul.tls.startTls
import dev.simul.transports.DatagramProtocol
import dev.simul.transports.Protocol
import dev.simul.transports.Transport
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.DatagramChannel
import java.nio.channels.FileChannel
import java.nio.channels.Pipe
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

private const val HOST = "127.0.0.1"
private val LINES = "one\ntwo\nthree\n".encodeToByteArray()

/** More than the system's buffers take. */
private val MANY = ByteArray(4 shl 20)

/** More than is kept before a writer must wait, over TLS. */
private val MORE = ByteArray(600 shl 10)

/** More than fits into a small buffer of the system. */
private val SOME = ByteArray(48 shl 10)

private object Quiet : Protocol

private object QuietMailbox : DatagramProtocol

/** Sends lines, then reads until the client closes; a client that is cut off is no error. */
private suspend fun serve(
    reader: StreamReader,
    writer: StreamWriter,
) {
    try {
        writer.write(LINES)
        while (reader.read(1 shl 16).isNotEmpty()) continue
    } catch (_: IOException) {
    } finally {
        writer.close()
    }
}

private suspend fun end(server: Server) {
    server.close()
    server.abortClients()
}

private suspend fun Streams.use(block: suspend (Streams) -> Unit) {
    try {
        block(this)
    } finally {
        writer.close()
    }
}

/** Programs that have a connection to a server that was there before. */
private fun CancelTable.client(
    vararg operations: String,
    serverOptions: ServerOptions = ServerOptions(),
    program: suspend (Server) -> Unit,
) = line(
    *operations,
    setUp = { startServer(HOST, 0, options = serverOptions, clientConnected = ::serve) },
    options = REAL,
    check = ::end,
    program = program,
)

private suspend fun connect(
    server: Server,
    options: ConnectionOptions = ConnectionOptions(),
) = openConnection(HOST, server.boundPort, options = options)

private val tlsClient get() = ConnectionOptions(ssl = clientContext(), serverHostname = "localhost")
private val tlsServer get() = ServerOptions(ssl = serverContext())

private val ANY_PORT = InetSocketAddress(HOST, 0)

private val files by lazy { Files.createTempDirectory("cancelling").also { it.toFile().deleteOnExit() } }

private fun file(content: ByteArray): FileChannel {
    val path = files.resolve("data-${content.size}")
    if (!path.exists()) Files.write(path, content)
    return FileChannel.open(path)
}

/** Streams, and what they are made of. */
internal fun CancelTable.streams() {
    client("openConnection", "StreamReader.readline") { server -> connect(server).use { it.reader.readline() } }
    client("openConnection", "over TLS", serverOptions = tlsServer) { server ->
        connect(server, tlsClient).use { it.reader.readline() }
    }
    client("StreamReader.read", "StreamReader.readexactly", "StreamReader.readuntil", "StreamReader\$Lines.hasNext") { server ->
        connect(server).use { (reader) ->
            reader.readexactly(4).decodeToString() shouldBe "one\n"
            reader.readuntil("wo\n".encodeToByteArray())
            reader.iterator().hasNext() shouldBe true
            createTask { sleep(5.milliseconds) }.await()
        }
    }
    client("StreamReader.read", "into a buffer, and to the end") { server ->
        connect(server).use { (reader, writer) ->
            reader.read(ByteBuffer.allocate(4))
            reader.read(2)
            writer.writeEof()
            reader.read()
        }
    }
    client("Server.shutdown") { server -> connect(server).use { server.shutdown(Duration.ZERO) } }
    for (options in listOf(null, tlsServer)) {
        val over = if (options == null) "over TCP" else "over TLS"
        client("StreamWriter.drain", "StreamWriter.waitClosed", over, serverOptions = options ?: ServerOptions()) { server ->
            val (_, writer) = connect(server, if (options == null) ConnectionOptions() else tlsClient)
            try {
                writer.write(MANY)
                writer.drain()
            } finally {
                writer.close()
            }
            writer.waitClosed()
        }
        client("StreamWriter.aclose", over, serverOptions = options ?: ServerOptions()) { server ->
            connect(server, if (options == null) ConnectionOptions() else tlsClient).writer.aclose()
        }
    }
    line("StreamWriter.startTls", setUp = { upgradingServer() }, options = REAL, check = ::end) { server ->
        connect(server).use { (reader, writer) ->
            writer.write("STARTTLS\n".encodeToByteArray())
            writer.startTls(clientContext(), "localhost")
            reader.readline()
        }
    }
    line("StreamWriter.startTls", "which drains", setUp = {
        upgradingServer { it.readexactly(MANY.size) }
    }, options = REAL, check = ::end) { server ->
        val (_, writer) = connect(server)
        writer.write(MANY)
        writer.startTls(clientContext(), "localhost")
        writer.close()
    }
    line("startTls", setUp = { upgradingServer() }, options = REAL, check = ::end) { server ->
        val loop = getRunningLoop()
        val (transport) = loop.createConnection(HOST, server.boundPort) { Quiet }
        var outermost: Transport = transport
        try {
            transport.write("STARTTLS\n".encodeToByteArray())
            outermost = loop.startTls(transport, Quiet, clientContext(), serverHostname = "localhost")
        } finally {
            outermost.close()
        }
    }
}

private suspend fun upgradingServer(asked: suspend (StreamReader) -> Unit = { it.readline() }) =
    startServer(HOST, 0) { reader, writer ->
        try {
            asked(reader)
            writer.startTls(serverContext())
            serve(reader, writer)
        } catch (_: IOException) {
        } finally {
            writer.close()
        }
    }

/** Connections, servers and pipes with protocols. */
internal fun CancelTable.transports() {
    client("createConnection") { server ->
        getRunningLoop().createConnection(HOST, server.boundPort) { Quiet }.transport.close()
    }
    client("createConnection", "over TLS", serverOptions = tlsServer) { server ->
        getRunningLoop().createConnection(HOST, server.boundPort, tlsClient) { Quiet }.transport.close()
    }
    client("createConnection", "of several addresses") { server ->
        val options = ConnectionOptions(happyEyeballsDelay = 1.milliseconds)
        getRunningLoop().createConnection("localhost", server.boundPort, options) { Quiet }.transport.close()
    }
    line("createConnection", "connectAcceptedSocket", "of channels", setUp = { SocketPair() }, options = REAL, check = {
        it.close()
    }) { pair ->
        val loop = getRunningLoop()
        loop.createConnection(pair.near) { Quiet }.transport.close()
        loop.connectAcceptedSocket(pair.far) { Quiet }.transport.close()
    }
    line("createServer", options = REAL) { getRunningLoop().createServer(HOST, 0) { Quiet }.close() }
    line("startServer", options = REAL) { startServer(HOST, 0, clientConnected = ::serve).close() }
    line("Server.startServing", "Server.aclose", "Server.waitClosed", options = REAL) {
        val server = startServer(HOST, 0, options = ServerOptions(startServing = false), clientConnected = ::serve)
        try {
            server.startServing()
            connect(server).use { it.reader.readline() }
            server.aclose()
            server.waitClosed()
        } finally {
            server.close()
        }
    }
    line("Server.serveForever", options = REAL) {
        val server = startServer(HOST, 0, clientConnected = ::serve)
        val client = createTask { connect(server).use { it.reader.readline() } }
        try {
            val serving = createTask { server.serveForever() }
            try {
                client.await()
            } finally {
                serving.cancel()
                runCatching { serving.await() }
            }
        } finally {
            client.cancel()
            server.close()
        }
    }
    line("Server.serveForever", "cancelled itself", options = REAL) {
        val server = startServer(HOST, 0, clientConnected = ::serve)
        getRunningLoop().callLater(5.milliseconds) { server.close() }.let { timer ->
            try {
                server.serveForever()
            } catch (_: CancelledException) {
                // By the timer, if by nobody else.
            } finally {
                timer.cancel()
                server.close()
            }
        }
    }
    unix()
    pipes()
    datagrams()
}

private fun CancelTable.unix() {
    fun path(): Path = Files.createTempFile(files, "s", "").also { it.deleteIfExists() }
    line("createUnixServer", setUp = ::path, options = REAL, check = { it.exists() shouldBe false }) { path ->
        getRunningLoop().createUnixServer(path) { Quiet }.close()
    }
    line("startUnixServer", setUp = ::path, options = REAL, check = { it.exists() shouldBe false }) { path ->
        startUnixServer(path, clientConnected = ::serve).close()
    }
    val setUp = suspend { path().let { it to startUnixServer(it, clientConnected = ::serve) } }
    line("openUnixConnection", setUp = setUp, options = REAL, check = { end(it.second) }) { (path) ->
        openUnixConnection(path).use { it.reader.readline() }
    }
    line("createUnixConnection", setUp = setUp, options = REAL, check = { end(it.second) }) { (path) ->
        getRunningLoop().createUnixConnection(path) { Quiet }.transport.close()
    }
}

private fun CancelTable.pipes() {
    line("connectReadPipe", "connectWritePipe", setUp = { Pipe.open() }, options = REAL, check = {
        it.source().close()
        it.sink().close()
    }) { pipe ->
        val loop = getRunningLoop()
        val (reading) = loop.connectReadPipe(pipe.source()) { Quiet }
        try {
            loop.connectWritePipe(pipe.sink()) { Quiet }.transport.close()
        } finally {
            reading.close()
        }
    }
}

private fun CancelTable.datagrams() {
    line("createDatagramEndpoint", options = REAL) {
        getRunningLoop().createDatagramEndpoint(ANY_PORT) { QuietMailbox }.transport.close()
    }
}

/** The calls for channels that belong to the caller. */
internal fun CancelTable.socketCalls() {
    val buffer = { ByteBuffer.allocate(16) }
    line("sockAccept", "sockConnect", setUp = { listener() }, options = REAL, check = { it.close() }) { listener ->
        SocketChannel.open().use { near ->
            val accepting = createTask { getRunningLoop().sockAccept(listener) }
            try {
                getRunningLoop().sockConnect(near, listener.localAddress)
            } finally {
                // A connection that was accepted by then is its result, which is ours to close.
                accepting.cancel()
                runCatching { accepting.await() }.getOrNull()?.close()
            }
        }
    }
    val connecting = suspend { listener().let { it to SocketChannel.open(it.localAddress) } }
    line("sockAccept", setUp = connecting, options = REAL, check = { (listener, far) ->
        listener.close()
        far.close()
    }) { (listener) -> getRunningLoop().sockAccept(listener).close() }
    line("sockRecv", "sockRecvInto", "sockSendall", setUp = { nonBlockingPair() }, options = REAL, check = { it.close() }) { pair ->
        val loop = getRunningLoop()
        val sending = createTask { loop.sockSendall(pair.far, SOME) }
        try {
            loop.sockRecv(pair.near, 3)
            loop.sockRecvInto(pair.near, buffer())
            val all = ByteBuffer.allocate(1 shl 20)
            while (!sending.done()) loop.sockRecvInto(pair.near, all.clear())
        } finally {
            sending.cancel()
        }
    }
    line("sockSendall", setUp = { nonBlockingPair() }, options = REAL, check = { it.close() }) { pair ->
        val loop = getRunningLoop()
        val draining = createTask { while (true) loop.sockRecv(pair.far, 1 shl 16) }
        try {
            loop.sockSendall(pair.near, SOME)
        } finally {
            draining.cancel()
        }
    }
    val mailboxes = suspend { List(2) { DatagramChannel.open().bind(ANY_PORT).apply { configureBlocking(false) } } }
    line("sockSendto", "sockRecvfrom", "sockRecvfromInto", setUp = mailboxes, options = REAL, check = { all ->
        all.forEach { it.close() }
    }) { (one, other) ->
        val loop = getRunningLoop()
        val sending =
            createTask {
                sleep(1.milliseconds)
                repeat(2) { loop.sockSendto(one, LINES, other.localAddress) }
            }
        try {
            loop.sockRecvfrom(other, 16)
            loop.sockRecvfromInto(other, buffer())
        } finally {
            sending.cancel()
        }
    }
    sendfile()
    line("Resolver.getaddrinfo", "Resolver.getnameinfo") {
        val loop = getRunningLoop()
        loop.resolver = SlowResolver
        loop.getnameinfo(loop.getaddrinfo("slow.test", 80).first())
    }

    line("getaddrinfo", "getnameinfo", options = SAMPLED) {
        val loop = getRunningLoop()
        loop.getnameinfo(loop.getaddrinfo("localhost", 80).first())
    }
}

private fun listener() = ServerSocketChannel.open().bind(ANY_PORT).apply { configureBlocking(false) }

private fun nonBlockingPair() = SocketPair(sendBuffer = 4096).apply { near.configureBlocking(false) }

private fun CancelTable.sendfile() {
    client("sendfile") { server -> sendFile(server, fallback = false) }
    client("sendfile", "over TLS", serverOptions = tlsServer) { server -> sendFile(server, tlsClient, content = MORE) }
    line("sockSendfile", setUp = { nonBlockingPair() }, options = REAL, check = { it.close() }) { pair ->
        val loop = getRunningLoop()
        val draining = createTask { while (true) loop.sockRecv(pair.far, 1 shl 16) }
        try {
            file(SOME).use { loop.sockSendfile(pair.near, it) }
        } finally {
            draining.cancel()
        }
    }
}

private suspend fun sendFile(
    server: Server,
    options: ConnectionOptions = ConnectionOptions(),
    fallback: Boolean = true,
    content: ByteArray = MANY,
) {
    val loop: EventLoop = getRunningLoop()
    val (transport) = loop.createConnection(HOST, server.boundPort, options) { Quiet }
    try {
        file(content).use { loop.sendfile(transport, it, fallback = fallback) }
    } finally {
        transport.close()
    }
}

/** Takes a millisecond for everything. */
private object SlowResolver : Resolver {
    override suspend fun getaddrinfo(host: String): List<InetAddress> {
        sleep(1.milliseconds)
        return listOf(InetAddress.getLoopbackAddress())
    }

    override suspend fun getnameinfo(address: InetAddress): String {
        sleep(1.milliseconds)
        return super.getnameinfo(address)
    }
}
