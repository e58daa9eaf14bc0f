// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import java.nio.ByteBuffer

/** The bytes that a reader has received and no task has read yet. */
internal class ByteQueue {
    private var bytes = NONE
    private var start = 0
    private var end = 0

    val size: Int get() = end - start

    fun isEmpty(): Boolean = start == end

    fun add(data: ByteBuffer) {
        val count = data.remaining()
        makeRoom(count)
        data.get(bytes, end, count)
        end += count
    }

    /** Puts [data] before all other bytes. */
    fun addFirst(data: ByteBuffer) {
        val later = take(size)
        add(data)
        add(ByteBuffer.wrap(later))
    }

    private fun makeRoom(count: Int) {
        if (bytes.size - end >= count) return
        val needed = Math.addExact(size, count)
        val target = if (needed <= bytes.size) bytes else ByteArray(maxOf(needed, minOf(bytes.size, Int.MAX_VALUE / 2) * 2, SMALLEST))
        bytes.copyInto(target, 0, start, end)
        bytes = target
        end = size
        start = 0
    }

    fun take(count: Int): ByteArray = bytes.copyOfRange(start, start + count).also { drop(count) }

    /** Moves as many bytes into [target] as fit, and returns their number. */
    fun takeInto(target: ByteBuffer): Int {
        val count = minOf(size, target.remaining())
        target.put(bytes, start, count)
        drop(count)
        return count
    }

    fun drop(count: Int) {
        start += count
        if (start < end) return
        start = 0
        end = 0
        if (bytes.size > LARGEST_KEPT) bytes = NONE
    }

    /** The index of the first [separator] at or after [from], or -1. */
    fun indexOf(
        separator: ByteArray,
        from: Int,
    ): Int {
        val first = separator[0]
        for (i in start + from..end - separator.size) {
            if (bytes[i] == first && matches(separator, i)) return i - start
        }
        return -1
    }

    private fun matches(
        separator: ByteArray,
        at: Int,
    ): Boolean {
        for (i in separator.indices) if (bytes[at + i] != separator[i]) return false
        return true
    }

    private companion object {
        val NONE = ByteArray(0)
        const val SMALLEST = 1024

        /** An idle connection holds no more than this. */
        const val LARGEST_KEPT = 16 * 1024
    }
}
