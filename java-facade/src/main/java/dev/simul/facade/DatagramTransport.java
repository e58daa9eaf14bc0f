// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Sends and receives datagrams, by UDP.
 *
 * <p>CPython name: {@code asyncio.DatagramTransport}.
 */
public interface DatagramTransport extends BaseTransport {
    /** Who is told what happens. CPython name: {@code BaseTransport.get_protocol()}. */
    DatagramProtocol getProtocol();

    /** Sets who is told what happens from now on. CPython name: {@code BaseTransport.set_protocol(protocol)}. */
    void setProtocol(DatagramProtocol protocol);

    /** As {@link #sendto(byte[], SocketAddress)}, to the remote address that the endpoint was created with. */
    default void sendto(byte[] data) {
        sendto(data, null);
    }

    /**
     * Sends {@code data} as one datagram, now or as soon as the system takes it; of what must wait a copy is kept.
     *
     * <p>If the system refuses it, the protocol's {@code errorReceived} is called, and the transport stays open. It may get lost
     * on its way without anybody noticing.
     *
     * <p>CPython name: {@code DatagramTransport.sendto(data, addr)}.
     *
     * @param data an empty datagram is sent too, unless the channel is connected
     * @param addr where to; null for the remote address that the endpoint was created with
     * @throws IllegalArgumentException if there are two addresses, or none, or it is one without an IP address
     * @throws UnsupportedOperationException of an empty datagram, if the channel is connected: the JDK cannot send it
     */
    void sendto(byte[] data, @Nullable SocketAddress addr);

    /** As {@link #sendto(byte[], SocketAddress)}, from the position of {@code data}, which moves, to its limit. */
    void sendto(ByteBuffer data, @Nullable SocketAddress addr);

    /** Closes it at once: what could not be sent yet is dropped. CPython name: {@code DatagramTransport.abort()}. */
    void abort();

    /**
     * How many bytes wait to be sent, and 8 more for each datagram.
     *
     * <p>CPython name: {@code WriteTransport.get_write_buffer_size()}.
     */
    int getWriteBufferSize();

    /** As {@link Transport#getWriteBufferLimits}. */
    WriteBufferLimits getWriteBufferLimits();

    /**
     * As {@link Transport#setWriteBufferLimits}.
     *
     * @throws IllegalArgumentException unless {@code high >= low >= 0}
     */
    void setWriteBufferLimits(@Nullable Integer high, @Nullable Integer low);
}
