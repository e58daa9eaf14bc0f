// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.nio.ByteBuffer;

/**
 * Receives a stream of bytes as it comes.
 *
 * <p>The order of calls is {@code connectionMade}, any number of {@code dataReceived}, at most one {@code eofReceived},
 * {@code connectionLost}. An exception out of them ends the connection, and goes to the loop's exception handler.
 *
 * <p>Most programs need none: {@link Asyncio#openConnection} and {@link Asyncio#startServer} give streams to bodies, which
 * await.
 *
 * <p>CPython name: {@code asyncio.Protocol}.
 */
public non-sealed interface Protocol extends StreamingProtocol {
    /**
     * Some bytes have come: one at least; where one message ends and the next begins is for the protocol to know.
     *
     * <p>CPython name: {@code Protocol.data_received(data)}.
     *
     * @param data they are the protocol's own
     */
    default void dataReceived(byte[] data) {}

    /**
     * As {@link #dataReceived(byte[])}, which this calls with a copy. Override this one instead to spare the copy.
     *
     * @param data the transport's buffer, from its position to its limit, until this returns
     */
    default void dataReceived(ByteBuffer data) {
        byte[] copy = new byte[data.remaining()];
        data.get(copy);
        dataReceived(copy);
    }
}
