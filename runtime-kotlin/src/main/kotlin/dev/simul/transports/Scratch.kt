// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.LoopLocal
import java.nio.ByteBuffer

/**
 * A direct buffer that the transports of a loop share, since each needs one only for the length of a callback.
 *
 * The system reads and writes direct memory alone; for any other the JDK would keep a copy of its own in each thread.
 */
internal class Scratch private constructor() {
    private var buffer: ByteBuffer? = null

    /** Lends the buffer, empty, to [block]; a use inside another one gets a buffer of its own. */
    inline fun <R> use(block: (ByteBuffer) -> R): R {
        val buffer = buffer?.clear() ?: ByteBuffer.allocateDirect(SIZE)
        this.buffer = null
        try {
            return block(buffer)
        } finally {
            this.buffer = buffer
        }
    }

    /** The buffer, empty, until anything else runs on the loop. */
    fun borrow(): ByteBuffer = buffer?.clear() ?: ByteBuffer.allocateDirect(SIZE).also { buffer = it }

    companion object {
        /** In bytes: what is received at once. */
        const val SIZE = 256 * 1024

        /** For what is received. */
        val incoming = LoopLocal { Scratch() }

        /** For what is sent: it may be sent out of a buffer of [incoming]. */
        val outgoing = LoopLocal { Scratch() }
    }
}

/** Puts as many bytes of [source] as there is room for. */
internal fun ByteBuffer.putSome(source: ByteBuffer) {
    val limit = source.limit()
    if (source.remaining() > remaining()) source.limit(source.position() + remaining())
    put(source)
    source.limit(limit)
}
