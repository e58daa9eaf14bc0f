// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import java.net.SocketAddress
import java.nio.ByteBuffer

/**
 * Sends and receives datagrams, by UDP.
 *
 * Source: `asyncio.DatagramTransport`.
 */
public interface DatagramTransport : BaseTransport {
    /**
     * The protocol that receives the events. Source: `BaseTransport.get_protocol()`, `BaseTransport.set_protocol(protocol)`.
     */
    public var protocol: DatagramProtocol

    /**
     * Sends [data] as one datagram, now or as soon as the system takes it; a copy is kept if it must wait.
     *
     * If the system refuses it, the protocol's `errorReceived` is called, and the transport stays open. A datagram may get lost on its way
     * without a sign.
     *
     * Source: `DatagramTransport.sendto(data, addr=None)`.
     *
     * @param data its position moves to its limit. An empty datagram is sent too, unless the channel is connected.
     * @param addr the destination; null for the remote address that the endpoint was created with.
     * @throws IllegalArgumentException if there are two addresses, or none, or one without an IP address.
     * @throws UnsupportedOperationException for an empty datagram, if the channel is connected: the JDK cannot send it.
     */
    public fun sendto(
        data: ByteBuffer,
        addr: SocketAddress?,
    )

    /** As the other [sendto]. */
    public fun sendto(
        data: ByteArray,
        addr: SocketAddress?,
    ): Unit = sendto(ByteBuffer.wrap(data), addr)

    /** As the other [sendto], to the remote address that the endpoint was created with. */
    public fun sendto(data: ByteBuffer): Unit = sendto(data, null)

    /** As the other [sendto], to the remote address that the endpoint was created with. */
    public fun sendto(data: ByteArray): Unit = sendto(data, null)

    /**
     * Closes the endpoint at once: datagrams not sent yet are dropped. Source: `DatagramTransport.abort()`.
     */
    public fun abort()

    /** How many bytes wait to be sent, and 8 more for each datagram. Source: `WriteTransport.get_write_buffer_size()`. */
    public val writeBufferSize: Int

    /** As [Transport.writeBufferLimits]. Source: `WriteTransport.get_write_buffer_limits()`. */
    public val writeBufferLimits: WriteBufferLimits

    /**
     * As [Transport.setWriteBufferLimits]. Source: `WriteTransport.set_write_buffer_limits(high=None, low=None)`.
     *
     * @throws IllegalArgumentException unless high >= low >= 0.
     */
    public fun setWriteBufferLimits(
        high: Int? = null,
        low: Int? = null,
    )
}
