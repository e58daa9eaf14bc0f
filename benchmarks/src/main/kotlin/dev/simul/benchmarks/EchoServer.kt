// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import dev.simul.loop.getRunningLoop
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.net.createServer
import dev.simul.netty.await
import dev.simul.streams.startServer
import dev.simul.tls.Purpose
import dev.simul.tls.SslContext
import dev.simul.transports.Protocol
import dev.simul.transports.Transport
import java.io.File
import java.nio.ByteBuffer
import java.nio.file.Path
import dev.simul.run as runLoop

/** Echoes without a copy: the bytes are sent out of the buffer that they were received in. */
private class BorrowingEcho : Protocol {
    private lateinit var transport: Transport

    override fun connectionMade(transport: Transport) {
        this.transport = transport
    }

    override fun dataReceived(data: ByteBuffer): Unit = transport.write(data)
}

/** Echoes with arrays, as a protocol in Python does with its bytes. */
private class CopyingEcho : Protocol {
    private lateinit var transport: Transport

    override fun connectionMade(transport: Transport) {
        this.transport = transport
    }

    override fun dataReceived(data: ByteArray): Unit = transport.write(data)
}

private suspend fun borrowingStreams(
    port: Int,
    options: ServerOptions,
): Server =
    startServer("127.0.0.1", port, LIMIT, options) { reader, writer ->
        val buffer = ByteBuffer.allocateDirect(ECHO_BUFFER)
        while (reader.read(buffer) >= 0) {
            writer.write(buffer.flip())
            writer.drain()
            buffer.clear()
        }
        writer.close()
    }

private suspend fun copyingStreams(
    port: Int,
    options: ServerOptions,
): Server =
    startServer("127.0.0.1", port, LIMIT, options) { reader, writer ->
        while (true) {
            val data = reader.read(ECHO_BUFFER)
            if (data.isEmpty()) break
            writer.write(data)
            writer.drain()
        }
        writer.close()
    }

private fun serverContext(
    certificate: Path,
    key: Path,
) = SslContext.createDefaultContext(Purpose.CLIENT_AUTH).withCertChain(certificate, key)

private const val LIMIT = 1 shl 18
private const val KINDS = "bare, protocol, protocol-bytes, streams, streams-bytes, netty, netty-on-loop, ktor-network or virtual"

/** `EchoServer KIND PORT [CERTIFICATE KEY]`: echoes on the loopback interface until it is stopped, over TLS if there is a certificate. */
internal fun main(args: Array<String>) {
    val port = args[1].toInt()
    when (args[0]) {
        "bare" -> BareEcho(port).serveForever()
        "virtual" -> echoOnVirtualThreads(port)
        "ktor-network" -> return echoByKtorNetwork(port)
        "netty" -> return serveByNetty(port, args.getOrNull(2)?.let(::File), args.getOrNull(3)?.let(::File))
    }
    val options = ServerOptions(ssl = if (args.size < 4) null else serverContext(Path.of(args[2]), Path.of(args[3])), backlog = 1_024)
    runLoop {
        if (args[0] == "netty-on-loop") await(serveByNettyOnLoop(port).closeFuture())
        val server =
            when (args[0]) {
                "protocol" -> getRunningLoop().createServer("127.0.0.1", port, options) { BorrowingEcho() }
                "protocol-bytes" -> getRunningLoop().createServer("127.0.0.1", port, options) { CopyingEcho() }
                "streams" -> borrowingStreams(port, options)
                "streams-bytes" -> copyingStreams(port, options)
                else -> error("${args[0]} is no kind of echo server: $KINDS")
            }
        server.serveForever()
    }
}
