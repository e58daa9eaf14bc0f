// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import dev.simul.AsyncCloseable
import dev.simul.exceptions.isCancellation
import dev.simul.loop.EventLoop
import dev.simul.loop.getEventLoop
import dev.simul.shield
import dev.simul.sleep
import dev.simul.tls.SslContext
import dev.simul.tls.TlsOptions
import dev.simul.tls.startTls
import dev.simul.transports.Transport
import java.nio.ByteBuffer
import kotlin.time.Duration

/**
 * The sending side of a stream of bytes.
 *
 * Writing never waits; [drain] waits while too many bytes are unsent. So write, drain, and continue writing.
 *
 * Source: `asyncio.StreamWriter(transport, protocol, reader, loop)`.
 */
public class StreamWriter(
    transport: Transport,
    private val protocol: StreamReaderProtocol,
    private val reader: StreamReader?,
    private val loop: EventLoop = getEventLoop(),
) : AutoCloseable,
    AsyncCloseable {
    /** The transport that it writes to. Source: `StreamWriter.transport`. */
    public var transport: Transport = transport
        private set

    /** Whether the connection is closed or closing. Source: `StreamWriter.is_closing()`. */
    public val isClosing: Boolean get() = transport.isClosing

    /** Information about the connection: as [Transport.getExtraInfo]. Source: `StreamWriter.get_extra_info(name, default=None)`. */
    public fun getExtraInfo(name: String): Any? = transport.getExtraInfo(name)

    /** Sends [data], or keeps a copy of it until it can be sent. Source: `StreamWriter.write(data)`. */
    public fun write(data: ByteArray): Unit = transport.write(data)

    /** As the other [write], from the position of [data] to its limit. */
    public fun write(data: ByteBuffer): Unit = transport.write(data)

    /** Writes all arrays, as one piece of data. Source: `StreamWriter.writelines(data)`. */
    public fun writelines(data: Iterable<ByteArray>): Unit = transport.writelines(data)

    /**
     * If more bytes are unsent than the transport's high limit, waits until no more than its low limit are: the limits are 64 and 16 KiB,
     * over TLS 512 and 128 KiB, unless set by [Transport.setWriteBufferLimits]. If it need not wait, it does not give up the turn. Any
     * number of tasks may wait.
     *
     * Source: `StreamWriter.drain()`.
     *
     * @throws java.io.IOException if the connection is lost, or if an exception broke the reader.
     */
    public suspend fun drain() {
        reader?.exception()?.let { throw it }
        // The connection may be lost already, before the protocol was told.
        if (transport.isClosing) sleep(Duration.ZERO)
        protocol.drain()
    }

    /** Whether [writeEof] is supported. Source: `StreamWriter.can_write_eof()`. */
    public fun canWriteEof(): Boolean = transport.canWriteEof()

    /** Ends the sending direction, once everything has been sent. Source: `StreamWriter.write_eof()`. */
    public fun writeEof(): Unit = transport.writeEof()

    /**
     * Upgrades the connection to TLS, once both sides have agreed to it: reader and writer stay the same.
     *
     * A writer made by a server takes the server's side. Received bytes that were not read are taken as the beginning of TLS, so that plain
     * bytes cannot be injected in between. If the task is cancelled, or the handshake fails, the connection is closed; CPython leaves it
     * open, without TLS, if the task is cancelled while earlier data is still being sent.
     *
     * Source: `StreamWriter.start_tls(sslcontext, *, server_hostname=None, ...)`.
     *
     * @param serverHostname the name that the server's certificate must be for; null for none, which [sslContext] must allow.
     * @param sslHandshakeTimeout how long the handshake may take; if null, one minute.
     * @param sslShutdownTimeout how long closing the connection may take; if null, half a minute.
     * @throws javax.net.ssl.SSLException if the handshake fails.
     * @throws java.io.IOException if the connection is lost, or the handshake takes too long.
     * @throws IllegalArgumentException if the arguments contradict each other.
     */
    public suspend fun startTls(
        sslContext: SslContext,
        serverHostname: String? = null,
        sslHandshakeTimeout: Duration? = null,
        sslShutdownTimeout: Duration? = null,
    ) {
        val serverSide = protocol.isServerSide
        val options = TlsOptions(sslContext, serverSide, serverHostname, sslHandshakeTimeout, sslShutdownTimeout)
        drainOrAbort()
        transport = loop.startTls(transport, protocol, options) { reader?.takeReceived() }
        protocol.replaceTransport(transport)
    }

    /** The progress of a cancelled [startTls] is unknown, so the connection is closed wherever it is. */
    private suspend fun drainOrAbort() {
        try {
            drain()
        } catch (e: Throwable) {
            if (e.isCancellation) transport.abort()
            throw e
        }
    }

    /** Closes the connection, once everything has been sent. Source: `StreamWriter.close()`. */
    override fun close(): Unit = transport.close()

    /**
     * Waits until the connection is closed.
     *
     * Source: `StreamWriter.wait_closed()`.
     *
     * @throws java.io.IOException the error that the connection was lost by.
     */
    public suspend fun waitClosed() {
        shield(protocol.closed).await()
    }

    /** Closes the connection and waits until it is closed. */
    override suspend fun aclose() {
        close()
        waitClosed()
    }

    override fun toString(): String =
        buildString {
            append("<StreamWriter transport=").append(transport)
            reader?.let { append(" reader=").append(it) }
            append('>')
        }
}
