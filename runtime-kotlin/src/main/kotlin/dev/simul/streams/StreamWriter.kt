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
 * Writing never waits; [drain] does, while too much is unsent. So write, drain, and write on.
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
    /** What it writes to. Source: `StreamWriter.transport`. */
    public var transport: Transport = transport
        private set

    /** Whether it is closed or closing. Source: `StreamWriter.is_closing()`. */
    public val isClosing: Boolean get() = transport.isClosing

    /** What is known about the connection: as [Transport.getExtraInfo]. Source: `StreamWriter.get_extra_info(name, default=None)`. */
    public fun getExtraInfo(name: String): Any? = transport.getExtraInfo(name)

    /** Sends [data], or keeps a copy of it until it can be sent. Source: `StreamWriter.write(data)`. */
    public fun write(data: ByteArray): Unit = transport.write(data)

    /** As the other [write], from the position of [data] to its limit. */
    public fun write(data: ByteBuffer): Unit = transport.write(data)

    /** Writes all of them, as one piece of data. Source: `StreamWriter.writelines(data)`. */
    public fun writelines(data: Iterable<ByteArray>): Unit = transport.writelines(data)

    /**
     * Waits, if more is unsent than the transport's high limit, until no more is than its low limit: those are 64 and 16 KiB, over TLS
     * 512 and 128 KiB, unless [Transport.setWriteBufferLimits] says otherwise. Without a wait, the turn is not given up. Any number of
     * tasks may wait.
     *
     * Source: `StreamWriter.drain()`.
     *
     * @throws java.io.IOException if the connection is lost, or if that broke the reader.
     */
    public suspend fun drain() {
        reader?.exception()?.let { throw it }
        // The connection may be lost already, and nobody told yet.
        if (transport.isClosing) sleep(Duration.ZERO)
        protocol.drain()
    }

    /** Whether there is [writeEof]. Source: `StreamWriter.can_write_eof()`. */
    public fun canWriteEof(): Boolean = transport.canWriteEof()

    /** Ends the sending direction, when all has been sent. Source: `StreamWriter.write_eof()`. */
    public fun writeEof(): Unit = transport.writeEof()

    /**
     * Goes on with TLS, once both sides have agreed to: reader and writer stay the same.
     *
     * A writer that a server has made is the server's side. What the reader has received and nobody read is taken for the beginning of
     * TLS, so that nobody can slip plain bytes in between. If the task is cancelled, or the handshake fails, the connection is closed;
     * CPython leaves it open, without TLS, if the task is cancelled while what was written before is still being sent.
     *
     * Source: `StreamWriter.start_tls(sslcontext, *, server_hostname=None, ...)`.
     *
     * @param serverHostname the name that a server's certificate must be for; null for none, which [sslContext] must allow.
     * @param sslHandshakeTimeout how long the handshake may take; a minute if it is null.
     * @param sslShutdownTimeout how long the connection may take to close; half a minute if it is null.
     * @throws javax.net.ssl.SSLException if the handshake fails.
     * @throws java.io.IOException if the connection is lost, or the handshake takes too long.
     * @throws IllegalArgumentException if what is asked for does not fit together.
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

    /** Nobody can tell how far a cancelled [startTls] has come, so the connection is closed at whatever point it is. */
    private suspend fun drainOrAbort() {
        try {
            drain()
        } catch (e: Throwable) {
            if (e.isCancellation) transport.abort()
            throw e
        }
    }

    /** Closes the connection, when all has been sent. Source: `StreamWriter.close()`. */
    override fun close(): Unit = transport.close()

    /**
     * Waits until the connection is closed.
     *
     * Source: `StreamWriter.wait_closed()`.
     *
     * @throws java.io.IOException what the connection was lost by.
     */
    public suspend fun waitClosed() {
        shield(protocol.closed).await()
    }

    /** Closes the connection and waits for that. */
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
