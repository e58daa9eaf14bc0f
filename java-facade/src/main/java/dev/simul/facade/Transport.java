// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A stream of bytes in both directions.
 *
 * <p>CPython name: {@code asyncio.Transport}.
 */
public interface Transport extends BaseTransport {
    /** Who is told what happens. CPython name: {@code BaseTransport.get_protocol()}. */
    StreamingProtocol getProtocol();

    /** Sets who is told what happens from now on. CPython name: {@code BaseTransport.set_protocol(protocol)}. */
    void setProtocol(StreamingProtocol protocol);

    /** Whether it receives. CPython name: {@code ReadTransport.is_reading()}. */
    boolean isReading();

    /**
     * Receives nothing until {@link #resumeReading}; the peer has to wait when the system's buffers are full.
     *
     * <p>Does nothing if it is paused already, or closing. CPython name: {@code ReadTransport.pause_reading()}.
     */
    void pauseReading();

    /** Receives again. CPython name: {@code ReadTransport.resume_reading()}. */
    void resumeReading();

    /**
     * Sends {@code data}, as far as the system takes it now; a copy of the rest is kept and sent when it can be.
     *
     * <p>Data for a connection that is lost is dropped; from the fifth time on with a warning in the log.
     *
     * <p>CPython name: {@code WriteTransport.write(data)}.
     *
     * @throws IllegalStateException after {@link #writeEof}
     */
    void write(byte[] data);

    /** As {@link #write(byte[])}, from the position of {@code data}, which moves, to its limit. */
    void write(ByteBuffer data);

    /** As {@link #write(byte[])}, of a text in UTF-8. CPython name: {@code WriteTransport.write(text.encode())}. */
    default void write(String text) {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes all of them, as one piece of data. CPython name: {@code WriteTransport.writelines(list_of_data)}. */
    default void writelines(Iterable<byte[]> data) {
        data.forEach(this::write);
    }

    /** Whether there is {@link #writeEof}: TLS has none. CPython name: {@code WriteTransport.can_write_eof()}. */
    boolean canWriteEof();

    /**
     * Ends the sending direction, when all has been sent; receiving goes on.
     *
     * <p>CPython name: {@code WriteTransport.write_eof()}.
     *
     * @throws UnsupportedOperationException if it cannot, see {@link #canWriteEof}
     */
    void writeEof();

    /** Closes it at once: what was written and not sent is dropped. CPython name: {@code WriteTransport.abort()}. */
    void abort();

    /** How many bytes wait to be sent. CPython name: {@code WriteTransport.get_write_buffer_size()}. */
    int getWriteBufferSize();

    /**
     * Between which numbers of unsent bytes the protocol is paused and resumed.
     *
     * <p>CPython name: {@code WriteTransport.get_write_buffer_limits()}.
     */
    WriteBufferLimits getWriteBufferLimits();

    /**
     * Sets these limits, in bytes; of two that are null {@code high} is 64 KiB, of one it follows from the other: the low limit
     * is a quarter of the high one. The protocol may be paused at once.
     *
     * <p>CPython name: {@code WriteTransport.set_write_buffer_limits(high=None, low=None)}.
     *
     * @throws IllegalArgumentException unless {@code high >= low >= 0}
     */
    void setWriteBufferLimits(@Nullable Integer high, @Nullable Integer low);
}
