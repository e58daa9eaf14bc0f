// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.loop.RunningLoopKt;
import dev.simul.transports.BufferedProtocol;
import dev.simul.transports.Transport;
import java.nio.ByteBuffer;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import kotlin.jvm.functions.Function3;
import org.jspecify.annotations.Nullable;

import static dev.simul.interop.Bodies.bodyOf;

/**
 * Feeds a {@link StreamReader} from a transport, and makes its {@link StreamWriter} wait while too much is unsent.
 *
 * <p>You need it only for streams on transports that {@link Asyncio#openConnection} and similar methods cannot open.
 *
 * <p>Source: {@code asyncio.StreamReaderProtocol}.
 */
public final class StreamReaderProtocol implements BufferedProtocol {
    /** The protocol that {@link StreamWriter} uses. */
    final dev.simul.streams.StreamReaderProtocol delegate;

    /**
     * Feeds {@code reader}, on the thread's current loop. Source: {@code asyncio.StreamReaderProtocol(stream_reader)}.
     *
     * @throws IllegalStateException if the thread has no current loop, see {@link Asyncio#getEventLoop}
     */
    public StreamReaderProtocol(StreamReader reader) {
        this(reader, null);
    }

    /**
     * As {@link #StreamReaderProtocol(StreamReader)}, and runs {@code clientConnected} in a task when there is a connection.
     *
     * <p>Source: {@code asyncio.StreamReaderProtocol(stream_reader, client_connected_cb)}.
     */
    public StreamReaderProtocol(StreamReader reader, @Nullable ClientConnected clientConnected) {
        delegate = new dev.simul.streams.StreamReaderProtocol(
                reader.delegate, RunningLoopKt.getEventLoop(), clientConnected == null ? null : coroutineOf(clientConnected));
    }

    /** Adapts the body for the runtime. */
    static Function3<
                    dev.simul.streams.StreamReader,
                    dev.simul.streams.StreamWriter,
                    Continuation<? super Unit>,
                    @Nullable Object>
            coroutineOf(ClientConnected clientConnected) {
        return (reader, writer, continuation) -> bodyOf(() -> {
            clientConnected.run(new StreamReader(reader), new StreamWriter(writer));
            return Unit.INSTANCE;
        }).await(continuation);
    }

    @Override
    public void connectionMade(Transport transport) {
        delegate.connectionMade(transport);
    }

    @Override
    public ByteBuffer getBuffer(int sizeHint) {
        return delegate.getBuffer(sizeHint);
    }

    @Override
    public void bufferUpdated(int count) {
        delegate.bufferUpdated(count);
    }

    /** The writing direction stays open, except over TLS, which ends both directions together. */
    @Override
    public boolean eofReceived() {
        return delegate.eofReceived();
    }

    @Override
    public void pauseWriting() {
        delegate.pauseWriting();
    }

    @Override
    public void resumeWriting() {
        delegate.resumeWriting();
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) {
        delegate.connectionLost(exception);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
