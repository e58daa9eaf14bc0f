// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.nio.ByteBuffer

/** The body of a request that a client sends. */
public abstract class RequestBody {
    /** In bytes; if null, the body goes in chunks. */
    public open val length: Long? get() = null

    /** Whether [writeTo] may be called again, for a request that is repeated. */
    public open val isReplayable: Boolean get() = false

    /**
     * Writes the content. The connector ends the body.
     *
     * It runs in a task of its own, which is cancelled if the request fails, or if its response is complete before the body is.
     */
    public abstract suspend fun writeTo(writer: BodyWriter)

    /** The fields to send after a body in chunks; asked for once it is written. */
    public open fun trailers(): Headers = Headers.EMPTY

    public companion object {
        /** No body. */
        @JvmField
        public val EMPTY: RequestBody = BytesBody(ByteBuffer.allocate(0))

        /** What [content] has between its position and its limit now; the bytes must not change until the response is there. */
        @JvmStatic
        public fun of(content: ByteBuffer): RequestBody = if (content.hasRemaining()) BytesBody(content) else EMPTY

        /** As the other [of]. */
        @JvmStatic
        public fun of(content: ByteArray): RequestBody = of(ByteBuffer.wrap(content))
    }
}

/** A body that is there: it needs no task. */
internal class BytesBody(
    content: ByteBuffer,
) : RequestBody() {
    private val bytes = content.slice()

    val isEmpty: Boolean get() = !bytes.hasRemaining()

    override val length: Long get() = bytes.remaining().toLong()

    override val isReplayable: Boolean get() = true

    /** A view of the content, with a position of its own. */
    fun view(): ByteBuffer = bytes.duplicate()

    override suspend fun writeTo(writer: BodyWriter) = writer.write(view())

    override fun toString(): String = "<RequestBody of $length bytes>"
}
