package dev.simul.demo

import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.SocketException
import kotlin.concurrent.thread

/** A server that answers each request for a path by the bytes that [answer] gives, and closes the connection then. */
internal class RawServer(
    private val answer: (path: String) -> ByteArray,
) : AutoCloseable {
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
        if (head.isNotEmpty()) connection.outputStream.write(answer(head.first().split(" ")[1]))
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
