// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import kotlinx.coroutines.CancellationException
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer

/**
 * The body of a message, as it arrives. One task reads at a time; what nobody reads makes the peer wait.
 *
 * If a task is cancelled while reading, nothing is lost: the next read gets what arrived meanwhile.
 */
public class BodyReader internal constructor(
    private val incoming: Incoming<*>,
    private val beforeReading: () -> Unit = {},
) {
    /** Whether the body was read to its end. */
    public val isDone: Boolean get() = incoming.isBodyDone

    /** The fields that followed a body in chunks; there are none before its end. */
    public val trailers: Headers get() = incoming.trailers

    /**
     * Reads bytes into [buffer]: those already received or, after a wait, the next to arrive.
     *
     * @return how many; -1 at the end of the body.
     * @throws HttpException if the body is malformed, exceeds a limit, or is cut short.
     * @throws java.io.IOException if the connection is lost.
     */
    public suspend fun read(buffer: ByteBuffer): Int {
        if (isDone) return -1
        if (!buffer.hasRemaining()) return 0
        beforeReading()
        return incoming.read(buffer)
    }

    /** Reads the body to its end. The limits say how long it may be; see [HttpLimits.body]. Throws as the other [read] does. */
    public suspend fun read(): ByteArray {
        if (isDone) return NOTHING
        val all = ByteArrayOutputStream()
        val part = ByteBuffer.allocate(PART)
        try {
            while (read(part.clear()) >= 0) all.write(part.array(), 0, part.position())
        } catch (e: CancellationException) {
            incoming.giveBack(ByteBuffer.wrap(all.toByteArray()))
            throw e
        }
        return all.toByteArray()
    }

    private companion object {
        val NOTHING = ByteArray(0)
        const val PART = 8 * 1024
    }
}
