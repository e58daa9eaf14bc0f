// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import kotlin.coroutines.Continuation;
import kotlin.jvm.functions.Function0;
import org.jspecify.annotations.Nullable;

/** Protocols of the facade as the runtime's, and the other way round. */
final class Protocols {
    private Protocols() {}

    static dev.simul.transports.StreamingProtocol toRuntime(StreamingProtocol protocol) {
        if (protocol instanceof StreamReaderProtocol streams) {
            return streams.source;
        } else if (protocol instanceof Streaming<?> face) {
            return face.source;
        }
        return protocol instanceof Protocol plain
                ? new PlainOfJava(plain)
                : new BufferedOfJava((BufferedProtocol) protocol);
    }

    static StreamingProtocol fromRuntime(dev.simul.transports.StreamingProtocol protocol) {
        if (protocol instanceof OfJava<?> adapter) {
            return adapter.protocol;
        } else if (protocol instanceof dev.simul.streams.StreamReaderProtocol streams) {
            return new StreamReaderProtocol(streams);
        }
        return protocol instanceof dev.simul.transports.Protocol plain
                ? new Plain(plain)
                : new Buffered((dev.simul.transports.BufferedProtocol) protocol);
    }

    /** A call that makes a protocol, and then a connection. */
    static <P extends StreamingProtocol> Future<Connection<Transport, P>> connect(
            Supplier<? extends P> factory,
            Connecting<dev.simul.transports.Transport, dev.simul.transports.StreamingProtocol> connecting) {
        return connect(factory, Protocols::toRuntime, connecting, LoopTransport::of);
    }

    /** As the other, of protocols and transports that these functions adapt. */
    static <
                    P extends BaseProtocol,
                    S extends dev.simul.transports.BaseProtocol,
                    T extends BaseTransport,
                    R extends dev.simul.transports.BaseTransport>
            Future<Connection<T, P>> connect(
                    Supplier<? extends P> factory,
                    Function<? super P, S> toRuntime,
                    Connecting<R, S> connecting,
                    Function<? super R, ? extends T> faceOf) {
        var made = new ArrayList<P>(1);
        Function0<S> remembering = () -> {
            made.add(Objects.requireNonNull(factory.get(), "the protocol factory has made no protocol"));
            return toRuntime.apply(made.get(0));
        };
        return Calls.<dev.simul.net.Connection<? extends R, ? extends S>, Connection<T, P>>call(
                continuation -> connecting.connect(remembering, continuation),
                connection -> new Connection<>(faceOf.apply(connection.getTransport()), made.get(0)));
    }

    /** A function of the runtime that connects. */
    @FunctionalInterface
    interface Connecting<R extends dev.simul.transports.BaseTransport, S extends dev.simul.transports.BaseProtocol> {
        @Nullable Object connect(
                Function0<? extends S> factory,
                Continuation<? super dev.simul.net.Connection<? extends R, ? extends S>> continuation);
    }

    /** A protocol in Java, to the runtime. */
    abstract static class OfJava<P extends StreamingProtocol> extends AdaptedProtocol<P>
            implements dev.simul.transports.StreamingProtocol {
        private @Nullable LoopTransport transport;

        OfJava(P protocol) {
            super(protocol);
        }

        /** The one object by which Java knows the transport. */
        LoopTransport faceOf(dev.simul.transports.Transport source) {
            if (transport == null || transport.source != source) {
                transport = new LoopTransport(source);
            }
            return transport;
        }

        @Override
        public void connectionMade(dev.simul.transports.Transport source) {
            protocol.connectionMade(faceOf(source));
        }

        @Override
        public boolean eofReceived() {
            return protocol.eofReceived();
        }
    }

    private static final class PlainOfJava extends OfJava<Protocol> implements dev.simul.transports.Protocol {
        PlainOfJava(Protocol protocol) {
            super(protocol);
        }

        @Override
        public void dataReceived(byte[] data) {
            protocol.dataReceived(data);
        }

        @Override
        public void dataReceived(ByteBuffer data) {
            protocol.dataReceived(data);
        }
    }

    private static final class BufferedOfJava extends OfJava<BufferedProtocol> implements dev.simul.transports.BufferedProtocol {
        BufferedOfJava(BufferedProtocol protocol) {
            super(protocol);
        }

        @Override
        public ByteBuffer getBuffer(int sizeHint) {
            return protocol.getBuffer(sizeHint);
        }

        @Override
        public void bufferUpdated(int count) {
            protocol.bufferUpdated(count);
        }
    }

    /** A protocol of the runtime, to Java. */
    private abstract static class Streaming<S extends dev.simul.transports.StreamingProtocol> {
        final S source;

        Streaming(S source) {
            this.source = source;
        }

        public void connectionMade(Transport transport) {
            source.connectionMade(LoopTransport.sourceOf(transport));
        }

        public boolean eofReceived() {
            return source.eofReceived();
        }

        public void connectionLost(@Nullable Throwable exception) {
            source.connectionLost(exception);
        }

        public void pauseWriting() {
            source.pauseWriting();
        }

        public void resumeWriting() {
            source.resumeWriting();
        }

        @Override
        public String toString() {
            return source.toString();
        }
    }

    private static final class Plain extends Streaming<dev.simul.transports.Protocol> implements Protocol {
        Plain(dev.simul.transports.Protocol source) {
            super(source);
        }

        @Override
        public void dataReceived(byte[] data) {
            source.dataReceived(data);
        }

        @Override
        public void dataReceived(ByteBuffer data) {
            source.dataReceived(data);
        }
    }

    private static final class Buffered extends Streaming<dev.simul.transports.BufferedProtocol> implements BufferedProtocol {
        Buffered(dev.simul.transports.BufferedProtocol source) {
            super(source);
        }

        @Override
        public ByteBuffer getBuffer(int sizeHint) {
            return source.getBuffer(sizeHint);
        }

        @Override
        public void bufferUpdated(int count) {
            source.bufferUpdated(count);
        }
    }
}
