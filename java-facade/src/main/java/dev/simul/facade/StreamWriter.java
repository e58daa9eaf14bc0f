// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaTls;
import dev.simul.loop.RunningLoopKt;
import dev.simul.tls.SslContext;
import dev.simul.transports.Transport;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.callForNothing;
import static dev.simul.interop.Bodies.callInBody;
import static dev.simul.interop.Calls.withoutResult;

/**
 * The sending side of a stream of bytes.
 *
 * <p>Writing never waits; {@link #drain} does, while too much is unsent. So drain after each write.
 *
 * <p>Closing it, for example by {@code try}-with-resources, closes the connection in both directions, without waiting.
 *
 * <p>Source: {@code asyncio.StreamWriter}.
 */
public final class StreamWriter implements AutoCloseable {
    private final dev.simul.streams.StreamWriter delegate;

    /**
     * A writer for a transport whose protocol you created; it belongs to the thread's current loop.
     *
     * <p>Source: {@code asyncio.StreamWriter(transport, protocol, reader, loop)}.
     *
     * @param reader the reader that {@code protocol} feeds; null if there is none
     * @throws IllegalStateException if the thread has no current loop, see {@link Asyncio#getEventLoop}
     */
    public StreamWriter(Transport transport, StreamReaderProtocol protocol, @Nullable StreamReader reader) {
        this(new dev.simul.streams.StreamWriter(
                transport,
                protocol.delegate,
                reader == null ? null : reader.delegate,
                RunningLoopKt.getEventLoop()));
    }

    StreamWriter(dev.simul.streams.StreamWriter delegate) {
        this.delegate = delegate;
    }

    /** The transport that it writes to. Source: {@code StreamWriter.transport}. */
    public Transport transport() {
        return delegate.getTransport();
    }

    /** Whether it is closed or closing. Source: {@code StreamWriter.is_closing()}. */
    public boolean isClosing() {
        return delegate.isClosing();
    }

    /**
     * Information about the connection, as {@link Transport#getExtraInfo} returns it.
     *
     * <p>Source: {@code StreamWriter.get_extra_info(name, default=None)}.
     */
    public @Nullable Object getExtraInfo(String name) {
        return delegate.getExtraInfo(name);
    }

    /** Sends {@code data}, or keeps a copy of it until it can be sent. Source: {@code StreamWriter.write(data)}. */
    public void write(byte[] data) {
        delegate.write(data);
    }

    /** As {@link #write(byte[])}, from the position of {@code data}, which moves, to its limit. */
    public void write(ByteBuffer data) {
        delegate.write(data);
    }

    /** As {@link #write(byte[])}, for a text, which is encoded in UTF-8. Source: {@code StreamWriter.write(text.encode())}. */
    public void write(String text) {
        delegate.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes all of them, as one piece of data. Source: {@code StreamWriter.writelines(data)}. */
    public void writelines(Iterable<byte[]> data) {
        delegate.writelines(data);
    }

    /**
     * If the unsent bytes exceed the transport's high limit, waits until they are down to its low limit: 64 and 16 KiB, over TLS
     * 512 and 128 KiB, unless {@link Transport#setWriteBufferLimits} has set others. If it need not wait, it does not give up the
     * turn. Any number of tasks may wait.
     *
     * <p>Source: {@code StreamWriter.drain()}.
     *
     * @return fails with {@link java.io.IOException} if the connection is lost, or with the exception of the reader
     */
    public Future<@Nullable Void> drain() {
        return callForNothing(delegate::drain);
    }

    /** Whether {@link #writeEof} is supported. Source: {@code StreamWriter.can_write_eof()}. */
    public boolean canWriteEof() {
        return delegate.canWriteEof();
    }

    /** Ends the sending direction, once everything has been sent. Source: {@code StreamWriter.write_eof()}. */
    public void writeEof() {
        delegate.writeEof();
    }

    /**
     * Upgrades the connection to TLS, once both sides have agreed to; reader and writer stay the same.
     *
     * <p>A writer that a server has created is the server's side; bytes that its reader has received and that are unread count as
     * the beginning of TLS. If the task is cancelled, or the handshake fails, the connection is closed.
     *
     * <p>Source: {@code StreamWriter.start_tls(sslcontext, server_hostname=server_hostname)}.
     *
     * @param serverHostname the name that the server's certificate must match; null for no check, which the context must allow
     * @return fails with {@link javax.net.ssl.SSLException} if the handshake fails, and with another {@link java.io.IOException}
     *     if the connection is lost, or the handshake takes too long
     */
    public Future<@Nullable Void> startTls(SslContext context, @Nullable String serverHostname) {
        return startTls(context, serverHostname, null, null);
    }

    /**
     * As {@link #startTls(SslContext, String)}.
     *
     * @param sslHandshakeTimeout how long the handshake may take; a minute if it is null
     * @param sslShutdownTimeout how long the connection may take to close; half a minute if it is null
     */
    public Future<@Nullable Void> startTls(
            SslContext context,
            @Nullable String serverHostname,
            @Nullable Duration sslHandshakeTimeout,
            @Nullable Duration sslShutdownTimeout) {
        return new Future<>(callInBody(withoutResult(JavaTls.startingTls(
                delegate, context, serverHostname, sslHandshakeTimeout, sslShutdownTimeout))));
    }

    /** Closes the connection once everything has been sent, without waiting for that. Source: {@code StreamWriter.close()}. */
    @Override
    public void close() {
        delegate.close();
    }

    /**
     * Waits until the connection is closed.
     *
     * <p>Source: {@code StreamWriter.wait_closed()}.
     *
     * @return fails with the {@link java.io.IOException} by which the connection was lost
     */
    public Future<@Nullable Void> waitClosed() {
        return callForNothing(delegate::waitClosed);
    }

    /** Closes the connection and waits until it is closed, as {@link #close} and {@link #waitClosed} do. */
    public Future<@Nullable Void> aclose() {
        return callForNothing(delegate::aclose);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
