// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

import dev.simul.demo.LOOPBACK
import java.io.ByteArrayOutputStream
import java.net.Socket

/** Somebody at the other end of a connection to a server at [port] of this machine. */
internal class TcpClient(
    port: Int,
) : AutoCloseable {
    private val socket = Socket(LOOPBACK, port).apply { soTimeout = 60_000 }
    private val input = socket.getInputStream().buffered()

    /** As the server names it. */
    val name: String = "('$LOOPBACK', ${socket.localPort})"

    fun send(bytes: ByteArray) = socket.getOutputStream().write(bytes)

    /** Sends a line, and returns what comes up to the next prompt. */
    fun ask(line: String): String {
        send("$line\r\n".encodeToByteArray())
        return untilPrompt()
    }

    /** What comes up to the next prompt. */
    fun untilPrompt(): String {
        val received = ByteArrayOutputStream()
        var end = 0
        while (end != PROMPT) {
            val byte = input.read()
            check(byte >= 0) { "the server has hung up, having said: $received" }
            received.write(byte)
            end = end shl 8 and 0xffffff or byte
        }
        return received.toByteArray().decodeToString().removeSuffix("?> ")
    }

    /** Whether the server hangs up without another word. */
    fun isHungUp(): Boolean = input.read() < 0

    override fun close() = socket.close()

    private companion object {
        /** The bytes of `?> `. */
        const val PROMPT = 0x3f3e20
    }
}
