// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.nio.ByteBuffer

/** Takes the content of a body, as it comes. */
public fun interface BodySink {
    /**
     * Takes as many bytes of [content] as it can use, by moving the position. What it leaves is offered again later.
     *
     * The buffer is the one that the bytes were received in: it is valid until this returns.
     */
    public fun take(content: ByteBuffer)
}

/**
 * Finds the content of a body in the bytes that are received, which come in pieces of any size, and where the body ends. It copies nothing.
 * After an exception it must not be used again.
 */
public sealed class BodyDecoder {
    /** Whether the body is complete. What follows belongs to the next message. */
    public abstract val isDone: Boolean

    /** How many bytes of content are to come; -1 if that is not known. */
    internal open val bytesLeft: Long get() = -1

    /** The fields that followed the last chunk. */
    public open val trailers: Headers get() = Headers.EMPTY

    /**
     * Passes the content that is in [source] to [sink], until the body is complete, there are no more bytes, or the sink leaves some.
     *
     * @throws BadMessageException if it is malformed or exceeds a limit.
     */
    @Throws(BadMessageException::class)
    public abstract fun decode(
        source: ByteBuffer,
        sink: BodySink,
    )

    /** The connection has ended, and with it the body. @throws IncompleteMessageException if it is not complete. */
    @Throws(IncompleteMessageException::class)
    public abstract fun end()

    /** Passes up to [most] bytes of [source] to the sink; returns how many it took. */
    internal fun pass(
        source: ByteBuffer,
        most: Long,
        sink: BodySink,
    ): Int {
        val start = source.position()
        val limit = source.limit()
        if (source.remaining() > most) source.limit(start + most.toInt())
        try {
            if (source.hasRemaining()) sink.take(source)
        } finally {
            source.limit(limit)
        }
        return source.position() - start
    }

    public companion object {
        /**
         * A decoder for a body that ends as [framing] says.
         *
         * @throws BadMessageException if it is longer than the limit allows.
         * @throws IllegalArgumentException for [BodyFraming.Tunnel]: there is no body.
         */
        @JvmStatic
        @Throws(BadMessageException::class)
        public fun of(
            framing: BodyFraming,
            limits: HttpLimits = HttpLimits.DEFAULT,
        ): BodyDecoder =
            when (framing) {
                BodyFraming.None -> LengthDecoder(0)
                is BodyFraming.Length -> LengthDecoder(framing.bytes.also { checkBody(it, limits) })
                BodyFraming.Chunked -> ChunkDecoder(limits)
                BodyFraming.UntilClose -> UntilCloseDecoder(limits)
                BodyFraming.Tunnel -> throw IllegalArgumentException("a tunnel has no body: what follows is for another protocol")
            }
    }
}

internal fun checkBody(
    size: Long,
    limits: HttpLimits,
) {
    if (size > limits.body) bad("the body has more than ${limits.body} bytes", 413)
}

/** A body of [length] bytes. */
internal class LengthDecoder(
    private val length: Long,
) : BodyDecoder() {
    private var left = length

    override val bytesLeft: Long get() = left

    override val isDone: Boolean get() = left == 0L

    override fun decode(
        source: ByteBuffer,
        sink: BodySink,
    ) {
        left -= pass(source, left, sink)
    }

    override fun end() {
        if (!isDone) throw IncompleteMessageException("the connection ended after ${length - left} of $length bytes of a body")
    }
}

/** A body that ends when the connection does. */
internal class UntilCloseDecoder(
    private val limits: HttpLimits,
) : BodyDecoder() {
    private var size = 0L

    override var isDone: Boolean = false
        private set

    override fun decode(
        source: ByteBuffer,
        sink: BodySink,
    ) {
        checkBody(size + source.remaining(), limits)
        size += pass(source, Long.MAX_VALUE, sink)
    }

    override fun end() {
        isDone = true
    }
}
