// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import java.nio.ByteBuffer

/**
 * Direct buffers of a loop, which its connections take for the length of a callback, one inside another if need be.
 *
 * The system reads and writes direct memory alone; for any other the JDK would keep a copy of its own in each thread. A buffer that is
 * taken, or borrowed, is nobody else's until it is given back: so nothing that runs meanwhile can overwrite it.
 */
internal class BufferPool private constructor() {
    private val free = ArrayList<ByteBuffer>()

    /** What was borrowed in the present [lending]; [NOTHING] if that has not happened yet, null if there is no lending. */
    private var lent: ByteBuffer? = null

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

    /** Does [receive], with a buffer for whoever borrows one meanwhile: that is given back when it is over. */
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

    /** A buffer, empty, until the [lending] is over around this; one of the borrower's own if there is none, or it has lent its buffer. */
    fun borrow(): ByteBuffer = if (lent === NOTHING) take().also { lent = it } else ByteBuffer.allocate(SMALL_SIZE)

    companion object {
        /** In bytes: what is received or sent at once. */
        const val SIZE = 256 * 1024

        private const val SMALL_SIZE = 64 * 1024
        private const val MOST_KEPT = 8
        private val NOTHING: ByteBuffer = ByteBuffer.allocate(0)
        private val of = LoopLocal { BufferPool() }

        operator fun get(loop: EventLoop): BufferPool = of[loop]
    }
}

/** Puts as many bytes of [source] as there is room for. */
internal fun ByteBuffer.putSome(source: ByteBuffer) {
    val limit = source.limit()
    if (source.remaining() > remaining()) source.limit(source.position() + remaining())
    put(source)
    source.limit(limit)
}
