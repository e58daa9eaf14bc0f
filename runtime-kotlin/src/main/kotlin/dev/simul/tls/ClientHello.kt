// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import java.nio.BufferUnderflowException
import java.nio.ByteBuffer
import javax.net.ssl.SSLHandshakeException

/** A client's first message: which server it wants, and much that is left to the engine. */
internal class ClientHello private constructor(
    /** Any bytes, one per character; null if the client names no server. */
    val serverName: String?,
) {
    /**
     * The host name that the client asks for; null if it names none.
     *
     * @throws SSLHandshakeException if it is not a host name as in RFC 6066: ASCII, without a dot at its end. Underscores are not letters,
     *   but are in use.
     */
    fun hostName(): String? {
        val name = serverName ?: return null
        if (name.length <= LONGEST_NAME && name.split('.').all { it.matches(LABEL) }) return name
        throw SSLHandshakeException("the client asks for a server whose name is not a host name: \"${name.printable()}\"")
    }

    /** Escapes what could move a cursor, or begin a new line in a log. */
    private fun String.printable() = take(LONGEST_NAME).map { if (it in ' '..'~') "$it" else "\\x%02x".format(it.code) }.joinToString("")

    companion object {
        /** Parses the message at the beginning of [input], which stays unchanged. Returns null if more bytes are needed. */
        fun peek(input: ByteBuffer): ClientHello? {
            val message = assemble(input.duplicate()) ?: return null
            // The engine will report what cannot be parsed here.
            return ClientHello(
                try {
                    message.readServerName()
                } catch (_: BufferUnderflowException) {
                    null
                } catch (_: IllegalArgumentException) {
                    null
                },
            )
        }

        /** The body of the message, assembled from its records; empty if it is something else. */
        private fun assemble(input: ByteBuffer): ByteBuffer? {
            val message = ByteBuffer.allocate(LARGEST)
            while (true) {
                if (input.remaining() < RECORD_HEADER) return null
                if (input.get() != HANDSHAKE) return NOTHING
                input.getShort()
                val length = input.getShort().toInt() and 0xffff
                // Otherwise any number of empty records could come.
                if (length == 0 || length > message.remaining()) return NOTHING
                if (input.remaining() < length) return null
                message.put(input.slice().limit(length))
                input.position(input.position() + length)
                if (message.position() >= MESSAGE_HEADER) {
                    if (message.get(0) != CLIENT_HELLO) return NOTHING
                    val size = message.getInt(0) and 0xffffff
                    if (size > LARGEST - MESSAGE_HEADER) return NOTHING
                    if (message.position() >= MESSAGE_HEADER + size) return message.flip().position(MESSAGE_HEADER)
                }
            }
        }

        private fun ByteBuffer.readServerName(): String? {
            skip(VERSION_AND_RANDOM)
            skip(get().toInt() and 0xff) // session
            skip(getShort().toInt() and 0xffff) // cipher suites
            skip(get().toInt() and 0xff) // compression methods
            skip(2)
            while (hasRemaining()) {
                val type = getShort().toInt()
                val length = getShort().toInt() and 0xffff
                if (type == SERVER_NAME) return slice().limit(length).readOnlyName()
                skip(length)
            }
            return null
        }

        /** There is one name type, and at most one name of it; the engine refuses other lists. */
        private fun ByteBuffer.readOnlyName(): String? {
            if (getShort().toInt() and 0xffff != remaining() || get() != HOST_NAME) return null
            val name = ByteArray(getShort().toInt() and 0xffff)
            get(name)
            return if (hasRemaining()) null else name.toString(Charsets.ISO_8859_1)
        }

        private fun ByteBuffer.skip(count: Int) {
            position(position() + count)
        }

        private val NOTHING: ByteBuffer = ByteBuffer.allocate(0)
        private const val LARGEST = 64 * 1024
        private const val RECORD_HEADER = 5
        private const val MESSAGE_HEADER = 4
        private const val VERSION_AND_RANDOM = 34
        private const val HANDSHAKE: Byte = 22
        private const val CLIENT_HELLO: Byte = 1
        private const val SERVER_NAME = 0
        private const val HOST_NAME: Byte = 0

        /** The DNS's limit, in bytes. */
        private const val LONGEST_NAME = 253
        private val LABEL = Regex("[A-Za-z0-9_-]{1,63}")
    }
}
