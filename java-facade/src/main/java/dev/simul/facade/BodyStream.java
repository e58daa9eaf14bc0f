// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * The body of an HTTP response that is read while it arrives; see {@link HttpBodyHandlers#ofStream}. What is not read makes the
 * server wait.
 */
public final class BodyStream implements AutoCloseable {
    private final StreamReader reader;
    private final Runnable close;

    BodyStream(StreamReader reader, Runnable close) {
        this.reader = reader;
        this.close = close;
    }

    /** Its bytes. If the connection breaks, or the body is malformed, every read fails with an {@link java.io.IOException}. */
    public StreamReader reader() {
        return reader;
    }

    /** Its lines; see {@link StreamReader#lines}. */
    public Iterable<String> lines() {
        return reader.lines();
    }

    /** Drops what is left of it: unless it was received to its end, its connection is closed. */
    @Override
    public void close() {
        close.run();
    }

    @Override
    public String toString() {
        return "<BodyStream " + reader + ">";
    }
}
