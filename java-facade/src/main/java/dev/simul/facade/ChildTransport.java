package dev.simul.facade;

import dev.simul.process.ProcessLookupException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A transport of a child that a loop has started. */
final class ChildTransport implements SubprocessTransport {
    private final dev.simul.process.SubprocessTransport source;

    private ChildTransport(dev.simul.process.SubprocessTransport source) {
        this.source = source;
    }

    static ChildTransport of(dev.simul.process.SubprocessTransport source) {
        return ((OfJava) source.getProtocol()).faceOf(source);
    }

    static dev.simul.process.SubprocessProtocol toRuntime(SubprocessProtocol protocol) {
        return new OfJava(protocol);
    }

    @Override
    public SubprocessProtocol getProtocol() {
        return ((OfJava) source.getProtocol()).protocol;
    }

    @Override
    public void setProtocol(SubprocessProtocol protocol) {
        source.setProtocol(new OfJava(protocol));
    }

    @Override
    public @Nullable Object getExtraInfo(String name) {
        return source.getExtraInfo(name);
    }

    @Override
    public long getPid() {
        return source.getPid();
    }

    @Override
    public @Nullable Integer getReturncode() {
        return source.getReturncode();
    }

    @Override
    public @Nullable Transport getPipeTransport(int fd) {
        var pipe = source.getPipeTransport(fd);
        return pipe == null ? null : LoopTransport.of(pipe);
    }

    @Override
    public void sendSignal(String signal) throws IOException {
        source.sendSignal(signal);
    }

    @Override
    public void terminate() throws ProcessLookupException {
        source.terminate();
    }

    @Override
    public void kill() throws ProcessLookupException {
        source.kill();
    }

    @Override
    public boolean isClosing() {
        return source.isClosing();
    }

    @Override
    public void close() {
        source.close();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ChildTransport transport && transport.source == source;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(source);
    }

    @Override
    public String toString() {
        return source.toString();
    }

    /** A protocol in Java, to the runtime. */
    private static final class OfJava implements dev.simul.process.SubprocessProtocol {
        private final SubprocessProtocol protocol;
        private @Nullable ChildTransport transport;

        OfJava(SubprocessProtocol protocol) {
            this.protocol = protocol;
        }

        ChildTransport faceOf(dev.simul.process.SubprocessTransport source) {
            if (transport == null) {
                transport = new ChildTransport(source);
            }
            return transport;
        }

        @Override
        public void connectionMade(dev.simul.process.SubprocessTransport source) {
            protocol.connectionMade(faceOf(source));
        }

        @Override
        public void pipeDataReceived(int fd, byte[] data) {
            protocol.pipeDataReceived(fd, data);
        }

        @Override
        public void pipeConnectionLost(int fd, @Nullable Throwable exception) {
            protocol.pipeConnectionLost(fd, exception);
        }

        @Override
        public void processExited() {
            protocol.processExited();
        }

        @Override
        public void connectionLost(@Nullable Throwable exception) {
            protocol.connectionLost(exception);
        }

        @Override
        public void pauseWriting() {
            protocol.pauseWriting();
        }

        @Override
        public void resumeWriting() {
            protocol.resumeWriting();
        }

        @Override
        public String toString() {
            return protocol.toString();
        }
    }
}
