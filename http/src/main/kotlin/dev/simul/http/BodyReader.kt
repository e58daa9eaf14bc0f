// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer

/**
 * The body of a message, as it arrives. One task reads at a time; what nobody reads makes the peer wait.
 *
 * A client's task that is cancelled while reading closes the connection.
 */
public class BodyReader internal constructor(
    private val incoming: Incoming<*>,
    private val events: BodyEvents = BodyEvents.NONE,
) {
    private val decoder = incoming.bodyDecoder

    /** Whether the body was read to its end. */
    public val isDone: Boolean get() = decoder.isDone

    /** How many bytes are still to come; null if that is not known. */
    public val bytesLeft: Long? get() = decoder.bytesLeft.takeIf { it >= 0 }

    /** The fields that followed a body in chunks; there are none before its end. */
    public val trailers: Headers get() = decoder.trailers

    /**
     * Reads bytes into [buffer]: those already received or, after a wait, the next to arrive.
     *
     * @return how many; -1 at the end of the body.
     * @throws HttpException if the body is malformed, exceeds a limit, or is cut short.
     * @throws java.net.SocketTimeoutException if nothing arrives for longer than a time that was set.
     * @throws java.io.IOException if the connection is lost.
     */
    public suspend fun read(buffer: ByteBuffer): Int {
        if (isDone) return -1
        if (!buffer.hasRemaining()) return 0
        events.beforeRead()
        val count =
            try {
                incoming.read(buffer)
            } catch (e: Throwable) {
                events.failed()
                throw e
            }
        if (isDone) events.done()
        return count
    }

    /**
     * Reads bytes that have been received into [buffer], without a wait.
     *
     * @return how many, 0 if there are none yet; -1 at the end of the body.
     * @throws HttpException if the body is malformed, exceeds a limit, or is cut short.
     * @throws java.net.SocketTimeoutException if nothing has arrived for longer than a time that was set.
     * @throws java.io.IOException if the connection is lost.
     */
    public fun readAvailable(buffer: ByteBuffer): Int {
        if (isDone) return -1
        if (!buffer.hasRemaining()) return 0
        val count =
            try {
                incoming.readAvailable(buffer)
            } catch (e: Throwable) {
                events.failed()
                throw e
            }
        if (isDone) events.done()
        return count
    }

    /** Waits until [readAvailable] may find something: bytes, the end, a failure. Cancelling the wait changes nothing. */
    public suspend fun awaitAvailable() {
        if (isDone) return
        events.beforeRead()
        incoming.awaitAvailable()
    }

    /** Reads the body to its end. The limits say how long it may be; see [HttpLimits.body]. Throws as the other [read] does. */
    public suspend fun read(): ByteArray {
        val length = decoder.bytesLeft
        if (length in 0..LONGEST_AT_ONCE) return readExactly(length.toInt())
        val all = ByteArrayOutputStream()
        val part = ByteBuffer.allocate(PART)
        while (read(part.clear()) >= 0) all.write(part.array(), 0, part.position())
        return all.toByteArray()
    }

    private suspend fun readExactly(length: Int): ByteArray {
        if (length == 0) return NOTHING
        val all = ByteBuffer.allocate(length)
        while (all.hasRemaining()) read(all)
        return all.array()
    }

    private companion object {
        val NOTHING = ByteArray(0)
        const val PART = 8 * 1024

        /** In bytes: an announced length is taken at its word up to here. */
        const val LONGEST_AT_ONCE = 1024L * 1024
    }
}

/** What the owner of a connection does when a body is read. */
internal interface BodyEvents {
    fun beforeRead() {}

    /** The body was read to its end: called once. */
    fun done() {}

    /** Reading failed, or was cancelled. */
    fun failed() {}

    companion object {
        val NONE = object : BodyEvents {}
    }
}
