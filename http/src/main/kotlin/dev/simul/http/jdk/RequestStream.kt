// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import java.io.IOException
import java.io.InputStream
import java.nio.ByteBuffer
import java.util.Objects

/** The body of a request. What has arrived is read at once; then a body waits, and a thread that is not the loop's is blocked. */
internal class RequestStream(
    private val exchange: LoopExchange,
) : InputStream() {
    /** What was received for a reader of single bytes. */
    private var ahead: ByteBuffer = ByteBuffer.allocate(0)

    @Volatile
    private var isClosed = false

    override fun read(): Int {
        checkOpen()
        if (!ahead.hasRemaining() && exchange.onLoop { fillAhead() } < 0) return -1
        return ahead.get().toInt() and 0xFF
    }

    override fun read(
        destination: ByteArray,
        offset: Int,
        length: Int,
    ): Int {
        Objects.checkFromIndexSize(offset, length, destination.size)
        checkOpen()
        if (length == 0) return 0
        if (!ahead.hasRemaining()) return exchange.onLoop { receive(ByteBuffer.wrap(destination, offset, length)) }
        return minOf(length, ahead.remaining()).also { ahead.get(destination, offset, it) }
    }

    override fun available(): Int {
        checkOpen()
        if (!ahead.hasRemaining() && exchange.loop.isInLoop) lookAhead { exchange.core.body.readAvailable(it) }
        return ahead.remaining()
    }

    private suspend fun fillAhead(): Int = lookAhead { receive(it) }

    private suspend fun receive(destination: ByteBuffer): Int {
        checkOpen()
        return exchange.core.body.read(destination)
    }

    /** Returns what [receive] says. */
    private inline fun lookAhead(receive: (ByteBuffer) -> Int): Int {
        val buffer = if (ahead.capacity() == 0) ByteBuffer.allocate(AHEAD) else ahead.clear()
        buffer.limit(buffer.capacity())
        try {
            return receive(buffer)
        } finally {
            ahead = buffer.flip()
        }
    }

    private fun checkOpen() {
        if (isClosed) throw IOException("Stream is closed")
        if (exchange.isOver) throw IOException("the exchange has ended: read its body before")
    }

    /** What is left of the body is skipped by the connection, unless that is much. */
    override fun close() {
        isClosed = true
    }

    private companion object {
        const val AHEAD = 8 * 1024
    }
}
