// SPDX-License-Identifier: Apache-2.0
package dev.simul.peers

import dev.simul.net.Server
import dev.simul.streams.IncompleteReadException
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.startServer
import java.io.ByteArrayOutputStream

/**
 * A request or a response of HTTP/1.1, as much of it as the tests need.
 *
 * @property start the first line.
 * @property headers by their names in lower case.
 */
class HttpMessage(
    val start: String,
    val headers: Map<String, String> = emptyMap(),
    val body: ByteArray = ByteArray(0),
) {
    /** What was asked for. */
    val target: String get() = start.split(" ")[1]

    /** How it was answered. */
    val status: Int get() = start.split(" ")[1].toInt()

    val text: String get() = body.decodeToString()

    override fun toString(): String = "$start $headers and ${body.size} bytes"
}

/**
 * Reads a message; null at the end of the stream.
 *
 * @param hasBody whether what comes has one; without a length it goes to the end of the stream, if it is a response.
 * @param beforeBody is called with the message but for its body.
 */
suspend fun StreamReader.readHttp(
    hasBody: Boolean = true,
    beforeBody: suspend (HttpMessage) -> Unit = {},
): HttpMessage? {
    val head =
        try {
            readuntil("\r\n\r\n".encodeToByteArray()).decodeToString().removeSuffix("\r\n\r\n").split("\r\n")
        } catch (e: IncompleteReadException) {
            if (e.partial.isEmpty()) return null
            throw e
        }
    val headers = head.drop(1).associate { it.substringBefore(":").lowercase() to it.substringAfter(":").trim() }
    beforeBody(HttpMessage(head[0], headers))
    val length = headers["content-length"]
    val body =
        when {
            !hasBody -> ByteArray(0)
            headers["transfer-encoding"] == "chunked" -> readChunks()
            length != null -> readexactly(length.toInt())
            head[0].startsWith("HTTP/") -> read()
            else -> ByteArray(0)
        }
    return HttpMessage(head[0], headers, body)
}

private suspend fun StreamReader.readChunks(): ByteArray {
    val all = ByteArrayOutputStream()
    do {
        val size = readline().decodeToString().substringBefore(";").trim().toInt(16)
        all.write(readexactly(size))
        check(readline().decodeToString() == "\r\n") { "no line ends the chunk of $size bytes" }
    } while (size > 0)
    return all.toByteArray()
}

/** Writes [message], in parts; it gets a length, unless it is [chunked]. */
suspend fun StreamWriter.writeHttp(
    message: HttpMessage,
    chunked: Boolean = false,
) {
    val framing = if (chunked) "transfer-encoding" to "chunked" else "content-length" to "${message.body.size}"
    val head = listOf(message.start) + (message.headers + framing).map { (name, value) -> "$name: $value" }
    write((head.joinToString("\r\n") + "\r\n\r\n").encodeToByteArray())
    for (start in message.body.indices step PART) {
        val part = message.body.copyOfRange(start, minOf(message.body.size, start + PART))
        if (chunked) write("${part.size.toString(16)}\r\n".encodeToByteArray())
        write(part)
        if (chunked) write("\r\n".encodeToByteArray())
        drain()
    }
    if (chunked) write("0\r\n\r\n".encodeToByteArray())
    drain()
}

private const val PART = 50_000

/**
 * Serves HTTP at a free port of the loopback interface, with [answer] to each request; a connection is kept as long as the client
 * likes. `100 Continue` is said to whoever expects that.
 *
 * @param chunked whether it answers in chunks.
 */
suspend fun startHttpServer(
    chunked: Boolean = false,
    answer: suspend (HttpMessage) -> HttpMessage,
): Server =
    startServer(LOOPBACK, 0) { reader, writer ->
        while (true) {
            val request =
                reader.readHttp { head ->
                    if (head.headers["expect"] == "100-continue") writer.write("HTTP/1.1 100 Continue\r\n\r\n".encodeToByteArray())
                } ?: break
            writer.writeHttp(answer(request), chunked)
            if (request.headers["connection"] == "close") break
        }
        writer.close()
    }
