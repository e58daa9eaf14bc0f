// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * Receives datagrams.
 *
 * <p>The order of calls is {@code connectionMade}, any number of {@code datagramReceived} and {@code errorReceived},
 * {@code connectionLost}. An exception out of them goes to the loop's exception handler, and the endpoint stays open.
 *
 * <p>CPython name: {@code asyncio.DatagramProtocol}.
 */
public interface DatagramProtocol extends BaseProtocol {
    /** The endpoint is open: called once, first of all. CPython name: {@code BaseProtocol.connection_made(transport)}. */
    default void connectionMade(DatagramTransport transport) {}

    /**
     * A datagram has come, an empty one perhaps.
     *
     * <p>CPython name: {@code DatagramProtocol.datagram_received(data, addr)}.
     *
     * @param data it is the protocol's own
     * @param addr where it came from
     */
    default void datagramReceived(byte[] data, SocketAddress addr) {}

    /**
     * As {@link #datagramReceived(byte[], SocketAddress)}, which this calls with a copy. Override this one instead to spare the
     * copy.
     *
     * @param data the transport's buffer, from its position to its limit, until this returns
     */
    default void datagramReceived(ByteBuffer data, SocketAddress addr) {
        byte[] copy = new byte[data.remaining()];
        data.get(copy);
        datagramReceived(copy, addr);
    }

    /**
     * A datagram could not be sent, or was refused: a {@link java.net.PortUnreachableException} if nobody listens at the address
     * that the endpoint is connected to.
     *
     * <p>CPython name: {@code DatagramProtocol.error_received(exc)}.
     */
    default void errorReceived(IOException exception) {}
}
