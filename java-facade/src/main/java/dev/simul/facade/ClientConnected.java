// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * What a server does with each connection: a body, which runs as a task of its own.
 *
 * <p>Source: the {@code client_connected_cb} of {@code asyncio.start_server}.
 */
@FunctionalInterface
public interface ClientConnected {
    /**
     * Talks to one client, awaiting as it likes.
     *
     * <p>The connection stays open when this returns: close the writer, by {@code try (writer)}, say. When it throws or is
     * cancelled, the connection is closed; what it throws goes to the loop's exception handler.
     */
    void run(StreamReader reader, StreamWriter writer) throws Exception;
}
