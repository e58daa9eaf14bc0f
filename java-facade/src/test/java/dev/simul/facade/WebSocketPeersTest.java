// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.ProxySelector;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.newHttpClientBuilder;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Sockets.HERE;
import static dev.simul.facade.Sockets.portOf;
import static dev.simul.facade.Sockets.run;
import static dev.simul.facade.Sockets.serve;
import static dev.simul.facade.TlsContexts.trustingContext;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** WebSockets with servers of others, with and without TLS and a proxy. */
class WebSocketPeersTest {
    private static final Map<String, String> SUFFIXES = Map.of("node", ".js", "python3", ".py");
    private static final Map<String, WebSocketPeer> peers = new HashMap<>();

    /** What the peers send that is large, and what they say of it. */
    private static final byte[] LARGE = new byte[1 << 20];

    static {
        for (int i = 0; i < LARGE.length; i++) {
            LARGE[i] = (byte) (i % 251);
        }
    }

    /** A way to a peer. */
    record Way(String interpreter, boolean isSecure, boolean isThroughProxy) {
        WebSocketPeer peer() throws IOException {
            assumeTrue(WebSocketPeer.isInstalled(interpreter), "install " + interpreter);
            var peer = peers.get(interpreter);
            if (peer == null) {
                peer = new WebSocketPeer(interpreter, SUFFIXES.get(interpreter));
                peers.put(interpreter, peer);
            }
            return peer;
        }

        URI uri(String path) throws IOException {
            return uriOf(isSecure, peer().port(isSecure), path);
        }

        @Override
        public String toString() {
            return interpreter + (isSecure ? ", over TLS" : "") + (isThroughProxy ? ", through a proxy" : "");
        }
    }

    static Stream<Way> ways() {
        return Stream.of("node", "python3").flatMap(it -> IntStream.range(0, 4).mapToObj(i -> new Way(it, i % 2 == 1, i >= 2)));
    }

    @AfterAll
    static void stop() throws IOException {
        for (var peer : peers.values()) {
            peer.close();
        }
        peers.clear();
    }

    private static URI uriOf(boolean isSecure, int port, String path) {
        return URI.create((isSecure ? "wss://localhost:" : "ws://localhost:") + port + path);
    }

    /** Writes down what it gets, and asks for one more each time. */
    private static final class Log implements WebSocket.Listener {
        final List<String> events = Collections.synchronizedList(new ArrayList<>());
        private final StringBuilder text = new StringBuilder();
        private ByteBuffer binary = ByteBuffer.allocate(2 * LARGE.length);
        private Throwable failure;

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                events.add("text " + (text.length() <= 200 ? text : text.length()));
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            binary.put(data);
            if (last) {
                events.add("binary " + digest(binary.flip()));
                binary.clear();
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
            events.add("ping " + message.remaining());
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
            events.add("pong " + message.remaining());
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            events.add("close " + status + " " + reason);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            failure = error;
            events.add("error");
        }
    }

    private static String digest(ByteBuffer bytes) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            int size = bytes.remaining();
            digest.update(bytes);
            return size + " " + HexFormat.of().formatHex(digest.digest());
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            sleep(Duration.ofMillis(1)).await();
        }
    }

    private interface Talk {
        void with(WebSocket socket, Log log, WebSocketPeer peer) throws Exception;
    }

    /** Opens a WebSocket to the peer, which does what it does for {@code path}. */
    private static void talk(Way way, String path, Talk talk) throws IOException {
        var peer = way.peer();
        var uri = way.uri(path);
        run(() -> {
            try (var proxy = proxy()) {
                var builder = newHttpClientBuilder().sslContext(trustingContext());
                if (way.isThroughProxy) {
                    builder.proxy(ProxySelector.of(new InetSocketAddress(HERE, portOf(proxy.server))));
                }
                var log = new Log();
                peer.lines.clear();
                talk.with(await(builder.build().newWebSocketBuilder().buildAsync(uri, log)), log, peer);
                assertEquals(way.isThroughProxy ? List.of("CONNECT " + uri.getAuthority() + " HTTP/1.1") : List.of(), proxy.lines);
            }
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    @DisplayName("messages of both kinds, in one part and in many, are echoed, a ping is answered, and so is the close")
    void echo(Way way) throws IOException {
        talk(way, "/echo", (socket, log, peer) -> {
            byte[] bytes = new byte[300];
            await(socket.sendText("hello \u00e9\uD83D\uDE00", true));
            await(socket.sendBinary(ByteBuffer.wrap(bytes), true));
            await(socket.sendPing(ByteBuffer.wrap("now".getBytes())));
            socket.sendText("in ", false);
            socket.sendText("", false);
            socket.sendPong(ByteBuffer.allocate(125));
            socket.sendText("parts", false);
            await(socket.sendText("", true));
            await(socket.sendText("", true));
            await(socket.sendClose(4000, "bye \u00e9"));
            until(() -> log.events.contains("close 4000 bye \u00e9"));
            var expected = List.of(
                    "text hello \u00e9\uD83D\uDE00", "binary " + digest(ByteBuffer.wrap(bytes)), "pong 3", "text in parts", "text ",
                    "close 4000 bye \u00e9");
            assertEquals(expected, withoutEchoOfPong(log.events));
            until(() -> peer.lines.contains("/echo closed 4000 bye \u00e9"));
        });
    }

    /** The peers take a pong for one more thing to echo. */
    private static List<String> withoutEchoOfPong(List<String> events) {
        return events.stream().filter(it -> !it.equals("pong 125")).toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    @DisplayName("a message in parts comes whole with a ping between, and a close by the server is answered by its own status")
    void parts(Way way) throws IOException {
        talk(way, "/parts", (socket, log, peer) -> {
            until(() -> log.events.size() >= 4);
            assertEquals(List.of("ping 3", "text in parts: \u00e9", "text 10 now", "close 4001 done"), log.events);
            until(() -> peer.lines.contains("/parts closed 4001 "));
            assertTrue(socket.isInputClosed() && socket.isOutputClosed());
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    @DisplayName("a mebibyte goes both ways, as one message or in parts, as bytes or as text")
    void large(Way way) throws IOException {
        talk(way, "/large", (socket, log, peer) -> {
            await(socket.sendBinary(ByteBuffer.wrap(LARGE), true));
            for (int i = 0; i < 16; i++) {
                await(socket.sendText("y".repeat(65_536), i == 15));
            }
            until(() -> log.events.size() >= 4);
            var text = ByteBuffer.wrap("y".repeat(1 << 20).getBytes());
            assertEquals(
                    List.of("binary " + digest(ByteBuffer.wrap(LARGE)), "text " + (1 << 20),
                            "text 2 " + digest(ByteBuffer.wrap(LARGE)), "text 1 " + digest(text)),
                    log.events);
            await(socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
            until(() -> log.events.contains("close 1000 "));
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    @DisplayName("a server that resets the connection is an error, and what is sent then fails")
    void vanish(Way way) throws IOException {
        talk(way, "/vanish", (socket, log, peer) -> {
            await(socket.sendText("go", true));
            until(() -> !log.events.isEmpty());
            assertEquals(List.of("error"), log.events);
            assertInstanceOf(IOException.class, log.failure);
            assertTrue(socket.isInputClosed() && socket.isOutputClosed());
            assertThrows(IOException.class, () -> await(socket.sendText("late", true)));
            assertThrows(IOException.class, () -> await(socket.sendClose(1000, "")));
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    @DisplayName("a server that goes away in the middle of a message has closed abnormally")
    void halfway(Way way) throws IOException {
        talk(way, "/halfway", (socket, log, peer) -> {
            until(() -> log.events.contains("close 1006 "));
            assertEquals(List.of("text whole", "close 1006 "), log.events);
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    @DisplayName("abort closes the connection at once, and the listener hears no more")
    void abort(Way way) throws IOException {
        talk(way, "/silent", (socket, log, peer) -> {
            await(socket.sendText("go", true));
            until(() -> peer.lines.contains("/silent got 1"));
            socket.abort();
            assertTrue(socket.isInputClosed() && socket.isOutputClosed());
            until(() -> peer.lines.contains("/silent lost"));
            assertThrows(IOException.class, () -> await(socket.sendText("late", true)));
            assertEquals(List.of(), log.events);
        });
    }

    // Proxies.

    /** A proxy of ours, and the first lines of what it was asked. */
    private record OurProxy(Server server, List<String> lines) implements AutoCloseable {
        @Override
        public void close() {
            server.close();
        }
    }

    private static OurProxy proxy() {
        return proxy("");
    }

    /** It grants tunnels to those who send a line with {@code credentials}. */
    private static OurProxy proxy(String credentials) {
        var lines = new ArrayList<String>();
        return new OurProxy(serve((reader, writer) -> {
            while (true) {
                String head = new String(await(reader.readuntil("\r\n\r\n".getBytes()), IOException.class));
                lines.add(head.lines().findFirst().orElseThrow());
                if (head.contains(credentials)) {
                    break;
                }
                writer.write("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=p\r\nContent-Length: 0\r\n\r\n");
            }
            writer.write("HTTP/1.1 200 Connection Established\r\n\r\n");
            int port = Integer.parseInt(lines.get(0).split("[: ]")[2]);
            try (var onward = openConnection(HERE, port).await()) {
                var back = createTask(() -> relay(onward.reader(), writer));
                relay(reader, onward.writer());
                await(back);
            }
        }), lines);
    }

    /** What happens to one half happens to the other. */
    private static void relay(StreamReader reader, StreamWriter writer) {
        try {
            for (byte[] part = await(reader.read(65_536), IOException.class); part.length > 0;
                    part = await(reader.read(65_536), IOException.class)) {
                writer.write(part);
                await(writer.drain(), IOException.class);
            }
            writer.close();
        } catch (IOException e) {
            reset(writer);
        }
    }

    private static void reset(StreamWriter writer) {
        try {
            ((SocketChannel) writer.getExtraInfo("socket")).setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        writer.transport().abort();
    }

    @Test
    @DisplayName("a proxy gets the credentials that it asks for, before there is a tunnel")
    void credentials() throws IOException {
        var way = new Way("python3", true, true);
        var uri = way.uri("/echo");
        run(() -> {
            try (var proxy = proxy("Proxy-Authorization: Basic dTpw\r\n")) {
                var client = newHttpClientBuilder()
                        .sslContext(trustingContext())
                        .proxy(ProxySelector.of(new InetSocketAddress(HERE, portOf(proxy.server))))
                        .authenticator(new java.net.Authenticator() {
                            @Override
                            protected PasswordAuthentication getPasswordAuthentication() {
                                return new PasswordAuthentication("u", "p".toCharArray());
                            }
                        })
                        .build();
                var log = new Log();
                var socket = await(client.newWebSocketBuilder().buildAsync(uri, log));
                await(socket.sendText("hi", true));
                until(() -> log.events.contains("text hi"));
                assertEquals(2, proxy.lines.size());
                socket.abort();
            }
        });
    }

    @Test
    @DisplayName("Node's proxy")
    void proxyOfNode() throws IOException {
        var way = new Way("node", true, true);
        var peer = way.peer();
        var uri = way.uri("/echo");
        run(() -> {
            var client = newHttpClientBuilder()
                    .sslContext(trustingContext())
                    .proxy(ProxySelector.of(new InetSocketAddress(HERE, peer.proxyPort())))
                    .build();
            var log = new Log();
            var socket = await(client.newWebSocketBuilder().buildAsync(uri, log));
            await(socket.sendBinary(ByteBuffer.wrap(LARGE), true));
            await(socket.sendClose(1000, ""));
            until(() -> log.events.contains("close 1000 "));
            assertEquals(List.of("binary " + digest(ByteBuffer.wrap(LARGE)), "close 1000 "), log.events);
            assertTrue(peer.lines.contains("CONNECT " + uri.getAuthority()));
        });
    }

    @Test
    @DisplayName("a server whose certificate is not trusted, or is of another name, gets no WebSocket")
    void untrusted() throws IOException {
        var way = new Way("node", true, false);
        var trusted = way.uri("/echo");
        var other = URI.create(trusted.toString().replace("localhost", "127.0.0.2"));
        run(() -> {
            HttpClient trusting = newHttpClientBuilder().sslContext(trustingContext()).build();
            HttpClient usual = newHttpClientBuilder().build();
            assertThrows(SSLException.class, () -> await(usual.newWebSocketBuilder().buildAsync(trusted, new Log())));
            assertThrows(IOException.class, () -> await(trusting.newWebSocketBuilder().buildAsync(other, new Log())));
        });
    }
}
