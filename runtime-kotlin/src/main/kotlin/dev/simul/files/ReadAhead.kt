// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import java.nio.ByteBuffer

/** The bytes of a file that were read and not asked for yet; they follow the file's position. */
internal class ReadAhead {
    private var bytes = NOTHING
    private var start = 0
    private var end = 0

    val size: Int get() = end - start

    fun clear() {
        start = 0
        end = 0
    }

    /** Forgets the memory, too. */
    fun free() {
        clear()
        bytes = NOTHING
    }

    /** The room for [AHEAD] bytes after those that are here, for a thread to read into; then [add] says how many it has read. */
    fun room(): ByteBuffer {
        if (bytes.size - end < AHEAD) makeRoom()
        return ByteBuffer.wrap(bytes, end, AHEAD)
    }

    private fun makeRoom() {
        val roomier = if (bytes.size - size >= AHEAD) bytes else ByteArray(maxOf(AHEAD, 2 * bytes.size))
        bytes.copyInto(roomier, 0, start, end)
        bytes = roomier
        end = size
        start = 0
    }

    fun add(count: Int) {
        end += count
    }

    fun take(count: Int): ByteArray = bytes.copyOfRange(start, start + count).also { start += count }

    fun takeInto(buffer: ByteBuffer): Int {
        val count = minOf(size, buffer.remaining())
        buffer.put(bytes, start, count)
        start += count
        return count
    }

    /** How many bytes there are up to and including a line feed, not looking at the first [from]; -1 if there is none. */
    fun lineLength(from: Int): Int {
        for (i in start + from until end) if (bytes[i] == LINE_FEED) return i - start + 1
        return -1
    }

    companion object {
        /** How many bytes are read at a time, for those who ask for fewer. */
        const val AHEAD = 64 * 1024
        private const val LINE_FEED = '\n'.code.toByte()
        private val NOTHING = ByteArray(0)
    }
}
