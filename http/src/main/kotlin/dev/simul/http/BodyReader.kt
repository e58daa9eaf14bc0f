// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import kotlinx.coroutines.CancellationException
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer

/**
 * The body of a message, as it arrives. One task reads at a time; what nobody reads makes the peer wait.
 *
 * If a server's task is cancelled while reading, nothing is lost: the next read gets what arrived meanwhile. A client's closes the
 * connection.
 */
public class BodyReader internal constructor(
    private val incoming: Incoming<*>,
    private val events: BodyEvents = BodyEvents.NONE,
) {
    private val decoder = incoming.bodyDecoder

    /** Whether the body was read to its end. */
    public val isDone: Boolean get() = incoming.isDone(decoder)

    /** How many bytes are still to come; null if that is not known. */
    public val bytesLeft: Long? get() = incoming.bytesLeft(decoder).takeIf { it >= 0 }

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
        events.checkOpen()
        if (isDone) return -1
        if (!buffer.hasRemaining()) return 0
        events.beforeRead()
        return telling { incoming.read(buffer) }
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
        events.checkOpen()
        if (isDone) return -1
        if (!buffer.hasRemaining()) return 0
        return telling { incoming.readAvailable(buffer) }
    }

    /** Reads by [receive], and tells the connection if that fails, or if it was the last of the body. */
    private inline fun telling(receive: () -> Int): Int {
        val count =
            try {
                receive()
            } catch (e: Throwable) {
                events.failed()
                throw e
            }
        if (isDone) events.done()
        return count
    }

    /** Waits until [readAvailable] may find something: bytes, the end, a failure. Cancelling the wait changes nothing. */
    public suspend fun awaitAvailable() {
        events.checkOpen()
        if (isDone) return
        events.beforeRead()
        incoming.awaitAvailable()
    }

    /** Reads the body to its end. The limits say how long it may be; see [HttpLimits.body]. Throws as the other [read] does. */
    public suspend fun read(): ByteArray {
        val length = incoming.bytesLeft(decoder)
        if (length in 0..LONGEST_AT_ONCE) return readExactly(length.toInt())
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

    private suspend fun readExactly(length: Int): ByteArray {
        events.checkOpen()
        if (isDone) return NOTHING
        val all = ByteBuffer.allocate(length)
        try {
            while (all.hasRemaining()) read(all)
        } catch (e: CancellationException) {
            incoming.giveBack(all.flip())
            throw e
        }
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
    /** Throws if the body must not be read any more. */
    fun checkOpen() {}

    /** Content is to be received. */
    fun beforeRead() {}

    /** The body was read to its end: called once. */
    fun done() {}

    /** Reading failed, or was cancelled. */
    fun failed() {}

    companion object {
        val NONE = object : BodyEvents {}
    }
}
