// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import java.nio.ByteBuffer

/**
 * Direct buffers of a loop, which its connections take for the duration of a callback; takes may nest.
 *
 * The system reads and writes direct memory only; for other buffers the JDK would keep a copy in each thread. A buffer that is taken or
 * borrowed belongs to one user until it is returned: nothing that runs meanwhile can overwrite it.
 */
internal class BufferPool private constructor() {
    private val free = ArrayList<ByteBuffer>()

    /** The buffer borrowed in the current [lending]; [NOTHING] if none was borrowed yet, null if there is no lending. */
    private var lent: ByteBuffer? = null

    /** An empty buffer, which belongs to the caller until [give]. */
    fun take(): ByteBuffer = if (free.isEmpty()) ByteBuffer.allocateDirect(SIZE) else free.removeAt(free.lastIndex).clear()

    /** Takes back [buffer], which is no longer used. */
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

    /** Runs [receive]; a buffer that is borrowed meanwhile is given back at its end. */
    inline fun <R> lending(receive: () -> R): R {
        val outer = lent
        lent = NOTHING
        try {
            return receive()
        } finally {
            give(lent!!)
            lent = outer
        }
    }

    /** An empty buffer, valid until the surrounding [lending] ends; a new one if there is no lending, or its buffer is already borrowed. */
    fun borrow(): ByteBuffer = if (lent === NOTHING) take().also { lent = it } else ByteBuffer.allocate(SMALL_SIZE)

    companion object {
        /** In bytes: the most that is received or sent at once. */
        const val SIZE = 256 * 1024

        private const val SMALL_SIZE = 64 * 1024
        private const val MOST_KEPT = 8
        private val NOTHING: ByteBuffer = ByteBuffer.allocate(0)
        private val of = LoopLocal { BufferPool() }

        operator fun get(loop: EventLoop): BufferPool = of[loop]
    }
}

/** Copies as many bytes of [source] as fit. */
internal fun ByteBuffer.putSome(source: ByteBuffer) {
    val limit = source.limit()
    if (source.remaining() > remaining()) source.limit(source.position() + remaining())
    put(source)
    source.limit(limit)
}
