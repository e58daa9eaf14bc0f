// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.nio.ByteBuffer;

/**
 * Receives a stream of bytes into buffers of its own.
 *
 * <p>The order of calls is {@code connectionMade}, any number of pairs of {@code getBuffer} and {@code bufferUpdated}, at most
 * one {@code eofReceived}, {@code connectionLost}. An exception out of them ends the connection, and goes to the loop's
 * exception handler.
 *
 * <p>CPython name: {@code asyncio.BufferedProtocol}.
 */
public non-sealed interface BufferedProtocol extends StreamingProtocol {
    /**
     * The buffer to receive into, from its position to its limit. A direct one spares a copy.
     *
     * <p>CPython name: {@code BufferedProtocol.get_buffer(sizehint)}.
     *
     * @param sizeHint how many bytes it should have room for; -1 for as you like. Other sizes will do too, but not zero
     */
    ByteBuffer getBuffer(int sizeHint);

    /**
     * That many bytes have come into the last buffer, whose position has moved behind them.
     *
     * <p>CPython name: {@code BufferedProtocol.buffer_updated(nbytes)}.
     */
    default void bufferUpdated(int count) {}
}
