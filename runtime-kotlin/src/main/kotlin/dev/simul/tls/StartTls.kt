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
 * Upgrades a connection to TLS, once both sides have agreed to it; also works inside TLS.
 *
 * Neither side may send anything in between. [protocol] continues with the returned transport, and is not told of a new connection; do not
 * use the old transport any longer. If the task is cancelled, or the handshake fails, the connection is closed.
 *
 * Source: `loop.start_tls(transport, protocol, sslcontext, *, server_side=False, ...)`.
 *
 * @param serverSide whether this is the side that presents a certificate.
 * @param serverHostname the name that the server's certificate must be for; null for none, which [sslContext] must allow.
 * @param sslHandshakeTimeout how long the handshake may take; if null, one minute.
 * @param sslShutdownTimeout how long closing the connection may take; if null, half a minute.
 * @throws SslCertVerificationException if the peer's certificate is not accepted.
 * @throws javax.net.ssl.SSLException if the handshake fails.
 * @throws dev.simul.transports.ConnectionAbortedException if the handshake takes too long.
 * @throws ConnectionResetException if the peer closes the connection meanwhile.
 * @throws IllegalArgumentException if the arguments contradict each other.
 * @throws IllegalStateException if the sending direction of [transport] has ended, or it is sending a file; it then stays open.
 * @throws UnsupportedOperationException if [transport] is a pipe, which has only one direction; it then stays open.
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

/** @param takeReceived returns the peer's TLS bytes that were already received. */
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
    transport.pauseReading() // So the layer, too, is told of an end of stream that the transport may already know.
    takeReceived()?.let(layer::feed)
    transport.protocol = layer
    val making = callInOrder { layer.connectionMade(transport) }
    val resuming = callInOrder { transport.resumeReading() }
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
