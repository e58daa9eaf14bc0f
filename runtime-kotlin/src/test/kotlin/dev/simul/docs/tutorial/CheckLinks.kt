// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.tutorial.checklinks

import dev.simul.aclosing
import dev.simul.exceptions.TimeoutException
import dev.simul.queues.Queue
import dev.simul.queues.QueueShutDown
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.taskGroup
import dev.simul.timeout
import java.net.InetSocketAddress
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** A site: the links on each of its pages. */
val site =
    mapOf(
        "/" to listOf("/guide", "/news"),
        "/guide" to listOf("/", "/guide/start", "/guide/old"),
        "/guide/start" to listOf("/guide"),
        "/news" to listOf("/", "/archive"),
    )

/** Answers one request. */
suspend fun serve(
    reader: StreamReader,
    writer: StreamWriter,
) = aclosing(writer) {
    val path = reader.readuntil("\r\n\r\n".encodeToByteArray()).decodeToString().split(" ")[1]
    if (path == "/archive") sleep(1.hours) // This page hangs.
    val status = if (path in site) "200 OK" else "404 Not Found"
    val page = site[path].orEmpty().joinToString("\n") { "<a href=\"$it\">" }
    writer.write("HTTP/1.0 $status\r\n\r\n$page".encodeToByteArray())
}

/** Checks each page that can be reached from a first one, each once. */
class LinkChecker(
    private val port: Int,
) {
    private val results = sortedMapOf<String, String>()
    private val paths = Queue<String>()

    suspend fun check(first: String): Map<String, String> {
        add(first)
        taskGroup { group ->
            repeat(3) { group.createTask(name = "worker $it") { work() } }
            paths.join() // Until every path is done, also those that were found meanwhile.
            paths.shutdown()
        }
        return results
    }

    private fun add(path: String) {
        if (results.putIfAbsent(path, "?") == null) paths.putNowait(path)
    }

    private suspend fun work() {
        try {
            while (true) {
                val path = paths.get()
                results[path] = visit(path)
                paths.taskDone()
            }
        } catch (_: QueueShutDown) {
            // Nothing is left to do.
        }
    }

    private suspend fun visit(path: String): String =
        try {
            val response = timeout(1.seconds) { fetch(path) }
            Regex("href=\"(.*?)\"").findAll(response).forEach { add(it.groupValues[1]) }
            response.lines().first().substringAfter(" ")
        } catch (_: TimeoutException) {
            "no answer within a second"
        }

    private suspend fun fetch(path: String): String {
        val (reader, writer) = openConnection("127.0.0.1", port)
        return aclosing(writer) {
            writer.write("GET $path HTTP/1.0\r\n\r\n".encodeToByteArray())
            reader.read().decodeToString()
        }
    }
}

fun main() {
    runLoop {
        val server = startServer("127.0.0.1", 0) { reader, writer -> serve(reader, writer) }
        val port = (server.addresses.single() as InetSocketAddress).port
        for ((path, status) in LinkChecker(port).check("/")) println("$path: $status")
        server.shutdown(grace = 100.milliseconds)
    }
}
