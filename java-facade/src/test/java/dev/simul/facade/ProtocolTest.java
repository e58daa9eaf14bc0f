// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.transports.BufferedProtocol;
import dev.simul.transports.Protocol;
import dev.simul.transports.StreamingProtocol;
import dev.simul.transports.Transport;
import dev.simul.transports.WriteBufferLimits;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Sockets.HERE;
import static dev.simul.facade.Sockets.connect;
import static dev.simul.facade.Sockets.portOf;
import static dev.simul.facade.Sockets.run;
import static dev.simul.facade.Sockets.serve;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ProtocolTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Records what it is told, and is waited for. */
    private static class Recorder implements Protocol {
        final List<String> events = new ArrayList<>();
        final Future<@Nullable Void> lost = createFuture();
        @Nullable Transport transport;

        @Override
        public void connectionMade(Transport transport) {
            this.transport = transport;
            events.add("made");
        }

        @Override
        public void dataReceived(byte[] data) {
            events.add(new String(data, StandardCharsets.UTF_8));
        }

        @Override
        public boolean eofReceived() {
            events.add("eof");
            return Protocol.super.eofReceived();
        }

        @Override
        public void connectionLost(@Nullable Throwable exception) {
            events.add("lost");
            lost.setResult(null);
        }
    }

    @Test
    @DisplayName("a protocol is told of its connection, of what comes, and of the end, in this order")
    void told() {
        run(() -> {
            var loop = getRunningLoop();
            var served = new Recorder();
            try (var server = loop.createServer(HERE, 0, new ServerOptions(), () -> served).await()) {
                var connection = loop.createConnection(HERE, portOf(server), Recorder::new).await();
                var asking = connection.protocol();
                assertSame(connection.transport(), asking.transport);
                assertSame(asking, connection.transport().getProtocol());
                assertEquals(new InetSocketAddress(HERE, portOf(server)), connection.transport().getExtraInfo("peername"));
                assertNull(connection.transport().getExtraInfo("colour"));
                connection.transport().write("hello");
                assertTrue(connection.transport().canWriteEof());
                connection.transport().writeEof();
                asking.lost.await();
                served.lost.await();
                assertEquals(List.of("made", "hello", "eof", "lost"), served.events);
                assertEquals(List.of("made", "eof", "lost"), asking.events);
            }
        });
    }

    @Test
    @DisplayName("a protocol of buffers receives into its own")
    void buffered() {
        run(() -> {
            var loop = getRunningLoop();
            var received = ByteBuffer.allocate(64);
            var full = createFuture();
            class Buffered implements BufferedProtocol {
                @Override
                public ByteBuffer getBuffer(int sizeHint) {
                    return received;
                }

                @Override
                public void bufferUpdated(int count) {
                    BufferedProtocol.super.bufferUpdated(count);
                    if (received.position() == 9) {
                        full.setResult(null);
                    }
                }
            }
            try (var server = loop.createServer(HERE, 0, Buffered::new).await();
                    var same = loop.createServer(List.of(HERE), 0, new ServerOptions(), Buffered::new).await()) {
                assertTrue(same.isServing());
                var transport = loop.createConnection(HERE, portOf(server), new ConnectionOptions(), Recorder::new)
                        .await()
                        .transport();
                transport.write(bytes("one"));
                transport.writelines(List.of(bytes("two"), bytes("six")));
                full.await();
                assertEquals("onetwosix", new String(received.array(), 0, 9, StandardCharsets.UTF_8));
                transport.abort();
                assertTrue(transport.isClosing());
            }
        });
    }

    @Test
    @DisplayName("a transport pauses, limits what is unsent, and can be given another protocol")
    void transport() {
        run(() -> {
            var loop = getRunningLoop();
            var paused = new ArrayList<String>();
            class Pausing extends Recorder {
                @Override
                public void pauseWriting() {
                    super.pauseWriting();
                    paused.add("pause");
                }

                @Override
                public void resumeWriting() {
                    super.resumeWriting();
                    paused.add("resume");
                }
            }
            try (var server = serve((reader, writer) -> {
                try (writer) {
                    writer.write(reader.readexactly(8 << 20).await().length + "");
                }
            })) {
                var connection = loop.createConnection(HERE, portOf(server), Pausing::new).await();
                var transport = connection.transport();
                assertEquals(new WriteBufferLimits(16 * 1024, 64 * 1024), transport.getWriteBufferLimits());
                transport.setWriteBufferLimits(4000, null);
                assertEquals(new WriteBufferLimits(1000, 4000), transport.getWriteBufferLimits());
                assertThrows(IllegalArgumentException.class, () -> transport.setWriteBufferLimits(1, 2));
                assertTrue(transport.isReading());
                transport.pauseReading();
                assertFalse(transport.isReading());
                transport.write(ByteBuffer.allocate(8 << 20));
                assertTrue(transport.getWriteBufferSize() > 0);
                assertEquals(List.of("pause"), paused);
                transport.resumeReading();
                var other = new Recorder();
                transport.setProtocol(other);
                assertSame(other, transport.getProtocol());
                other.lost.await();
                assertEquals(List.of("8388608", "eof", "lost"), other.events);
                assertEquals(List.of("made"), connection.protocol().events);
            }
        });
    }

    @Test
    @DisplayName("a protocol that does nothing hears nothing, and stays closed for writing after the end")
    void silent() {
        run(() -> {
            var loop = getRunningLoop();
            try (var server = serve((reader, writer) -> {
                writer.write("unheard");
                writer.close();
            })) {
                var connection = loop.createConnection(HERE, portOf(server), () -> new Protocol() {}).await();
                while (!connection.transport().isClosing()) {
                    Asyncio.sleep(java.time.Duration.ofMillis(1)).await();
                }
                connection.protocol().connectionMade(connection.transport());
                connection.protocol().dataReceived(bytes("nothing"));
                connection.protocol().dataReceived(ByteBuffer.wrap(bytes("nothing")));
                connection.protocol().connectionLost(null);
            }
        });
    }

    /** Passes on what it is told; counts bytes. */
    private static final class Counting implements BufferedProtocol {
        private final StreamReaderProtocol streams;
        private int bytes;

        Counting(StreamReaderProtocol streams) {
            this.streams = streams;
        }

        @Override
        public void connectionMade(Transport transport) {
            streams.connectionMade(transport);
        }

        @Override
        public ByteBuffer getBuffer(int sizeHint) {
            return streams.getBuffer(sizeHint);
        }

        @Override
        public void bufferUpdated(int count) {
            bytes += count;
            streams.bufferUpdated(count);
        }

        @Override
        public boolean eofReceived() {
            return streams.eofReceived();
        }

        @Override
        public void pauseWriting() {
            streams.pauseWriting();
        }

        @Override
        public void resumeWriting() {
            streams.resumeWriting();
        }

        @Override
        public void connectionLost(@Nullable Throwable exception) {
            streams.connectionLost(exception);
        }
    }

    @Test
    @DisplayName("a protocol of streams can stand behind another one")
    void behind() {
        run(() -> {
            var loop = getRunningLoop();
            try (var server = serve((reader, writer) -> {
                try (writer) {
                    byte[] all = reader.readexactly(1 << 22).await();
                    writer.write("" + all.length);
                }
            })) {
                var reader = new StreamReader();
                var streams = new StreamReaderProtocol(reader);
                var connection = loop.createConnection(HERE, portOf(server), () -> new Counting(streams)).await();
                var writer = new StreamWriter(connection.transport(), streams, reader);
                writer.write(new byte[1 << 22]);
                writer.drain().await();
                assertEquals("4194304", new String(reader.read().await(), StandardCharsets.UTF_8));
                assertEquals(7, connection.protocol().bytes);
                writer.aclose().await();
            }
        });
    }

    @Test
    @DisplayName("the protocol of streams can be put aside, and back")
    void aside() {
        run(() -> {
            try (var server = serve((reader, writer) -> {
                try (writer) {
                    for (byte[] line : reader) {
                        writer.write(line);
                    }
                }
            }); var streams = connect(server)) {
                var transport = streams.writer().transport();
                var protocol = transport.getProtocol();
                var heard = createFuture();
                transport.setProtocol(new Recorder() {
                    @Override
                    public void dataReceived(ByteBuffer data) {
                        super.dataReceived(data);
                        heard.setResult(events.get(0));
                    }
                });
                transport.write("aside\n");
                assertEquals("aside\n", heard.await());
                transport.setProtocol(protocol);
                assertEquals(protocol, transport.getProtocol());
                transport.write("back\n");
                assertEquals("back\n", new String(streams.reader().readline().await(), StandardCharsets.UTF_8));
            }
        });
    }

    /** Keeps what is written; the least that a transport in Java must be. */
    private static final class Memory implements Transport {
        final ByteBuffer written = ByteBuffer.allocate(64);
        private StreamingProtocol protocol = new Protocol() {};
        private boolean isClosing;

        @Override
        public StreamingProtocol getProtocol() {
            return protocol;
        }

        @Override
        public void setProtocol(StreamingProtocol protocol) {
            this.protocol = protocol;
        }

        @Override
        public @Nullable Object getExtraInfo(String name) {
            return null;
        }

        @Override
        public boolean isReading() {
            return true;
        }

        @Override
        public void pauseReading() {}

        @Override
        public void resumeReading() {}

        @Override
        public void write(ByteBuffer data) {
            written.put(data);
        }

        @Override
        public boolean canWriteEof() {
            return false;
        }

        @Override
        public void writeEof() {
            throw new UnsupportedOperationException("there is no end to write");
        }

        @Override
        public int getWriteBufferSize() {
            return 0;
        }

        @Override
        public WriteBufferLimits getWriteBufferLimits() {
            return new WriteBufferLimits(0, 64);
        }

        @Override
        public void setWriteBufferLimits(@Nullable Integer high, @Nullable Integer low) {}

        @Override
        public void abort() {
            close();
        }

        @Override
        public boolean isClosing() {
            return isClosing;
        }

        @Override
        public void close() {
            isClosing = true;
        }
    }

    @Test
    @DisplayName("streams go over a transport that is written in Java")
    void ofJava() {
        run(() -> {
            var transport = new Memory();
            var reader = new StreamReader();
            var protocol = new StreamReaderProtocol(reader);
            protocol.connectionMade(transport);
            try (var writer = new StreamWriter(transport, protocol, reader)) {
                assertSame(transport, writer.transport());
                writer.write("one");
                writer.writelines(List.of(bytes("two"), bytes("six")));
                writer.drain().await();
                transport.write("ten");
                assertFalse(writer.canWriteEof());
                assertThrows(UnsupportedOperationException.class, writer::writeEof);
                protocol.getBuffer(-1).put(bytes("hello"));
                protocol.bufferUpdated(5);
                protocol.eofReceived();
                assertEquals("hello", new String(reader.read().await(), StandardCharsets.UTF_8));
            }
            assertTrue(transport.isClosing());
            assertEquals("onetwosixten", new String(transport.written.array(), 0, 12, StandardCharsets.UTF_8));
            assertEquals(0, transport.getWriteBufferLimits().low());
            assertEquals(64, transport.getWriteBufferLimits().high());
        });
    }

    @Test
    @DisplayName("a factory that makes no protocol fails the connection, and says so")
    void noProtocol() {
        run(() -> {
            try (var server = serve((reader, writer) -> writer.close())) {
                var connecting = getRunningLoop().<Protocol>createConnection(HERE, portOf(server), () -> null);
                var e = assertThrows(NullPointerException.class, connecting::await);
                assertEquals("the protocol factory has made no protocol", e.getMessage());
            }
        });
    }
}
