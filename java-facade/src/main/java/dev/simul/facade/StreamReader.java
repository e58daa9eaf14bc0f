// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.loop.RunningLoopKt;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.awaitHere;
import static dev.simul.facade.Calls.call;

/**
 * The receiving side of a stream of bytes.
 *
 * <pre>{@code
 * for (String line : reader.lines()) {
 *     System.out.println(line);
 * }
 * }</pre>
 *
 * <p>One task reads at a time. A task that is cancelled while it reads loses no data: the bytes that have arrived stay for the
 * next read. While more than twice the limit is unread, the reader receives nothing, and the peer has to wait.
 *
 * <p>When the connection breaks, every read fails with the cause, usually an {@link java.io.IOException}.
 *
 * <p>Source: {@code asyncio.StreamReader}.
 */
public final class StreamReader implements Iterable<byte[]> {
    /** The default limit of a reader: 64 KiB. */
    public static final int DEFAULT_LIMIT = dev.simul.streams.StreamReader.DEFAULT_LIMIT;

    final dev.simul.streams.StreamReader delegate;

    /**
     * A reader for a {@link StreamReaderProtocol}, or one that you feed yourself; it belongs to the thread's current loop.
     *
     * <p>Source: {@code asyncio.StreamReader()}.
     *
     * @throws IllegalStateException if the thread has no current loop, see {@link Asyncio#getEventLoop}
     */
    public StreamReader() {
        this(DEFAULT_LIMIT);
    }

    /**
     * As {@link #StreamReader()}. Source: {@code asyncio.StreamReader(limit)}.
     *
     * @param limit how far {@link #readline} and {@link #readuntil} look for a separator, in bytes
     * @throws IllegalArgumentException if {@code limit} is not positive
     */
    public StreamReader(int limit) {
        this(new dev.simul.streams.StreamReader(limit, RunningLoopKt.getEventLoop()));
    }

    StreamReader(dev.simul.streams.StreamReader delegate) {
        this.delegate = delegate;
    }

    /** Whether the peer has ended the stream and everything has been read. Source: {@code StreamReader.at_eof()}. */
    public boolean atEof() {
        return delegate.atEof();
    }

    /**
     * The exception that broke the stream, or null; every read throws it, even if there is unread data.
     *
     * <p>Source: {@code StreamReader.exception()}.
     */
    public @Nullable Throwable exception() {
        return delegate.exception();
    }

    // Reading.

    /** All bytes up to the end of the stream. Source: {@code StreamReader.read()}. */
    public Future<byte[]> read() {
        return read(-1);
    }

    /**
     * Up to {@code n} bytes: the available ones or, if there are none, the next to arrive. If {@code n} is negative, all bytes up
     * to the end.
     *
     * <p>Source: {@code StreamReader.read(n)}.
     *
     * @return an empty array at the end of the stream, and if {@code n} is 0
     */
    public Future<byte[]> read(int n) {
        return call(continuation -> delegate.read(n, continuation));
    }

    /**
     * Reads the available bytes into {@code buffer} or, if there are none, the next to arrive. These are received directly into
     * the buffer, so do not touch it meanwhile.
     *
     * <p>asyncio has no equivalent; compare {@link java.nio.channels.ReadableByteChannel#read}.
     *
     * @return the number of bytes read; -1 at the end of the stream
     */
    public Future<Integer> read(ByteBuffer buffer) {
        return call(continuation -> delegate.read(buffer, continuation));
    }

    /**
     * Exactly {@code n} bytes.
     *
     * <p>Source: {@code StreamReader.readexactly(n)}.
     *
     * @return fails with {@link dev.simul.streams.IncompleteReadException} if the stream ends first, which holds the bytes that
     *     had arrived, and with {@link IllegalArgumentException} if {@code n} is negative
     */
    public Future<byte[]> readexactly(int n) {
        return call(continuation -> delegate.readexactly(n, continuation));
    }

    /**
     * A line with its line feed; the last one may have none.
     *
     * <p>Source: {@code StreamReader.readline()}.
     *
     * @return an empty array at the end of the stream; fails with {@link dev.simul.streams.LimitOverrunException} if the line is
     *     longer than the limit: the part that has arrived is dropped
     */
    public Future<byte[]> readline() {
        return call(delegate::readline);
    }

    /**
     * All bytes up to and including {@code separator}.
     *
     * <p>Source: {@code StreamReader.readuntil(separator)}.
     *
     * @return fails with {@link dev.simul.streams.IncompleteReadException} if the stream ends first, which holds the bytes that
     *     had arrived; with {@link dev.simul.streams.LimitOverrunException} if there is no separator within the limit, and the
     *     bytes stay unread; with {@link IllegalArgumentException} if the separator is empty
     */
    public Future<byte[]> readuntil(byte[] separator) {
        return call(continuation -> delegate.readuntil(separator, continuation));
    }

    /** As {@link #readuntil(byte[])}, up to and including the separator that ends first; their order does not matter. */
    public Future<byte[]> readuntil(Collection<byte[]> separators) {
        return call(continuation -> delegate.readuntil(separators, continuation));
    }

    /**
     * The lines of the stream, with their line feeds, for a {@code for} loop in the calling body: its {@code hasNext()} awaits the
     * next line in place, as {@link #readline} does.
     *
     * <p>Source: {@code async for line in reader}.
     */
    @Override
    public Iterator<byte[]> iterator() {
        return new Lines<>(line -> line);
    }

    /**
     * As {@link #iterator}, but decoded from UTF-8, and without line terminators: a line feed, and a carriage return before it.
     *
     * <p>asyncio has no equivalent; compare {@link java.io.BufferedReader#lines}.
     */
    public Iterable<String> lines() {
        return () -> new Lines<>(StreamReader::textOf);
    }

    private static String textOf(byte[] line) {
        int end = line.length;
        if (end > 0 && line[end - 1] == '\n') {
            end--;
            if (end > 0 && line[end - 1] == '\r') {
                end--;
            }
        }
        return new String(line, 0, end, StandardCharsets.UTF_8);
    }

    private final class Lines<T> implements Iterator<T> {
        private final Function<byte[], T> form;
        private byte @Nullable [] line;

        Lines(Function<byte[], T> form) {
            this.form = form;
        }

        @Override
        public boolean hasNext() {
            if (line == null) {
                line = awaitHere(delegate::readline);
            }
            return line.length > 0;
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the stream has ended");
            }
            var next = form.apply(line);
            line = null;
            return next;
        }
    }

    // Feeding.

    /** Adds received bytes, as a protocol does. Source: {@code StreamReader.feed_data(data)}. */
    public void feedData(byte[] data) {
        delegate.feedData(data);
    }

    /** As {@link #feedData(byte[])}, from the position of {@code data} to its limit. */
    public void feedData(ByteBuffer data) {
        delegate.feedData(data);
    }

    /** Ends the stream. Source: {@code StreamReader.feed_eof()}. */
    public void feedEof() {
        delegate.feedEof();
    }

    /** Breaks the stream: every read fails with {@code exception}. Source: {@code StreamReader.set_exception(exc)}. */
    public void setException(Throwable exception) {
        delegate.setException(exception);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
