// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import java.nio.ByteBuffer

/** Copies of bytes that were written and could not be sent yet. */
internal class Backlog(
    private val smallestChunk: Int = SMALLEST_CHUNK,
) {
    private val chunks = ArrayDeque<ByteBuffer>()

    /** The free part of the last chunk; its position is where the next byte goes. */
    private var room: ByteBuffer? = null

    /** The number of bytes. */
    var size: Int = 0
        private set

    fun isEmpty(): Boolean = size == 0

    fun add(data: ByteBuffer) {
        size = Math.addExact(size, data.remaining())
        val room = room
        if (room != null && room.remaining() >= data.remaining()) {
            room.put(data)
            chunks.last().limit(room.position())
        } else {
            addChunk(data)
        }
    }

    private fun addChunk(data: ByteBuffer) {
        val chunk = ByteBuffer.allocate(maxOf(data.remaining(), smallestChunk))
        chunks.addLast(chunk.duplicate().limit(data.remaining()))
        room = chunk.put(data)
    }

    /** Sends as many bytes as [transport] takes, through [buffer]. */
    fun sendTo(
        transport: SendingTransport,
        buffer: ByteBuffer,
    ) {
        do {
            buffer.clear()
            for (chunk in chunks) {
                if (!buffer.hasRemaining()) break
                buffer.putSome(chunk.duplicate())
            }
            buffer.flip()
            drop(transport.send(buffer))
        } while (!buffer.hasRemaining() && size > 0)
    }

    /** The first contiguous bytes. The backlog must not be empty. */
    fun first(): ByteBuffer = chunks.first().duplicate()

    /** Drops the first [count] bytes, which were sent. */
    fun drop(count: Int) {
        size -= count
        var left = count
        while (left > 0) {
            val chunk = chunks.first()
            val taken = minOf(left, chunk.remaining())
            chunk.position(chunk.position() + taken)
            left -= taken
            if (!chunk.hasRemaining()) chunks.removeFirst()
        }
        if (size == 0) clear()
    }

    fun clear() {
        chunks.clear()
        room = null
        size = 0
    }

    private companion object {
        const val SMALLEST_CHUNK = 16 * 1024
    }
}
