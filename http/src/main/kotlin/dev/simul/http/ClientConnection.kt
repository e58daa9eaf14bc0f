// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.loop.EventLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.createConnection
import dev.simul.transports.Protocol
import dev.simul.transports.Transport
import java.nio.ByteBuffer

/**
 * A connection to a server, for one request after the other.
 *
 * If a task is cancelled in the middle of a request, or one fails, the connection is closed: where it stands is not known.
 */
public class ClientConnection internal constructor(
    loop: EventLoop,
    limits: HttpLimits,
) : AutoCloseable {
    private val incoming = Incoming(loop, ResponseParser(limits), limits)
    private val outgoing = Outgoing(loop, ByteBuffer.allocate(SCRATCH))
    private lateinit var transport: Transport

    /** Whether another request may follow, once the body of the last response is read. */
    private var persists = true
    private var isAwaiting = false

    /** Whether it can be used for another request now. A server may close it at any time nevertheless. */
    public val isReusable: Boolean get() = persists && !isAwaiting && incoming.isBodyDone && incoming.isEmpty && !transport.isClosing

    /**
     * Sends a request with [content], whose length is added to the headers, and waits for the response. Responses that only announce another
     * one, such as `100 Continue`, are skipped.
     *
     * @throws IllegalStateException unless [isReusable].
     * @throws HttpException if the response is malformed, or does not come.
     * @throws java.io.IOException if the connection is lost.
     */
    public suspend fun request(
        head: RequestHead,
        content: ByteBuffer? = null,
    ): ClientResponse {
        check(isReusable) { "$this cannot be used for another request: read the body of the last response first, or open another one" }
        isAwaiting = true
        persists = false
        outgoing.send(head, content) { if (content != null) it.putContentLength(content.remaining().toLong()) }
        try {
            outgoing.drain()
            return response(head)
        } catch (e: Throwable) {
            transport.abort()
            throw e
        } finally {
            isAwaiting = false
        }
    }

    private suspend fun response(request: RequestHead): ClientResponse {
        while (true) {
            val response =
                incoming.head() ?: throw IncompleteMessageException("the connection ended before the response").also { it.peer = peer }
            if (response.isInformational) continue
            val framing = incoming.beginBody { BodyFraming.of(response, request.method) }
            persists = request.isPersistent && response.isPersistent && framing != BodyFraming.UntilClose && framing != BodyFraming.Tunnel
            return ClientResponse(response, BodyReader(incoming))
        }
    }

    private val peer get() = transport.getExtraInfo("peername")

    override fun close(): Unit = transport.close()

    override fun toString(): String = "<ClientConnection to $peer>"

    /** What the transport calls. */
    internal val protocol: Protocol =
        object : Protocol {
            override fun connectionMade(transport: Transport) {
                this@ClientConnection.transport = transport
                incoming.begin(transport)
                outgoing.begin(transport)
            }

            /** A server that says something without being asked has lost count of the requests. */
            override fun dataReceived(data: ByteBuffer) {
                if (isAwaiting || !incoming.isBodyDone) incoming.received(data)
                if (!isAwaiting && incoming.isBodyDone && (data.hasRemaining() || !incoming.isEmpty)) transport.abort()
            }

            override fun eofReceived(): Boolean {
                incoming.ended()
                return false
            }

            override fun pauseWriting(): Unit = outgoing.pause()

            override fun resumeWriting(): Unit = outgoing.resume()

            override fun connectionLost(exception: Throwable?) {
                if (exception == null) incoming.ended() else incoming.fail(exception)
                outgoing.lost(exception)
            }
        }

    private companion object {
        const val SCRATCH = 16 * 1024
    }
}

/**
 * A response that a client has got.
 *
 * @property head the response up to its body.
 * @property body the body, as it arrives; it must be read to its end before the connection can be used for another request.
 */
public class ClientResponse internal constructor(
    public val head: ResponseHead,
    public val body: BodyReader,
) {
    override fun toString(): String = "<ClientResponse $head>"
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
