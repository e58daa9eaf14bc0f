// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import java.nio.BufferUnderflowException
import java.nio.ByteBuffer
import javax.net.ssl.SSLHandshakeException

/** What a client says first: which server it is looking for, and much that is left to the engine. */
internal class ClientHello private constructor(
    /** Any bytes, one a character; null if it does not say. */
    val serverName: String?,
) {
    /**
     * The name of a host that the client is looking for; null if it does not say.
     *
     * @throws SSLHandshakeException if what it says is not such a name, as RFC 6066 wants it: ASCII, without a dot at its end. Underscores
     *   are no letters, but are used.
     */
    fun hostName(): String? {
        val name = serverName ?: return null
        if (name.length <= LONGEST_NAME && name.split('.').all { it.matches(LABEL) }) return name
        throw SSLHandshakeException("the client asks for a server whose name is not a host name: \"${name.printable()}\"")
    }

    /** Nothing in it moves a cursor, or begins a new line in a log. */
    private fun String.printable() = take(LONGEST_NAME).map { if (it in ' '..'~') "$it" else "\\x%02x".format(it.code) }.joinToString("")

    companion object {
        /** Reads it off the beginning of [input], which stays as it is. Returns null if more of it has to come. */
        fun peek(input: ByteBuffer): ClientHello? {
            val message = assemble(input.duplicate()) ?: return null
            // What cannot be understood is for the engine to complain about.
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

        /** The body of the message, put together from as many records as it lies in; empty if it is something else. */
        private fun assemble(input: ByteBuffer): ByteBuffer? {
            val message = ByteBuffer.allocate(LARGEST)
            while (true) {
                if (input.remaining() < RECORD_HEADER) return null
                if (input.get() != HANDSHAKE) return NOTHING
                input.getShort()
                val length = input.getShort().toInt() and 0xffff
                // Any number of empty ones could come.
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

        /** Of each kind there can be one, and there is one kind; a list of something else is for the engine to refuse. */
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

        /** In bytes, as the DNS has it. */
        private const val LONGEST_NAME = 253
        private val LABEL = Regex("[A-Za-z0-9_-]{1,63}")
    }
}
