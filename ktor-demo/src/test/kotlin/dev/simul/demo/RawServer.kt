// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.SocketException
import kotlin.concurrent.thread

/**
 * A server that answers each request for a path by the bytes that [answer] gives, and closes the connection then.
 *
 * @param endless what it sends after that, again and again for as long as somebody takes it; nothing if it is null.
 */
internal class RawServer private constructor(
    private val endless: ByteArray?,
    private val answer: (path: String) -> ByteArray,
) : AutoCloseable {
    constructor(answer: (path: String) -> ByteArray) : this(endless = null, answer)

    /** Sends [beginning], and [endless] without end. */
    constructor(beginning: String, endless: String) : this(endless.toByteArray(), { beginning.toByteArray() })

    private val socket = ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))
    private val accepting = thread { acceptAll() }

    /** What its URLs begin with. */
    val base: String = "http://127.0.0.1:${socket.localPort}"

    private fun acceptAll() {
        try {
            while (true) socket.accept().use { serve(it) }
        } catch (_: SocketException) {
            // It is closed.
        }
    }

    private fun serve(connection: Socket) {
        val lines = generateSequence(connection.inputStream.bufferedReader()::readLine)
        val head = lines.takeWhile { it.isNotEmpty() }.toList()
        if (head.isEmpty()) return
        val path = head.first().split(" ")[1]
        try {
            connection.outputStream.write(answer(path))
            endless?.let { part -> while (true) connection.outputStream.write(part) }
        } catch (e: SocketException) {
            if (endless == null) throw e // Otherwise it is what the test is after.
        }
    }

    override fun close() {
        socket.close()
        accepting.join()
    }

    companion object {
        /** An answer with that [status] and [body], of which it says that it is [length] bytes long. */
        fun answer(
            status: String,
            body: ByteArray = ByteArray(0),
            headers: String = "",
            length: Int = body.size,
        ): ByteArray = "HTTP/1.1 $status\r\nConnection: close\r\nContent-Length: $length\r\n$headers\r\n".toByteArray() + body
    }
}
