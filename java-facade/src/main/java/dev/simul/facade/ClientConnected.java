// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * Serves one connection of a server: a body, which runs as a task of its own.
 *
 * <p>Source: the {@code client_connected_cb} of {@code asyncio.start_server}.
 */
@FunctionalInterface
public interface ClientConnected {
    /**
     * Talks to one client, and may await.
     *
     * <p>The connection stays open when this returns: close the writer, for example by {@code try (writer)}. When it throws or is
     * cancelled, the connection is closed; its exception goes to the loop's exception handler.
     */
    void run(StreamReader reader, StreamWriter writer) throws Exception;
}
