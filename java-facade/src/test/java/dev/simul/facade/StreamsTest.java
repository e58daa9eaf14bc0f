// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import dev.simul.transports.BufferedProtocol;
import dev.simul.transports.ConnectionResetException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Sockets.HERE;
import static dev.simul.facade.Sockets.connect;
import static dev.simul.facade.Sockets.portOf;
import static dev.simul.facade.Sockets.run;
import static dev.simul.facade.Sockets.serve;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StreamsTest {
    static Stream<Carrier> available() {
        return Carrier.available().stream();
    }

    private static void echo(StreamReader reader, StreamWriter writer) {
        try (writer) {
            for (byte[] line : reader) {
                writer.write(line);
                writer.drain().await();
            }
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("a body that serves and a body that asks talk in straight lines")
    void echoed(Carrier carrier) {
        var lines = run(carrier, () -> {
            try (var server = serve(StreamsTest::echo); var streams = connect(server)) {
                var heard = new ArrayList<String>();
                streams.writer().write("one\n");
                heard.add(text(streams.reader().readline().await()));
                streams.writer().write("zwölf\n".getBytes(StandardCharsets.UTF_8));
                streams.writer().write(ByteBuffer.wrap("three\nfour".getBytes(StandardCharsets.UTF_8)));
                streams.writer().writelines(List.of("!\n".getBytes(StandardCharsets.UTF_8), "5".getBytes(StandardCharsets.UTF_8)));
                assertTrue(streams.writer().canWriteEof());
                streams.writer().writeEof();
                streams.reader().lines().forEach(heard::add);
                return heard;
            }
        });
        assertEquals(List.of("one\n", "zwölf", "three", "four!", "5"), lines);
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("two hundred connections at once are served by as many bodies")
    void many(Carrier carrier) {
        int count = 200;
        var all = IntStream.range(0, count).boxed().toList();
        var answers = run(carrier, () -> {
            var waiting = new ArrayList<Integer>();
            var everybody = createFuture();
            try (var server = serve((reader, writer) -> {
                try (writer) {
                    int client = Integer.parseInt(reader.lines().iterator().next());
                    waiting.add(client);
                    if (waiting.size() == count) {
                        everybody.setResult(null);
                    }
                    Asyncio.shield(everybody).await();
                    writer.write(client + "\n");
                    writer.drain().await();
                }
            })) {
                var clients = all.stream().map(i -> createTask(() -> {
                    try (var streams = connect(server)) {
                        streams.writer().write(i + "\n");
                        return Integer.valueOf(text(streams.reader().read().await()).strip());
                    }
                })).toList();
                return gather(clients).await();
            }
        });
        assertEquals(all, answers);
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("megabytes go through while the writer waits for the reader")
    void large(Carrier carrier) {
        byte[] sent = new byte[8 << 20];
        for (int i = 0; i < sent.length; i++) {
            sent[i] = (byte) (i * 31 >> 3);
        }
        var received = run(carrier, () -> {
            try (var server = serve((reader, writer) -> {
                try (writer) {
                    for (int start = 0; start < sent.length; start += 1 << 16) {
                        writer.write(ByteBuffer.wrap(sent, start, 1 << 16));
                        writer.drain().await();
                    }
                }
            }); var streams = connect(server)) {
                var all = ByteBuffer.allocate(sent.length + 1);
                while (streams.reader().read(all).await() >= 0) {
                    assertTrue(all.hasRemaining());
                }
                return all.flip();
            }
        });
        assertEquals(ByteBuffer.wrap(sent), received);
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("a body that waits for its peer can be cancelled, and be given a limit, and read on")
    void waiting(Carrier carrier) {
        run(carrier, () -> {
            try (var server = serve(StreamsTest::echo); var streams = connect(server)) {
                var reading = createTask(() -> streams.reader().readline().await());
                sleep(Duration.ofMillis(1)).await();
                reading.cancel("enough");
                assertEquals("enough", assertThrows(CancellationException.class, reading::await).getMessage());
                assertThrows(
                        TimeoutException.class,
                        () -> timeout(Duration.ofMillis(1), () -> streams.reader().read(1).await()).await());
                streams.writer().write("there\n");
                assertEquals("there\n", text(streams.reader().readline().await()));
            }
        });
    }

    @Test
    @DisplayName("a body that is cancelled while it serves has its connection closed")
    void cancelledServer() {
        run(() -> {
            var tasks = new ArrayList<Task<?>>();
            try (var server = serve((reader, writer) -> {
                tasks.add(Asyncio.currentTask());
                writer.write("hello");
                reader.read().await();
            }); var streams = connect(server)) {
                assertEquals("hello", text(streams.reader().readexactly(5).await()));
                tasks.get(0).cancel("shutdown");
                assertEquals(0, streams.reader().read(1).await().length);
            }
        });
    }

    @Test
    @DisplayName("what a body throws that serves goes to the loop's handler, and its connection is closed")
    void failing() {
        run(() -> {
            var failures = new ArrayList<Throwable>();
            getRunningLoop().setExceptionHandler((loop, context) -> failures.add(context.exception()));
            var failure = new IOException("no disk");
            try (var server = serve((reader, writer) -> {
                throw failure;
            }); var streams = connect(server)) {
                assertEquals(0, streams.reader().read().await().length);
            }
            assertEquals(List.of(failure), failures);
        });
    }

    @Test
    @DisplayName("a peer that breaks off is an exception for who reads, who drains and who waits for the end")
    void reset() {
        run(() -> {
            try (var server = serve((reader, writer) -> writer.transport().abort())) {
                var streams = connect(server);
                var resets = new ArrayList<Throwable>();
                // An abort without unread data is an ordinary end, so the peer is sent to until it complains.
                while (resets.isEmpty()) {
                    streams.writer().write("anybody?");
                    try {
                        streams.writer().drain().await();
                        sleep(Duration.ofMillis(1)).await();
                    } catch (Exception e) {
                        resets.add(e);
                    }
                }
                assertInstanceOf(IOException.class, resets.get(0));
                assertThrows(IOException.class, () -> Asyncio.await(streams.writer().drain(), IOException.class));
                assertTrue(streams.writer().isClosing());
            }
        });
        assertEquals("Connection lost", new ConnectionResetException("Connection lost").getMessage());
    }

    @Test
    @DisplayName("a writer knows its transport, and is closed with or without waiting for it")
    void writer() {
        run(() -> {
            try (var server = serve(StreamsTest::echo)) {
                var streams = connect(server);
                var writer = streams.writer();
                assertEquals(new InetSocketAddress(HERE, portOf(server)), writer.getExtraInfo("peername"));
                assertSame(writer.transport(), writer.transport());
                assertInstanceOf(BufferedProtocol.class, writer.transport().getProtocol());
                assertFalse(writer.isClosing());
                writer.close();
                assertTrue(writer.isClosing());
                writer.waitClosed().await();
                writer.aclose().await();
                connect(server).writer().aclose().await();
            }
        });
    }

    @Test
    @DisplayName("nobody listens at the port of a server that was closed")
    void refused() {
        run(() -> {
            var server = serve(StreamsTest::echo);
            int port = portOf(server);
            server.aclose().await();
            assertThrows(ConnectException.class, () -> openConnection(HERE, port).await());
        });
    }

    @Test
    @DisplayName("connections and servers are made with options, and with limits for their readers")
    void options() {
        run(() -> {
            var options = new ServerOptions().backlog(5).reuseAddress(true).reusePort(false).keepAlive(true).startServing(false);
            ClientConnected limited = (reader, writer) -> {
                try (writer) {
                    var overrun = assertThrows(IllegalArgumentException.class, () -> reader.readline().await());
                    writer.write(overrun.getClass().getSimpleName());
                }
            };
            try (var server = startServer(List.of(HERE), 0, options, 4, limited).await();
                    var same = startServer("", 0, options, limited).await()) {
                assertFalse(server.isServing());
                assertFalse(same.isServing());
                server.startServing().await();
                var from = new ConnectionOptions()
                        .localAddress(InetAddress.getByName(HERE))
                        .localPort(0)
                        .happyEyeballsDelay(Duration.ofMillis(250))
                        .interleave(1)
                        .allErrors(false);
                try (var streams = openConnection(HERE, portOf(server), from, 8).await()) {
                    streams.writer().write("longer than four\n");
                    assertEquals("LimitOverrunException", text(streams.reader().read().await()));
                }
                try (var streams = openConnection(HERE, portOf(server), from).await()) {
                    assertSame(streams.writer(), streams.writer());
                }
            }
            assertThrows(
                    IllegalArgumentException.class,
                    () -> startServer(HERE, 0, new ServerOptions().backlog(0), limited).await());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> startServer(Collections.<String>emptyList(), 0, options, 4, limited).await());
        });
        assertTrue(new ServerOptions().backlog(7).toString().contains("backlog=7"));
        assertTrue(new ConnectionOptions().localPort(7).toString().contains("localPort=7"));
        assertTrue(new ConnectionOptions().happyEyeballsDelay(Duration.ofMillis(250)).toString().contains("250ms"));
    }

    @Test
    @DisplayName("streams are made by hand on a connection of one's own, also with a body to serve it")
    void byHand() {
        run(() -> {
            var served = new ArrayList<String>();
            var done = createFuture();
            var loop = getRunningLoop();
            try (var server = loop.createServer(HERE, 0, () -> new StreamReaderProtocol(new StreamReader(), (reader, writer) -> {
                try (writer) {
                    served.add(text(reader.read().await()));
                    done.setResult(null);
                }
            })).await()) {
                var reader = new StreamReader();
                var connection = loop.createConnection(HERE, portOf(server), () -> new StreamReaderProtocol(reader)).await();
                assertEquals(connection.protocol(), connection.transport().getProtocol());
                assertEquals(connection.protocol().hashCode(), connection.transport().getProtocol().hashCode());
                try (var writer = new StreamWriter(connection.transport(), connection.protocol(), reader)) {
                    writer.write("by hand");
                    writer.writeEof();
                    assertArrayEquals(new byte[0], reader.read().await());
                }
                done.await();
            }
            assertEquals(List.of("by hand"), served);
        });
    }
}
