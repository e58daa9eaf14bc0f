// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.loop.ExceptionContext
import dev.simul.transports.Transport
import java.nio.ByteBuffer

/**
 * A request that a server has got, and the response to it.
 *
 * It ends with its handler: then its body can no longer be read, and the connection is the next request's.
 *
 * @property request the request up to its body.
 */
public class ServerExchange internal constructor(
    public val request: RequestHead,
    private val service: HttpService,
    private val incoming: Incoming<RequestHead>,
    private val outgoing: Outgoing,
    private val transport: Transport,
) {
    private val reading =
        object : BodyEvents {
            override fun checkOpen() = check(!hasEnded) { "${this@ServerExchange} has ended: read its body in its handler" }

            override fun beforeRead() = askForBody()
        }

    /**
     * The body of the request. The first read of it asks a client for it that waits to be asked, by `100 Continue`: that must be before the
     * answer.
     */
    public val body: BodyReader = BodyReader(incoming, reading)

    /** Whether the client waits to be asked for the body. */
    internal var awaitsContinue: Boolean = request.version == HttpVersion.HTTP_1_1 && request.headers.hasToken("Expect", "100-continue")
        private set
    private var writer: BodyWriter? = null
    private var framing: BodyFraming = BodyFraming.None
    private var hasEnded = false
    private var hasClientLeft = false

    /** Whether the response has begun: no other can be given. */
    public var hasBegun: Boolean = false
        private set

    /** Whether the connection can be used for another request when this one is answered. */
    internal var isPersistent: Boolean = request.isPersistent
        private set

    /** Whether the connection no longer speaks HTTP. */
    internal val isUpgraded: Boolean get() = framing == BodyFraming.Tunnel

    /** Whether the response is complete. */
    internal val isAnswered: Boolean get() = hasBegun && (writer?.isDone ?: true)

    /** Whether the response has begun and is not complete. */
    internal val isBroken: Boolean get() = hasBegun && !isAnswered && !isUpgraded

    /** Whether the end of the connection would pass for the end of a response that is not complete. */
    internal val isCutShort: Boolean get() = isBroken && framing == BodyFraming.UntilClose

    /**
     * Called once, in the loop's thread, when the client has ended what it sends or the connection is lost, while the request is being
     * answered. A handler is cancelled anyway when the connection is lost; but a client that only stops sending may still read the answer, as
     * far as its server can tell.
     */
    public var onDisconnect: (() -> Unit)? = null

    /** Information about the connection, such as `"peername"`. Source: `BaseTransport.get_extra_info(name)`. */
    public fun getExtraInfo(name: String): Any? = transport.getExtraInfo(name)

    /** Whether the connection is lost, or about to be closed. */
    internal val isLost: Boolean get() = transport.isClosing

    /** Asks for the body a client that waits for that. */
    internal fun askForBody() {
        if (!awaitsContinue) return
        check(!hasBegun) { "$request was answered without asking the client for its body: read that before" }
        awaitsContinue = false
        outgoing.send(CONTINUE, null)
    }

    internal fun clientLeft() {
        if (hasClientLeft) return
        hasClientLeft = true
        val callback = onDisconnect ?: return
        try {
            callback()
        } catch (e: Exception) {
            service.loop.callExceptionHandler(ExceptionContext("Exception in onDisconnect of $this", e))
        }
    }

    internal fun end() {
        hasEnded = true
        onDisconnect = null
    }

    /**
     * Sends a response that announces another one, such as `103 Early Hints`. A client of HTTP/1.0 does not get it, since it would take it
     * for the answer. `100 Continue` need not be sent: reading the [body] does that.
     *
     * @param head with a status from 100 to 199, but for 101: [upgrade] is for that.
     * @throws IllegalStateException if the request is answered already.
     * @throws java.io.IOException if the connection is lost.
     */
    public suspend fun inform(head: ResponseHead) {
        check(!hasBegun) { "$request is answered already" }
        require(head.isInformational) { "$head announces no other response: give one with a status from 100 to 199, and not 101" }
        if (request.version == HttpVersion.HTTP_1_0) return
        if (head.status == CONTINUE.status) awaitsContinue = false
        outgoing.send(head, null)
        outgoing.drain()
    }

    /**
     * Answers with [head] and [content], whose length is added to the headers; waits while too many bytes are unsent. If that is cancelled,
     * the rest of large content is not sent, and the connection is closed.
     *
     * @throws IllegalStateException if the request is answered already, or [head] says itself how long the body is.
     * @throws java.io.IOException if the connection is lost.
     */
    public suspend fun respond(
        head: ResponseHead,
        content: ByteBuffer = NOTHING,
    ) {
        if (content.remaining() > BodyWriter.PIECE) return respondInPieces(head, content)
        begin(head)
        val length = content.remaining().toLong()
        val hasBody = mayHaveBody(head)
        outgoing.send(head, content.takeIf { hasBody && request.method != "HEAD" }) {
            service.putDate(head, it)
            if (hasBody) it.putContentLength(length)
            putPersistence(head, it)
        }
        outgoing.drain()
    }

    private suspend fun respondInPieces(
        head: ResponseHead,
        content: ByteBuffer,
    ) {
        val writer = respondStreaming(head, content.remaining().toLong())
        writer.write(content)
        writer.finish()
    }

    /**
     * Answers with [head] where no body follows, to a `HEAD` or with a status such as 304; waits while too many bytes are unsent.
     *
     * @param length of the body that a `GET` would get; null says nothing of it.
     */
    internal suspend fun respondWithoutBody(
        head: ResponseHead,
        length: Long?,
    ) {
        begin(head)
        outgoing.send(head, null) {
            service.putDate(head, it)
            if (length != null) it.putContentLength(length)
            putPersistence(head, it)
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
        val framing = framing(head, length).also { framing = it }
        if (framing == BodyFraming.UntilClose) isPersistent = false
        outgoing.send(head, null) {
            service.putDate(head, it)
            if (framing is BodyFraming.Length) it.putContentLength(framing.bytes)
            if (framing == BodyFraming.Chunked) it.putChunked()
            putPersistence(head, it)
        }
        return BodyWriter(outgoing, if (request.method == "HEAD") BodyFraming.None else framing).also { writer = it }
    }

    /**
     * Answers with [head], after which the connection no longer speaks HTTP: what the client sends is in the reader that this returns, and the
     * writer sends to it. The connection is closed when the handler returns.
     *
     * It may be silent for as long as it likes. If the client breaks off, the reader and the writer throw, and the handler is not cancelled.
     *
     * @param head `101 Switching Protocols` with its `Upgrade` and `Connection`, or for a `CONNECT` one with a status from 200 to 299.
     * @throws IllegalStateException if the request is answered already, or its body is not read to its end.
     */
    public fun upgrade(head: ResponseHead): Pair<BodyReader, BodyWriter> {
        check(!hasBegun) { "$request is answered already" }
        require(
            BodyFraming.of(head, request.method) == BodyFraming.Tunnel,
        ) { "$head does not end HTTP: answer with 101, or a CONNECT with 200" }
        check(incoming.isBodyDone) { "$request has a body: read it to its end, then upgrade" }
        hasBegun = true
        isPersistent = false
        framing = BodyFraming.Tunnel
        outgoing.send(head, null) { service.putDate(head, it) }
        incoming.beginTunnel()
        return BodyReader(incoming, reading) to BodyWriter(outgoing, BodyFraming.UntilClose)
    }

    private fun mayHaveBody(head: ResponseHead) = head.status != NO_CONTENT && head.status != NOT_MODIFIED

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
        check(!hasEnded) { "$this has ended: answer in its handler" }
        require(head.status >= 200) { "$head is not an answer: more would have to follow" }
        check("Content-Length" !in head.headers && "Transfer-Encoding" !in head.headers) {
            "$head says how long the body is: leave that to respond() and respondStreaming()"
        }
        hasBegun = true
        // What the client still sends, without being asked, could be taken for its next request.
        if (awaitsContinue || service.isDraining || !head.isPersistent) isPersistent = false
    }

    private fun putPersistence(
        head: ResponseHead,
        buffer: ByteBuffer,
    ) {
        if (isPersistent && request.version == HttpVersion.HTTP_1_1) return
        if (isPersistent || !head.headers.hasToken("Connection", "close")) buffer.putConnection(isPersistent)
    }

    override fun toString(): String = "<ServerExchange $request>"

    private companion object {
        const val NO_CONTENT = 204
        const val NOT_MODIFIED = 304
        val NOTHING: ByteBuffer = ByteBuffer.allocate(0)
        val CONTINUE = ResponseHead(100)
    }
}
