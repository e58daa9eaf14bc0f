// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * The two sides of a connection, for {@code try}-with-resources.
 *
 * <pre>{@code
 * try (var streams = await(openConnection("example.org", 80))) {
 *     streams.writer().write("HEAD / HTTP/1.0\r\n\r\n");
 *     byte[] head = await(streams.reader().read());
 * }
 * }</pre>
 *
 * <p>Source: the pair that {@code asyncio.open_connection} returns.
 *
 * @param reader the receiving side
 * @param writer the sending side
 */
public record Streams(StreamReader reader, StreamWriter writer) implements AutoCloseable {
    static Streams of(dev.simul.streams.Streams delegate) {
        return new Streams(new StreamReader(delegate.getReader()), new StreamWriter(delegate.getWriter()));
    }

    /** Closes the connection, as {@link StreamWriter#close} does. */
    @Override
    public void close() {
        writer.close();
    }
}
