// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import dev.simul.transports.Protocol;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Sockets.HERE;
import static dev.simul.facade.Sockets.connect;
import static dev.simul.facade.Sockets.portOf;
import static dev.simul.facade.Sockets.run;
import static dev.simul.facade.Sockets.serve;
import static java.time.Duration.ZERO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SocketCallsTest {
    private static final InetSocketAddress ANY = new InetSocketAddress(HERE, 0);

    @TempDir
    Path folder;

    static Stream<Carrier> available() {
        return Carrier.available().stream();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("bodies connect, accept, send and receive by channels, in straight lines")
    void channels(Carrier carrier) {
        run(carrier, () -> {
            var loop = getRunningLoop();
            try (var listening = ServerSocketChannel.open().bind(ANY); var channel = SocketChannel.open()) {
                var serving = createTask(() -> {
                    try (var accepted = loop.sockAccept(listening).await()) {
                        byte[] heard = loop.sockRecv(accepted, 100).await();
                        loop.sockSendall(accepted, bytes(text(heard).toUpperCase())).await();
                        return loop.sockRecv(accepted, 100).await().length;
                    }
                });
                loop.sockConnect(channel, listening.getLocalAddress()).await();
                loop.sockSendall(channel, ByteBuffer.wrap(bytes("hello"))).await();
                var buffer = ByteBuffer.allocate(100);
                assertEquals(5, loop.sockRecvInto(channel, buffer).await());
                assertEquals("HELLO", text(java.util.Arrays.copyOf(buffer.array(), 5)));
                channel.shutdownOutput();
                assertEquals(0, serving.await());
            }
        });
    }

    @Test
    @DisplayName("who waits to receive can be cancelled, and a pipe is a channel too")
    void pipe() {
        run(() -> {
            var loop = getRunningLoop();
            var pipe = Pipe.open();
            try (var source = pipe.source(); var sink = pipe.sink()) {
                var receiving = createTask(() -> loop.sockRecv(source, 10).await());
                sleep(ZERO).await();
                receiving.cancel("enough");
                assertThrows(CancellationException.class, receiving::await);
                loop.sockSendall(sink, bytes("still there")).await();
                assertEquals("still ther", text(loop.sockRecv(source, 10).await()));
            }
        });
    }

    @Test
    @DisplayName("a channel that nobody listens to is refused")
    void refused() {
        run(() -> {
            var listening = ServerSocketChannel.open().bind(ANY);
            var address = listening.getLocalAddress();
            listening.close();
            try (var channel = SocketChannel.open()) {
                assertThrows(ConnectException.class, () -> getRunningLoop().sockConnect(channel, address).await());
            }
        });
    }

    @Test
    @DisplayName("datagrams are sent and received without a transport")
    void datagrams() {
        run(() -> {
            var loop = getRunningLoop();
            try (var one = DatagramChannel.open(StandardProtocolFamily.INET).bind(ANY);
                    var other = DatagramChannel.open(StandardProtocolFamily.INET).bind(ANY)) {
                assertEquals(3, loop.sockSendto(one, bytes("one"), other.getLocalAddress()).await());
                var datagram = loop.sockRecvfrom(other, 100).await();
                assertEquals("one", text(datagram.data()));
                assertEquals(one.getLocalAddress(), datagram.address());
                var receiving = createTask(() -> {
                    var buffer = ByteBuffer.allocate(10);
                    assertEquals(other.getLocalAddress(), loop.sockRecvfromInto(one, buffer).await());
                    return buffer.position();
                });
                sleep(ZERO).await();
                loop.sockSendto(other, ByteBuffer.wrap(bytes("three")), one.getLocalAddress()).await();
                assertEquals(5, receiving.await());
            }
        });
    }

    @Test
    @DisplayName("files are sent by channels and by transports, all of them or a part")
    void files() throws Exception {
        var path = Files.writeString(folder.resolve("file"), "0123456789".repeat(100_000));
        run(() -> {
            var loop = getRunningLoop();
            try (var file = FileChannel.open(path);
                    var server = serve((reader, writer) -> {
                        try (writer) {
                            writer.write(reader.read().await().length + "");
                        }
                    })) {
                try (var channel = SocketChannel.open(new InetSocketAddress(HERE, portOf(server)))) {
                    channel.configureBlocking(false);
                    assertEquals(1_000_000, loop.sockSendfile(channel, file).await());
                    assertEquals(7, loop.sockSendfile(channel, file, 3, 7L).await());
                    assertEquals(10, file.position());
                    channel.shutdownOutput();
                    assertEquals("1000007", text(loop.sockRecv(channel, 100).await()));
                }
                try (var streams = connect(server)) {
                    var transport = streams.writer().transport();
                    transport.write("x");
                    assertEquals(1_000_000, loop.sendfile(transport, file).await());
                    assertEquals(5, loop.sendfile(transport, file, 999_995, null, false).await());
                    streams.writer().writeEof();
                    assertEquals("1000006", text(streams.reader().read().await()));
                }
            }
        });
    }

    @Test
    @DisplayName("channels that were connected, accepted and bound elsewhere get transports")
    void given() {
        run(() -> {
            var loop = getRunningLoop();
            var listening = ServerSocketChannel.open().bind(ANY);
            var address = (InetSocketAddress) listening.getLocalAddress();
            for (boolean withOptions : List.of(false, true)) {
                var reader = new StreamReader();
                var channel = SocketChannel.open(address);
                var accepted = listening.accept();
                var connection = withOptions
                        ? loop.connectAcceptedSocket(accepted, new ServerOptions(), () -> new StreamReaderProtocol(reader)).await()
                        : loop.connectAcceptedSocket(accepted, () -> new StreamReaderProtocol(reader)).await();
                var other = loop.createConnection(channel, new ConnectionOptions(), () -> new Protocol() {}).await();
                other.transport().write("hello\n");
                assertEquals("hello", reader.lines().iterator().next());
                other.transport().close();
                connection.transport().close();
            }
            assertThrows(
                    IllegalArgumentException.class,
                    () -> loop.createConnection(SocketChannel.open(), new ConnectionOptions(), () -> new Protocol() {}).await());
            try (var server = loop.createServer(listening, new ServerOptions(), () -> new Protocol() {}).await()) {
                assertEquals(address.getPort(), portOf(server));
            }
        });
    }

    @Test
    @DisplayName("names of this machine have addresses, and addresses names")
    void names() {
        run(() -> {
            var loop = getRunningLoop();
            assertEquals(List.of(new InetSocketAddress(HERE, 80)), loop.getaddrinfo(HERE, 80).await());
            var found = loop.getaddrinfo("localhost", 80, StandardProtocolFamily.INET).await();
            assertTrue(found.contains(new InetSocketAddress(HERE, 80)), found::toString);
            assertFalse(loop.getnameinfo(new InetSocketAddress(HERE, 80)).await().isEmpty());
            var options = new ConnectionOptions().family(StandardProtocolFamily.INET);
            try (var server = Asyncio.startServer(
                            HERE, 0, new ServerOptions().family(StandardProtocolFamily.INET), (reader, writer) -> writer.close())
                    .await();
                    var streams = Asyncio.openConnection("localhost", portOf(server), options).await()) {
                assertEquals(0, streams.reader().read().await().length);
            }
        });
    }
}
