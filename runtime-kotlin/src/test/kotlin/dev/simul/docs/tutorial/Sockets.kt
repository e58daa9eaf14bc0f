// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.tutorial.sockets

import dev.simul.aclosing
import dev.simul.gather
import dev.simul.runLoop
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import java.net.InetSocketAddress

suspend fun shout(
    reader: StreamReader,
    writer: StreamWriter,
) {
    aclosing(writer) {
        for (line in reader) {
            writer.write(line.decodeToString().uppercase().encodeToByteArray())
            writer.drain()
        }
    }
}

suspend fun ask(
    port: Int,
    question: String,
): String {
    val (reader, writer) = openConnection("127.0.0.1", port)
    return aclosing(writer) {
        writer.write("$question\n".encodeToByteArray())
        reader.readline().decodeToString().trim()
    }
}

fun main() {
    runLoop {
        val server = startServer("127.0.0.1", 0) { reader, writer -> shout(reader, writer) }
        aclosing(server) {
            val port = (server.addresses.single() as InetSocketAddress).port
            println(gather({ ask(port, "hello") }, { ask(port, "how are you?") }).await())
        }
    }
}
