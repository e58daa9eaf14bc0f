// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.nio.ByteBuffer

/**
 * A request that a server has got, and the response to it.
 *
 * @property request the request up to its body.
 */
public class ServerExchange internal constructor(
    public val request: RequestHead,
    private val incoming: Incoming<RequestHead>,
    private val outgoing: Outgoing,
) {
    /** The body of the request. The first read of it asks a client for it that waits to be asked, by `100 Continue`. */
    public val body: BodyReader =
        BodyReader(
            incoming,
            object : BodyEvents {
                override fun beforeRead() = askForBody()
            },
        )

    private var awaitsContinue = request.version == HttpVersion.HTTP_1_1 && request.headers.hasToken("Expect", "100-continue")
    private var writer: BodyWriter? = null
    internal var hasBegun: Boolean = false
        private set

    /** Whether the connection can be used for another request when this one is answered. */
    internal var isPersistent: Boolean = request.isPersistent
        private set

    /** Whether the response is complete. */
    internal val isAnswered: Boolean get() = hasBegun && (writer?.isDone ?: true)

    private fun askForBody() {
        if (!awaitsContinue) return
        awaitsContinue = false
        if (!hasBegun) outgoing.send(CONTINUE, null)
    }

    /**
     * Answers with [head] and [content], whose length is added to the headers; waits while too many bytes are unsent.
     *
     * @throws IllegalStateException if the request is answered already, or [head] says itself how long the body is.
     * @throws java.io.IOException if the connection is lost.
     */
    public suspend fun respond(
        head: ResponseHead,
        content: ByteBuffer = NOTHING,
    ) {
        begin(head)
        val length = content.remaining().toLong()
        val hasBody = mayHaveBody(head)
        outgoing.send(head, content.takeIf { hasBody && request.method != "HEAD" }) {
            if (hasBody) it.putContentLength(length)
            putPersistence(it)
        }
        outgoing.drain()
    }

    /**
     * Begins to answer with [head]; the body goes through the writer that this returns.
     *
     * @param length of the body; if null, it goes in chunks, or to a client of HTTP/1.0 until the connection ends.
     * @throws IllegalStateException if the request is answered already, or [head] says itself how long the body is.
     */
    public fun respondStreaming(
        head: ResponseHead,
        length: Long? = null,
    ): BodyWriter {
        begin(head)
        val framing = framing(head, length)
        if (framing == BodyFraming.UntilClose) isPersistent = false
        outgoing.send(head, null) {
            if (framing is BodyFraming.Length) it.putContentLength(framing.bytes)
            if (framing == BodyFraming.Chunked) it.putChunked()
            putPersistence(it)
        }
        return BodyWriter(outgoing, if (request.method == "HEAD") BodyFraming.None else framing).also { writer = it }
    }

    private fun mayHaveBody(head: ResponseHead) = head.status != 204 && head.status != 304

    private fun framing(
        head: ResponseHead,
        length: Long?,
    ): BodyFraming =
        when {
            !mayHaveBody(head) -> BodyFraming.None
            length != null -> BodyFraming.Length(length)
            request.version == HttpVersion.HTTP_1_1 -> BodyFraming.Chunked
            else -> BodyFraming.UntilClose
        }

    private fun begin(head: ResponseHead) {
        check(!hasBegun) { "$request is answered already" }
        require(head.status >= 200) { "$head is not an answer: more would have to follow" }
        check("Content-Length" !in head.headers && "Transfer-Encoding" !in head.headers) {
            "$head says how long the body is: leave that to respond() and respondStreaming()"
        }
        hasBegun = true
        // What the client still sends, without being asked, could be taken for its next request.
        if (awaitsContinue || !head.isPersistent) isPersistent = false
    }

    private fun putPersistence(buffer: ByteBuffer) {
        if (!isPersistent || request.version == HttpVersion.HTTP_1_0) buffer.putConnection(isPersistent)
    }

    override fun toString(): String = "<ServerExchange $request>"

    private companion object {
        val NOTHING: ByteBuffer = ByteBuffer.allocate(0)
        val CONTINUE = ResponseHead(100)
    }
}
