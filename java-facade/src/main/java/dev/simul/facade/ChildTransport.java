// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.process.ProcessLookupException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A transport of a child that a loop has started. */
final class ChildTransport extends TransportFace<dev.simul.process.SubprocessTransport> implements SubprocessTransport {
    private ChildTransport(dev.simul.process.SubprocessTransport source) {
        super(source);
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

    /** A protocol in Java, to the runtime. */
    private static final class OfJava extends AdaptedProtocol<SubprocessProtocol> implements dev.simul.process.SubprocessProtocol {
        private @Nullable ChildTransport transport;

        OfJava(SubprocessProtocol protocol) {
            super(protocol);
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
    }
}
