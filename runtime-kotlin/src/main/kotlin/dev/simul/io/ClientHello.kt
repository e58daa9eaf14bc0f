package dev.simul.io

import java.nio.BufferUnderflowException
import java.nio.ByteBuffer

/** What a client says first: which server it is looking for, and much that is left to the engine. */
internal class ClientHello private constructor(
    /** Null if it does not say. */
    val serverName: String?,
) {
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
                if (type == SERVER_NAME) return readFirstName()
                skip(length)
            }
            return null
        }

        private fun ByteBuffer.readFirstName(): String? {
            skip(2)
            if (get() != HOST_NAME) return null
            val name = ByteArray(getShort().toInt() and 0xffff)
            get(name)
            return name.toString(Charsets.US_ASCII)
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
    }
}
