// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createFuture
import dev.simul.loop.getRunningLoop
import dev.simul.net.createDatagramEndpoint
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.transports.DatagramProtocol
import dev.simul.transports.DatagramTransport
import java.net.InetSocketAddress
import java.net.SocketAddress

/** A host with a server on port 80; whatever [serve] does, the connection is closed in the end. */
internal fun Simulation.server(
    name: String = "server",
    serve: suspend (StreamReader, StreamWriter) -> Unit,
): Host =
    host(name) {
        startServer(name, 80) { reader, writer -> closing(writer) { serve(reader, writer) } }.serveForever()
    }

/** Connects to port 80 of [name], and closes the connection in the end. */
internal suspend fun <R> connected(
    name: String = "server",
    talk: suspend (StreamReader, StreamWriter) -> R,
): R {
    val (reader, writer) = openConnection(name, 80)
    return closing(writer) { talk(reader, writer) }
}

private suspend fun <R> closing(
    writer: StreamWriter,
    block: suspend () -> R,
): R =
    try {
        block()
    } finally {
        writer.close()
    }

internal fun StreamWriter.say(text: String) = write(text.encodeToByteArray())

internal suspend fun StreamReader.line() = readline().decodeToString().trimEnd()

internal suspend fun StreamReader.hear(length: Int) = readexactly(length).decodeToString()

/** Answers each line with the same line. */
internal suspend fun echo(
    reader: StreamReader,
    writer: StreamWriter,
) {
    while (true) {
        val line = reader.readline()
        if (line.isEmpty()) return
        writer.write(line)
    }
}

/** Notes datagrams. */
internal class Received(
    private val note: (String) -> Unit,
) : DatagramProtocol {
    override fun datagramReceived(
        data: ByteArray,
        addr: SocketAddress,
    ) = note(data.decodeToString())
}

/** A host that notes the datagrams that come to port 53. */
internal fun Simulation.receiver(
    name: String = "receiver",
    note: (String) -> Unit,
): Host =
    host(name) {
        val loop = getRunningLoop()
        val (transport, _) = loop.createDatagramEndpoint(localAddr = InetSocketAddress.createUnresolved(name, 53)) { Received(note) }
        try {
            loop.createFuture<Unit>().await()
        } finally {
            transport.close()
        }
    }

/** An endpoint that is connected to port 53 of [name]. */
internal suspend fun sender(
    name: String = "receiver",
    send: suspend (DatagramTransport) -> Unit,
) {
    val address = InetSocketAddress.createUnresolved(name, 53)
    val (transport, _) = getRunningLoop().createDatagramEndpoint(remoteAddr = address) { Received {} }
    try {
        send(transport)
    } finally {
        transport.close()
    }
}
