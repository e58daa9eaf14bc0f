// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import dev.simul.transports.BufferPool
import java.nio.ByteBuffer

/**
 * Bytes that have come and are not understood yet. They lie in a buffer of the loop's while they are looked at; what is left of
 * them after that, the beginning of a record mostly, in an array of its size.
 */
internal class Ciphertext(
    private val pool: BufferPool,
) {
    private var kept = NOTHING
    private var taken: ByteBuffer? = null
    private var isFilling = false

    /** Adds [data], before anything has come. */
    fun add(data: ByteBuffer) {
        kept = ByteBuffer.allocate(data.remaining()).put(data).flip()
    }

    /** Where more of them are to go. */
    fun toFill(): ByteBuffer {
        if (!isFilling) {
            settle()
            taken = roomy().put(kept)
            kept = NOTHING
            isFilling = true
        }
        return taken!!
    }

    private fun roomy() =
        if (kept.remaining() <= BufferPool.SIZE / 2) pool.take() else ByteBuffer.allocate(kept.remaining() + BufferPool.SIZE)

    /** All of them; who reads some moves the position. */
    fun bytes(): ByteBuffer {
        if (isFilling) taken!!.flip()
        isFilling = false
        return taken ?: kept
    }

    fun isEmpty(): Boolean = !bytes().hasRemaining()

    /** Nobody looks at them for now. */
    fun settle() {
        val rest = bytes()
        val taken = taken ?: return
        kept = if (rest.hasRemaining()) ByteBuffer.allocate(rest.remaining()).put(rest).flip() else NOTHING
        pool.give(taken)
        this.taken = null
    }

    fun clear() {
        bytes().run { position(limit()) }
        settle()
        kept = NOTHING
    }

    private companion object {
        val NOTHING: ByteBuffer = ByteBuffer.allocate(0)
    }
}
