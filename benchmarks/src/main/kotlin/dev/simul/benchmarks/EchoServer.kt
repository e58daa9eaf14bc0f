// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import dev.simul.loop.getRunningLoop
import dev.simul.net.Server
import dev.simul.net.createServer
import dev.simul.netty.await
import dev.simul.streams.startServer
import dev.simul.transports.Protocol
import dev.simul.transports.Transport
import java.nio.ByteBuffer
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

private suspend fun borrowingStreams(port: Int): Server =
    startServer("127.0.0.1", port, LIMIT) { reader, writer ->
        val buffer = ByteBuffer.allocateDirect(LIMIT)
        while (reader.read(buffer) >= 0) {
            writer.write(buffer.flip())
            writer.drain()
            buffer.clear()
        }
        writer.close()
    }

private suspend fun copyingStreams(port: Int): Server =
    startServer("127.0.0.1", port, LIMIT) { reader, writer ->
        while (true) {
            val data = reader.read(LIMIT)
            if (data.isEmpty()) break
            writer.write(data)
            writer.drain()
        }
        writer.close()
    }

private const val LIMIT = 1 shl 18
private const val KINDS = "bare, protocol, protocol-bytes, streams, streams-bytes, netty or netty-on-loop"

/** `EchoServer KIND PORT`: echoes on the loopback interface until it is stopped. */
internal fun main(args: Array<String>) {
    val port = args[1].toInt()
    if (args[0] == "bare") BareEcho(port).serveForever()
    if (args[0] == "netty") return serveByNetty(port)
    runLoop {
        if (args[0] == "netty-on-loop") await(serveByNettyOnLoop(port).closeFuture())
        val server =
            when (args[0]) {
                "protocol" -> getRunningLoop().createServer("127.0.0.1", port) { BorrowingEcho() }
                "protocol-bytes" -> getRunningLoop().createServer("127.0.0.1", port) { CopyingEcho() }
                "streams" -> borrowingStreams(port)
                "streams-bytes" -> copyingStreams(port)
                else -> error("${args[0]} is no kind of echo server: $KINDS")
            }
        server.serveForever()
    }
}
