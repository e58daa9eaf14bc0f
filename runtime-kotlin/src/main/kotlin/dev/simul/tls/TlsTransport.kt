// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import dev.simul.transports.WriteBufferLimits
import java.nio.ByteBuffer

/**
 * The transport of a TLS connection's user.
 *
 * Source: `asyncio.sslproto._SSLProtocolTransport`.
 */
internal class TlsTransport(
    internal val tls: TlsProtocol,
) : Transport {
    override var protocol: StreamingProtocol by tls::appProtocol

    override fun getExtraInfo(name: String): Any? = tls.getExtraInfo(name)

    override val isClosing: Boolean get() = tls.isClosing

    override val isReading: Boolean get() = tls.isReading

    override fun pauseReading(): Unit = tls.pauseReading()

    override fun resumeReading(): Unit = tls.resumeReading()

    override fun write(data: ByteBuffer): Unit = tls.write(data)

    override fun canWriteEof(): Boolean = false

    override fun writeEof(): Unit =
        throw UnsupportedOperationException("TLS cannot end one direction alone: close() ends both, and canWriteEof tells")

    override val writeBufferSize: Int get() = tls.writeBufferSize

    override val writeBufferLimits: WriteBufferLimits get() = tls.flow.limits

    override fun setWriteBufferLimits(
        high: Int?,
        low: Int?,
    ): Unit = tls.flow.setLimits(high, low, writeBufferSize)

    override fun close(): Unit = tls.close()

    override fun abort(): Unit = tls.abort()

    override fun toString(): String = "<TlsTransport over ${tls.transport}${if (isClosing) " closing" else ""}>"
}
