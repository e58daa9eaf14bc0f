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
 * Feeds a {@link StreamReader} from a transport, and lets its {@link StreamWriter} wait while too much is unsent.
 *
 * <p>Needed only for streams on what {@link Asyncio#openConnection} and its like cannot open.
 *
 * <p>CPython name: {@code asyncio.StreamReaderProtocol}.
 */
public final class StreamReaderProtocol implements BufferedProtocol {
    /** What {@link StreamWriter} writes by. */
    final dev.simul.streams.StreamReaderProtocol source;

    /**
     * Feeds {@code reader}, on the thread's current loop. CPython name: {@code asyncio.StreamReaderProtocol(stream_reader)}.
     *
     * @throws IllegalStateException if there is none, see {@link Asyncio#getEventLoop}
     */
    public StreamReaderProtocol(StreamReader reader) {
        this(reader, null);
    }

    /**
     * As {@link #StreamReaderProtocol(StreamReader)}, and has a task run {@code clientConnected} when there is a connection.
     *
     * <p>CPython name: {@code asyncio.StreamReaderProtocol(stream_reader, client_connected_cb)}.
     */
    public StreamReaderProtocol(StreamReader reader, @Nullable ClientConnected clientConnected) {
        source = new dev.simul.streams.StreamReaderProtocol(
                reader.source, RunningLoopKt.getEventLoop(), clientConnected == null ? null : coroutineOf(clientConnected));
    }

    /** The body as the runtime takes it. */
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
        source.connectionMade(transport);
    }

    @Override
    public ByteBuffer getBuffer(int sizeHint) {
        return source.getBuffer(sizeHint);
    }

    @Override
    public void bufferUpdated(int count) {
        source.bufferUpdated(count);
    }

    /** The writing direction stays open, but not over TLS, which has only one end for both. */
    @Override
    public boolean eofReceived() {
        return source.eofReceived();
    }

    @Override
    public void pauseWriting() {
        source.pauseWriting();
    }

    @Override
    public void resumeWriting() {
        source.resumeWriting();
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) {
        source.connectionLost(exception);
    }

    @Override
    public String toString() {
        return source.toString();
    }
}
