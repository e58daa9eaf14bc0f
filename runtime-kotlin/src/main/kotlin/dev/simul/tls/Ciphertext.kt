// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import dev.simul.transports.BufferPool
import java.nio.ByteBuffer

/**
 * Received bytes that are not deciphered yet. While they are read, they are in a buffer of the loop's pool; the rest, usually the beginning
 * of a record, is then kept in an array of its size.
 */
internal class Ciphertext(
    private val pool: BufferPool,
) {
    private var kept = NOTHING
    private var taken: ByteBuffer? = null
    private var isFilling = false

    /** Adds [data], before anything was received. */
    fun add(data: ByteBuffer) {
        kept = ByteBuffer.allocate(data.remaining()).put(data).flip()
    }

    /** The buffer to receive more of them in. */
    fun toFill(): ByteBuffer {
        if (!isFilling) {
            returnBuffer()
            taken = roomy().put(kept)
            kept = NOTHING
            isFilling = true
        }
        return taken!!
    }

    private fun roomy() =
        if (kept.remaining() <= BufferPool.SIZE / 2) pool.take() else ByteBuffer.allocate(kept.remaining() + BufferPool.SIZE)

    /** All of them; reading some moves the position. */
    fun bytes(): ByteBuffer {
        if (isFilling) taken!!.flip()
        isFilling = false
        return taken ?: kept
    }

    fun isEmpty(): Boolean = !bytes().hasRemaining()

    /** Returns the pool's buffer, since nothing reads them for now; the rest is kept. */
    fun returnBuffer() {
        val rest = bytes()
        val taken = taken ?: return
        kept = if (rest.hasRemaining()) ByteBuffer.allocate(rest.remaining()).put(rest).flip() else NOTHING
        pool.give(taken)
        this.taken = null
    }

    fun clear() {
        bytes().run { position(limit()) }
        returnBuffer()
        kept = NOTHING
    }

    private companion object {
        val NOTHING: ByteBuffer = ByteBuffer.allocate(0)
    }
}
