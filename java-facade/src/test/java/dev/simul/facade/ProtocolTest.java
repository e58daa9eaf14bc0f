// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.transports.StreamingProtocol;
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
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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

    @Test
    @DisplayName("protocols of Kotlin can be asked for, told things, and set again, in Java")
    void ofKotlin() {
        class Plain implements dev.simul.transports.Protocol {
            final List<String> events = new ArrayList<>();

            @Override
            public void dataReceived(byte[] data) {
                events.add("data " + data.length);
            }

            @Override
            public boolean eofReceived() {
                return events.add("eof");
            }

            @Override
            public void pauseWriting() {
                events.add("pause");
            }

            @Override
            public void resumeWriting() {
                events.add("resume");
            }

            @Override
            public void connectionLost(@Nullable Throwable exception) {
                events.add("lost");
            }

            @Override
            public String toString() {
                return "plain";
            }
        }
        class Buffered implements dev.simul.transports.BufferedProtocol {
            @Override
            public ByteBuffer getBuffer(int sizeHint) {
                return ByteBuffer.allocate(sizeHint);
            }
        }
        var plain = new Plain();
        var face = (Protocol) Protocols.fromRuntime(plain);
        face.dataReceived(new byte[1]);
        face.dataReceived(ByteBuffer.allocate(2));
        assertTrue(face.eofReceived());
        face.pauseWriting();
        face.resumeWriting();
        face.connectionLost(null);
        assertEquals(List.of("data 1", "data 2", "eof", "pause", "resume", "lost"), plain.events);
        assertEquals("plain", face.toString());
        assertSame(plain, Protocols.toRuntime(face));
        StreamingProtocol buffered = new Buffered();
        var bufferedFace = assertInstanceOf(BufferedProtocol.class, Protocols.fromRuntime(buffered));
        assertEquals(3, bufferedFace.getBuffer(3).remaining());
        bufferedFace.bufferUpdated(3);
        assertSame(buffered, Protocols.toRuntime(bufferedFace));
        assertNotEquals(face, bufferedFace);
    }

    @Test
    @DisplayName("only transports of a loop are written to by streams")
    void foreign() {
        run(() -> {
            try (var server = serve((reader, writer) -> writer.close()); var streams = connect(server)) {
                var fake = (Transport) java.lang.reflect.Proxy.newProxyInstance(
                        Transport.class.getClassLoader(),
                        new Class<?>[] {Transport.class},
                        (proxy, method, arguments) -> method.getName().equals("toString") ? "fake" : null);
                var e = assertThrows(
                        IllegalArgumentException.class,
                        () -> new StreamWriter(fake, new StreamReaderProtocol(streams.reader()), null));
                assertTrue(e.getMessage().startsWith("fake was not made by a loop"), e::getMessage);
            }
        });
    }
}
