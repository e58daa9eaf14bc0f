// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.nio.ByteBuffer

/** The body of a message, sent piece by piece. */
public class BodyWriter internal constructor(
    private val outgoing: Outgoing,
    private val framing: BodyFraming,
) {
    /** How many bytes of the length that was announced are still to be written. */
    private var left = (framing as? BodyFraming.Length)?.bytes ?: 0

    /** Whether the body is complete. */
    internal var isDone: Boolean = false
        private set

    /**
     * Sends [content], and waits while too many bytes are unsent. Large content goes in pieces, so that little of it is copied for a slow peer;
     * if the wait is cancelled, the rest of it is not sent, and is left in [content].
     *
     * @throws IllegalStateException if that is more than the length that was announced, or after [finish].
     * @throws java.io.IOException if the connection is lost.
     */
    public suspend fun write(content: ByteBuffer) {
        if (content.remaining() > PIECE) writePieces(content)
        send(content)
        drain()
    }

    /** Leaves the last piece in [content]. */
    private suspend fun writePieces(content: ByteBuffer) {
        check(content)
        val end = content.limit()
        try {
            while (end - content.position() > PIECE) {
                send(content.limit(content.position() + PIECE))
                drain()
                content.limit(end)
            }
        } finally {
            content.limit(end)
        }
    }

    /** As [write], without waiting. */
    internal fun send(content: ByteBuffer) {
        check(content)
        when (framing) {
            BodyFraming.None -> content.position(content.limit())
            BodyFraming.Chunked -> outgoing.sendChunk(content)
            else -> {
                if (framing is BodyFraming.Length) left -= content.remaining()
                outgoing.write(content)
            }
        }
    }

    private fun check(content: ByteBuffer) {
        check(!isDone) { "the body is finished: write before finish()" }
        check(framing !is BodyFraming.Length || content.remaining() <= left) {
            "the body is longer than the Content-Length: ${content.remaining()} bytes after all but $left"
        }
    }

    /** Waits while too many bytes are unsent. */
    internal suspend fun drain(): Unit = outgoing.drain()

    /**
     * Ends the body. What goes until the connection ends, such as that of an upgraded connection, ends its sending direction, unless that is
     * one of TLS.
     *
     * @param trailers fields that follow a body in chunks. They are dropped where there are no chunks because the client speaks HTTP/1.0 or
     *   asked for no body.
     * @throws IllegalStateException if less was written than the length that was announced, or if there are trailers after such a body.
     */
    public fun finish(trailers: Headers = Headers.EMPTY) {
        if (isDone) return
        check(left == 0L) { "the body is shorter than the Content-Length: $left bytes are missing" }
        check(trailers.size == 0 || framing !is BodyFraming.Length) { "trailers can follow a body in chunks only: announce no length" }
        isDone = true
        when (framing) {
            BodyFraming.Chunked -> outgoing.sendLastChunk(trailers)
            BodyFraming.UntilClose -> outgoing.end()
            else -> Unit
        }
    }

    internal companion object {
        /** In bytes: the most that is sent at once; what a transport does not take of it, it copies. */
        const val PIECE = 256 * 1024
    }
}
