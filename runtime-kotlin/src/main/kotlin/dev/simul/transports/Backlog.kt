// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import java.nio.ByteBuffer

/** Bytes that were written and could not be sent yet, in copies of its own. */
internal class Backlog(
    private val smallestChunk: Int = SMALLEST_CHUNK,
) {
    private val chunks = ArrayDeque<ByteBuffer>()

    /** What is free in the last chunk; its position is where the next byte goes. */
    private var room: ByteBuffer? = null

    /** In bytes. */
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

    /** Sends what [transport] takes, by way of [buffer]. */
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

    /** The first bytes, as many as lie together. There must be some. */
    fun first(): ByteBuffer = chunks.first().duplicate()

    /** Forgets the first [count] bytes, which are sent. */
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
