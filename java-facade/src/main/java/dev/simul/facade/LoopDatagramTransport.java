// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A transport of datagrams that a loop has made. */
final class LoopDatagramTransport extends TransportFace<dev.simul.transports.DatagramTransport> implements DatagramTransport {
    private LoopDatagramTransport(dev.simul.transports.DatagramTransport source) {
        super(source);
    }

    static LoopDatagramTransport of(dev.simul.transports.DatagramTransport source) {
        return ((OfJava) source.getProtocol()).faceOf(source);
    }

    static dev.simul.transports.DatagramProtocol toRuntime(DatagramProtocol protocol) {
        return new OfJava(protocol);
    }

    @Override
    public DatagramProtocol getProtocol() {
        return ((OfJava) source.getProtocol()).protocol;
    }

    @Override
    public void setProtocol(DatagramProtocol protocol) {
        source.setProtocol(new OfJava(protocol));
    }

    @Override
    public void sendto(byte[] data, @Nullable SocketAddress addr) {
        source.sendto(data, addr);
    }

    @Override
    public void sendto(ByteBuffer data, @Nullable SocketAddress addr) {
        source.sendto(data, addr);
    }

    @Override
    public void abort() {
        source.abort();
    }

    @Override
    public int getWriteBufferSize() {
        return source.getWriteBufferSize();
    }

    @Override
    public WriteBufferLimits getWriteBufferLimits() {
        return WriteBufferLimits.of(source.getWriteBufferLimits());
    }

    @Override
    public void setWriteBufferLimits(@Nullable Integer high, @Nullable Integer low) {
        source.setWriteBufferLimits(high, low);
    }

    /** A protocol in Java, to the runtime. */
    private static final class OfJava extends AdaptedProtocol<DatagramProtocol> implements dev.simul.transports.DatagramProtocol {
        private @Nullable LoopDatagramTransport transport;

        OfJava(DatagramProtocol protocol) {
            super(protocol);
        }

        LoopDatagramTransport faceOf(dev.simul.transports.DatagramTransport source) {
            if (transport == null) {
                transport = new LoopDatagramTransport(source);
            }
            return transport;
        }

        @Override
        public void connectionMade(dev.simul.transports.DatagramTransport source) {
            protocol.connectionMade(faceOf(source));
        }

        @Override
        public void datagramReceived(byte[] data, SocketAddress addr) {
            protocol.datagramReceived(data, addr);
        }

        @Override
        public void datagramReceived(ByteBuffer data, SocketAddress addr) {
            protocol.datagramReceived(data, addr);
        }

        @Override
        public void errorReceived(IOException exception) {
            protocol.errorReceived(exception);
        }
    }
}
