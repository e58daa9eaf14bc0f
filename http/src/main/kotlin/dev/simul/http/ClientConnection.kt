// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.Task
import dev.simul.createTask
import dev.simul.loop.EventLoop
import dev.simul.loop.TimerHandle
import dev.simul.net.ConnectionOptions
import dev.simul.net.createConnection
import dev.simul.transports.Protocol
import dev.simul.transports.Transport
import java.net.SocketTimeoutException
import java.nio.ByteBuffer
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * A connection to a server, for one request after the other. An [HttpConnector] keeps any number of them.
 *
 * If a task is cancelled in the middle of a request, or one fails, the connection is closed: where it stands is not known.
 *
 * Source: `http.client.HTTPConnection`.
 */
public class ClientConnection internal constructor(
    private val loop: EventLoop,
    limits: HttpLimits,
    scratch: ByteBuffer = ByteBuffer.allocate(SCRATCH),
    private val owner: ConnectionOwner? = null,
    private val expectContinueTimeout: Duration = 1.seconds,
) : AutoCloseable {
    private val incoming = Incoming(loop, ResponseParser(limits), limits)
    private val outgoing = Outgoing(loop, scratch)
    private lateinit var transport: Transport

    /** Whether another request may follow, once the body of the last response is read. */
    private var persists = true

    /** Whether a request has begun whose response is not there. */
    private var isAwaiting = false

    /** Whether the connection speaks another protocol now. */
    private var isTunnel = false

    /** Sends the body of the current request, if that takes a task; null when that is done or nobody wants it any more. */
    private var sender: Task<Unit>? = null
    private var isBodySent = true

    /** How many requests were made. */
    internal var requests = 0
        private set

    /** Whether anything has arrived since the last request began: the server has taken notice of it. */
    internal var hasReceived = false
        private set

    /** Whether its pool counts it. */
    internal var isCounted = true

    /** Whether it may serve the requests of others; not before it has reached its server. */
    internal var isPooled = false

    /** When it was made, and since when nobody uses it. */
    internal val bornAt: Duration = loop.time()
    internal var idleSince: Duration = bornAt

    private var socketTimeout: Duration? = null
    private var lastProgress = Duration.ZERO
    private var lastUnsent = 0
    private var timer: TimerHandle? = null

    /** Whether its first request is to come. What the server has said by then is its answer to that: that it has no room, say. */
    private val isNew get() = requests == 0

    /** Whether the server has something to say. */
    private val expectsData get() = isNew || isAwaiting || isTunnel || !incoming.isBodyDone

    /** Whether it can be used for another request now. A server may close it at any time nevertheless. */
    public val isReusable: Boolean
        get() = persists && !isAwaiting && incoming.isBodyDone && incoming.isEmpty && sender == null && !transport.isClosing

    /**
     * Sends a request with [body], whose length is added to the headers, and waits for the response.
     *
     * A body that is not in memory is sent by a task of its own, and the response may be there before the body is sent. With
     * `Expect: 100-continue` the body is sent when the server asks for it, or after a second.
     *
     * @throws IllegalStateException unless [isReusable].
     * @throws IllegalArgumentException if [head] says itself how long the body is.
     * @throws HttpException if the response is malformed, or does not come.
     * @throws SocketTimeoutException if nothing arrives for longer than the options allow.
     * @throws java.io.IOException if the connection is lost.
     */
    public suspend fun request(
        head: RequestHead,
        body: RequestBody = RequestBody.EMPTY,
        options: RequestOptions = RequestOptions.DEFAULT,
    ): ClientResponse {
        check(
            isNew || isReusable,
        ) { "$this cannot be used for another request: read the body of the last response first, or open another one" }
        head.requireNoLength()
        begin(options.socketTimeout)
        try {
            val sending = send(head, body)
            return response(head, options, sending)
        } catch (e: Throwable) {
            isAwaiting = false
            abort()
            throw e
        }
    }

    private fun begin(socketTimeout: Duration?) {
        isAwaiting = true
        persists = false
        hasReceived = false
        requests++
        this.socketTimeout = socketTimeout
        if (socketTimeout != null) watch(socketTimeout)
    }

    // Sending.

    /** Sends what can be sent at once; returns the body if it has to wait until the server asks for it. */
    private suspend fun send(
        head: RequestHead,
        body: RequestBody,
    ): DelayedBody? {
        val bytes = body as? BytesBody
        val isEmpty = bytes != null && bytes.isEmpty
        val waits = !isEmpty && head.headers.hasToken("Expect", "100-continue")
        val content = if (bytes == null || isEmpty || waits) null else bytes.view()
        outgoing.send(head, content) {
            val length = body.length
            if (!isEmpty || head.method in WITH_BODY) if (length != null) it.putContentLength(length) else it.putChunked()
        }
        if (waits) return DelayedBody(body)
        // Bytes that are in memory anyway are not waited for: the answer may come before they are sent.
        if (bytes == null) startSending(body)
        return null
    }

    /** A body that is sent when the server asks for it, or when it has not done so in time. */
    private inner class DelayedBody(
        private val body: RequestBody,
    ) {
        private val timer = loop.callLater(expectContinueTimeout) { start() }
        private var hasBegun = false

        fun start() {
            if (hasBegun || transport.isClosing) return
            hasBegun = true
            timer.cancel()
            startSending(body)
        }

        /** Returns whether the body was sent: after a final response nobody wants it. */
        fun end(): Boolean {
            timer.cancel()
            return hasBegun
        }
    }

    private fun startSending(body: RequestBody) {
        val length = body.length
        val writer = BodyWriter(outgoing, if (length == null) BodyFraming.Chunked else BodyFraming.Length(length))
        isBodySent = false
        val task =
            loop.createTask {
                body.writeTo(writer)
                isBodySent = true
                if (!writer.isDone) writer.finish(if (length == null) body.trailers() else Headers.EMPTY)
            }
        sender = task
        task.addDoneCallback { if (sender === task) sent(task) }
    }

    private fun sent(task: Task<Unit>) {
        sender = null
        val failure = if (task.cancelled()) IncompleteMessageException("the request's body was cancelled") else task.exception()
        if (failure != null) {
            incoming.fail(failure)
            abort()
        }
        settle()
    }

    private fun stopSending() {
        val task = sender ?: return
        sender = null
        task.cancel("nobody wants the request's body any more")
    }

    // Receiving.

    private suspend fun response(
        request: RequestHead,
        options: RequestOptions,
        delayed: DelayedBody?,
    ): ClientResponse {
        var wasSent = true
        var informational = 0
        try {
            while (true) {
                val response = incoming.head() ?: named { throw IncompleteMessageException("the connection ended before the response") }
                if (!response.isInformational) {
                    if (delayed != null) wasSent = delayed.end()
                    return respond(request, response, wasSent)
                }
                if (response.status == CONTINUE) delayed?.start()
                options.onInformational?.invoke(response)
                if (++informational > MOST_INFORMATIONAL) named { bad("there are more than $MOST_INFORMATIONAL informational responses") }
            }
        } finally {
            delayed?.end()
        }
    }

    private fun respond(
        request: RequestHead,
        response: ResponseHead,
        wasSent: Boolean,
    ): ClientResponse {
        val framing = incoming.beginBody { BodyFraming.of(response, request.method) }
        isAwaiting = false
        if (framing == BodyFraming.Tunnel) {
            isTunnel = true
            socketTimeout = null
            incoming.beginTunnel()
            return ClientResponse(response, BodyReader(incoming), BodyWriter(outgoing, BodyFraming.UntilClose), this)
        }
        persists = wasSent && request.isPersistent && response.isPersistent && framing != BodyFraming.UntilClose
        return ClientResponse(response, BodyReader(incoming, events), null, this).also { if (incoming.isBodyDone) settle() }
    }

    private val events =
        object : BodyEvents {
            override fun done() = settle()

            override fun failed() = abort()
        }

    /** A request, or its response, is over: when both are, the connection can serve the next one, or is closed. */
    private fun settle() {
        if (isTunnel || isAwaiting || !incoming.isBodyDone) return
        socketTimeout = null
        when {
            sender != null && !isBodySent -> abort() // The server has answered without the rest of the body.
            sender != null -> {} // It has yet to run its last turn.
            transport.writeBufferSize > 0 -> abort() // The same, of a body in memory.
            isReusable -> if (isPooled) owner?.idle(this)
            else -> transport.close()
        }
    }

    // Time limits.

    private fun watch(timeout: Duration) {
        lastProgress = loop.time()
        lastUnsent = transport.writeBufferSize
        val deadline = lastProgress + timeout
        val timer = timer
        if (timer != null && timer.`when`() <= deadline) return
        timer?.cancel()
        this.timer = loop.callAt(deadline) { timeOut() }
    }

    /** One timer serves all requests: it finds out how much time is left, and waits for that. */
    private fun timeOut() {
        timer = null
        val timeout = socketTimeout ?: return
        val unsent = transport.writeBufferSize
        val isProducing = sender != null && unsent == 0
        if (incoming.isPaused || isProducing || unsent != lastUnsent) return watch(timeout)
        val deadline = lastProgress + timeout
        if (loop.time() < deadline) {
            timer = loop.callAt(deadline) { timeOut() }
            return
        }
        val failure = SocketTimeoutException("nothing has arrived from $peer for $timeout")
        incoming.fail(failure)
        outgoing.fail(failure)
        abort()
    }

    // The connection.

    internal val isConnected: Boolean get() = ::transport.isInitialized

    internal fun getExtraInfo(name: String): Any? = transport.getExtraInfo(name)

    private val peer get() = transport.getExtraInfo("peername")

    private inline fun <R> named(block: () -> R): R =
        try {
            block()
        } catch (e: HttpException) {
            throw e.also { it.peer = peer }
        }

    /** Closes it, once everything that was written is sent. */
    override fun close(): Unit = transport.close()

    /** Closes it at once. */
    internal fun abort() {
        persists = false
        stopSending()
        transport.abort()
    }

    /** Goes on over another transport, for TLS, say. */
    internal suspend fun upgrade(start: suspend (Transport, Protocol) -> Transport) {
        // What has come already was not said by the server behind the proxy.
        if (!incoming.isEmpty) named { throw BadMessageException("a proxy sent more than its answer to CONNECT") }
        isTunnel = false
        persists = true
        requests = 0
        incoming.endTunnel()
        adopt(start(transport, protocol))
    }

    private fun adopt(transport: Transport) {
        this.transport = transport
        incoming.begin(transport)
        outgoing.begin(transport)
    }

    override fun toString(): String = "<ClientConnection to $peer>"

    /** What the transport calls. */
    internal val protocol: Protocol =
        object : Protocol {
            override fun connectionMade(transport: Transport) = adopt(transport)

            /** A server that says something without being asked has lost count of the requests. */
            override fun dataReceived(data: ByteBuffer) {
                hasReceived = true
                if (socketTimeout != null) lastProgress = loop.time()
                if (expectsData) incoming.received(data)
                if (!expectsData && (data.hasRemaining() || !incoming.isEmpty)) transport.abort()
            }

            override fun eofReceived(): Boolean {
                incoming.ended()
                return isTunnel || (isNew && transport.canWriteEof())
            }

            override fun pauseWriting(): Unit = outgoing.pause()

            override fun resumeWriting(): Unit = outgoing.resume()

            override fun connectionLost(exception: Throwable?) {
                timer?.cancel()
                owner?.lost(this@ClientConnection)
                stopSending()
                outgoing.lost(exception)
                if (exception == null) incoming.ended() else incoming.fail(exception)
            }
        }

    private companion object {
        const val SCRATCH = 16 * 1024
        const val CONTINUE = 100

        /** To one request. A server may send some while it works, but not without end. */
        const val MOST_INFORMATIONAL = 100

        /** The methods whose requests tell the length of their body even if there is none. */
        val WITH_BODY = setOf("POST", "PUT", "PATCH")
    }
}

/** Who keeps a connection between requests. */
internal interface ConnectionOwner {
    /** It can serve another request. */
    fun idle(connection: ClientConnection)

    /** It is closed. */
    fun lost(connection: ClientConnection)
}

/**
 * Connects to [port] of [host], for requests of HTTP.
 *
 * @param limits how much of a response is accepted.
 * @throws java.io.IOException if that fails.
 */
public suspend fun EventLoop.openHttpConnection(
    host: String,
    port: Int,
    options: ConnectionOptions = ConnectionOptions(),
    limits: HttpLimits = HttpLimits.DEFAULT,
): ClientConnection {
    val connection = ClientConnection(this, limits)
    createConnection(host, port, options) { connection.protocol }
    return connection
}
