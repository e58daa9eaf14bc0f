// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import dev.simul.SingleWaiter
import dev.simul.loop.EventLoop
import dev.simul.transports.ConnectionResetException
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import java.nio.ByteBuffer
import kotlin.time.Duration

/**
 * Goes on with TLS on a connection that has spoken without, once both sides have agreed to; also inside of TLS.
 *
 * Neither side may send anything in between. [protocol] goes on with the transport that is returned, and is not told of a new
 * connection; the old transport is left alone. If the task is cancelled, or the handshake fails, the connection is closed.
 *
 * Source: `loop.start_tls(transport, protocol, sslcontext, *, server_side=False, ...)`.
 *
 * @param serverSide whether this is the side that shows a certificate.
 * @param serverHostname the name that a server's certificate must be for; null for none, which [sslContext] must allow.
 * @param sslHandshakeTimeout how long the handshake may take; a minute if it is null.
 * @param sslShutdownTimeout how long the connection may take to close; half a minute if it is null.
 * @throws SslCertVerificationException if the peer's certificate is not accepted.
 * @throws javax.net.ssl.SSLException if the handshake fails.
 * @throws ConnectionAbortedException if it takes too long.
 * @throws ConnectionResetException if the peer closes the connection meanwhile.
 * @throws IllegalArgumentException if what is asked for does not fit together.
 * @throws IllegalStateException if the sending direction of [transport] has ended, or it sends a file; it stays open then.
 * @throws UnsupportedOperationException if [transport] is a pipe, which has one direction alone; it stays open then.
 */
public suspend fun EventLoop.startTls(
    transport: Transport,
    protocol: StreamingProtocol,
    sslContext: SslContext,
    serverSide: Boolean = false,
    serverHostname: String? = null,
    sslHandshakeTimeout: Duration? = null,
    sslShutdownTimeout: Duration? = null,
): Transport =
    startTls(transport, protocol, TlsOptions(sslContext, serverSide, serverHostname, sslHandshakeTimeout, sslShutdownTimeout)) { null }

/** @param takeReceived what the peer has said of TLS already. */
internal suspend fun EventLoop.startTls(
    transport: Transport,
    protocol: StreamingProtocol,
    options: TlsOptions,
    takeReceived: () -> ByteBuffer?,
): Transport {
    if (transport.isClosing) throw ConnectionResetException("$transport is closing: TLS cannot be started")
    transport.write(NOTHING) // A transport that will refuse to send does so now.
    val made = SingleWaiter(this, "startTls", transport)
    val layer = TlsProtocol(this, protocol, options, made, announces = false)
    transport.pauseReading() // Then the peer's end, which the transport may know already, is told to the layer too.
    takeReceived()?.let(layer::feed)
    transport.protocol = layer
    val making = callSoon { layer.connectionMade(transport) }
    val resuming = callSoon { transport.resumeReading() }
    try {
        made.await()
    } catch (e: Throwable) {
        making.cancel()
        resuming.cancel()
        layer.abort()
        transport.abort()
        throw e
    }
    return layer.appTransport
}

private val NOTHING: ByteBuffer = ByteBuffer.allocate(0)
