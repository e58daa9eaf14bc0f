// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A transport that a loop has made. */
final class LoopTransport extends TransportFace<dev.simul.transports.Transport> implements Transport {
    LoopTransport(dev.simul.transports.Transport source) {
        super(source);
    }

    static LoopTransport of(dev.simul.transports.Transport source) {
        return source.getProtocol() instanceof Protocols.OfJava<?> adapter
                ? adapter.faceOf(source)
                : new LoopTransport(source);
    }

    static dev.simul.transports.Transport sourceOf(Transport transport) {
        if (transport instanceof LoopTransport made) {
            return made.source;
        }
        throw new IllegalArgumentException(
                transport + " was not made by a loop: take one that a protocol was given, or that createConnection returned");
    }

    @Override
    public StreamingProtocol getProtocol() {
        return Protocols.fromRuntime(source.getProtocol());
    }

    @Override
    public void setProtocol(StreamingProtocol protocol) {
        source.setProtocol(Protocols.toRuntime(protocol));
    }

    @Override
    public @Nullable Object getExtraInfo(String name) {
        var info = super.getExtraInfo(name);
        return info instanceof dev.simul.tls.SslContext context ? new SslContext(context) : info;
    }

    @Override
    public boolean isReading() {
        return source.isReading();
    }

    @Override
    public void pauseReading() {
        source.pauseReading();
    }

    @Override
    public void resumeReading() {
        source.resumeReading();
    }

    @Override
    public void write(byte[] data) {
        source.write(data);
    }

    @Override
    public void write(ByteBuffer data) {
        source.write(data);
    }

    @Override
    public void writelines(Iterable<byte[]> data) {
        source.writelines(data);
    }

    @Override
    public boolean canWriteEof() {
        return source.canWriteEof();
    }

    @Override
    public void writeEof() {
        source.writeEof();
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
}
