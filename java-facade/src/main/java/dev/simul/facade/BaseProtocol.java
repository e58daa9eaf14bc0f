// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * What a transport tells the user of a connection; every callback does nothing unless it is overridden.
 *
 * <p>All of them are called in the loop's thread, as plain callbacks: they cannot await, and should not block.
 *
 * <p>CPython name: {@code asyncio.BaseProtocol}.
 */
public interface BaseProtocol {
    /**
     * The connection is gone, and the transport with it. Called once, last of all.
     *
     * <p>CPython name: {@code BaseProtocol.connection_lost(exc)}.
     *
     * @param exception why; null if it was closed from here, or if the peer has ended it regularly
     */
    default void connectionLost(@Nullable Throwable exception) {}

    /**
     * The transport holds more unsent bytes than its high limit: to write on would only fill the memory.
     *
     * <p>Called in the middle of the write that went over the limit. CPython name: {@code BaseProtocol.pause_writing()}.
     */
    default void pauseWriting() {}

    /** The unsent bytes are at the low limit or below it again. CPython name: {@code BaseProtocol.resume_writing()}. */
    default void resumeWriting() {}
}
