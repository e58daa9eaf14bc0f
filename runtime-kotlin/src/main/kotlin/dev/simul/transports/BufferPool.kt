// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import java.nio.ByteBuffer

/** Buffers of a loop that its connections take for the length of a callback, one inside another if need be. */
internal class BufferPool private constructor() {
    private val free = ArrayList<ByteBuffer>()

    /** A buffer that is empty, and the caller's until it is given back. */
    fun take(): ByteBuffer = if (free.isEmpty()) ByteBuffer.allocateDirect(SIZE) else free.removeAt(free.lastIndex).clear()

    /** Takes back [buffer], which nobody uses now. */
    fun give(buffer: ByteBuffer) {
        if (buffer.capacity() == SIZE && buffer.isDirect && free.size < MOST_KEPT) free.add(buffer)
    }

    inline fun <R> use(block: (ByteBuffer) -> R): R {
        val buffer = take()
        try {
            return block(buffer)
        } finally {
            give(buffer)
        }
    }

    companion object {
        /** In bytes. */
        const val SIZE = 256 * 1024
        private const val MOST_KEPT = 8
        private val of = LoopLocal { BufferPool() }

        operator fun get(loop: EventLoop): BufferPool = of[loop]
    }
}
