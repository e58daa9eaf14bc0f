// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import dev.simul.testing.network.MemoryNetwork;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.newHttpClient;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Sockets.HERE;
import static dev.simul.facade.Sockets.portOf;
import static dev.simul.facade.Sockets.run;
import static dev.simul.facade.Sockets.serve;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class WebSocketTest {
    static Stream<Carrier> available() {
        return Carrier.available().stream();
    }

    // A server: frames by hand.

    interface Script {
        void play(Peer peer) throws Exception;
    }

    /** The server's side of one WebSocket. */
    private static final class Peer {
        final String head;
        private final StreamReader reader;
        private final StreamWriter writer;

        Peer(String head, StreamReader reader, StreamWriter writer) {
            this.head = head;
            this.reader = reader;
            this.writer = writer;
        }

        /** Sends bytes that are written in base 16, with blanks anywhere. */
        void send(String hex) {
            writer.write(HexFormat.of().parseHex(hex.replace(" ", "")));
        }

        void sendText(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            writer.write(new byte[] {(byte) 0x81, (byte) bytes.length});
            writer.write(bytes);
        }

        /** The next frame of the client: its first byte, and what it says; "end" at the end of the connection. */
        String next() throws IOException {
            byte[] start = await(reader.read(1), IOException.class);
            if (start.length == 0) {
                return "end";
            }
            int second = await(reader.readexactly(1), IOException.class)[0] & 0xFF;
            assertTrue(second >= 0x80, "a client's frame is masked");
            int length = second & 0x7F;
            if (length == 126) {
                length = ByteBuffer.wrap(await(reader.readexactly(2))).getShort() & 0xFFFF;
            } else if (length == 127) {
                length = (int) ByteBuffer.wrap(await(reader.readexactly(8))).getLong();
            }
            byte[] mask = await(reader.readexactly(4));
            byte[] payload = await(reader.readexactly(length));
            for (int i = 0; i < length; i++) {
                payload[i] ^= mask[i % 4];
            }
            String kind = HexFormat.of().toHexDigits(start[0]);
            if (kind.equals("88")) {
                return payload.length == 0
                        ? "88"
                        : "88 " + ByteBuffer.wrap(payload).getShort() + " " + new String(payload, 2, length - 2, StandardCharsets.UTF_8);
            }
            return kind + " " + (length <= 200 ? new String(payload, StandardCharsets.UTF_8) : length);
        }
    }

    private static Server server(Script script) {
        return server("", script);
    }

    private static Server server(String fields, Script script) {
        return serve((reader, writer) -> {
            String head = new String(reader.readuntil("\r\n\r\n".getBytes()).await());
            writer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                    + acceptOf(head) + "\r\n" + fields + "\r\n");
            try (writer) {
                script.play(new Peer(head, reader, writer));
            }
        });
    }

    private static String acceptOf(String head) throws Exception {
        String key = head.lines().filter(it -> it.startsWith("Sec-WebSocket-Key: ")).findFirst().orElseThrow().substring(19);
        var digest = MessageDigest.getInstance("SHA-1");
        return Base64.getEncoder().encodeToString(digest.digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes()));
    }

    private static URI uri(Server server) {
        return URI.create("ws://" + HERE + ":" + portOf(server) + "/socket?q");
    }

    /** Writes down what it gets, and asks for one more each time. */
    private static class Log implements WebSocket.Listener {
        final List<String> events = Collections.synchronizedList(new ArrayList<>());
        final CompletableFuture<Void> end = new CompletableFuture<>();
        private final StringBuilder text = new StringBuilder();
        private int size;

        @Override
        public void onOpen(WebSocket socket) {
            events.add("open");
            socket.request(1);
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                events.add("text " + text);
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            size += data.remaining();
            if (last) {
                events.add("binary " + size);
                size = 0;
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
            assertTrue(socket.isInputClosed());
            events.add("close " + status + " " + reason);
            end.complete(null);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            events.add("error " + (error instanceof ProtocolException ? "ProtocolException" : error.getClass().getSimpleName()));
            end.complete(null);
        }
    }

    private static WebSocket connect(Server server, WebSocket.Listener listener) {
        return await(newHttpClient().newWebSocketBuilder().buildAsync(uri(server), listener));
    }

    private static void until(List<String> log, int size) {
        while (log.size() < size) {
            sleep(Duration.ofMillis(1)).await();
        }
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("messages go both ways, and the closing handshake ends it")
    void bothWays(Carrier carrier) {
        run(carrier, () -> {
            var got = new ArrayList<String>();
            try (var server = server(peer -> {
                assertTrue(peer.head.startsWith("GET /socket?q HTTP/1.1\r\nHost: " + HERE), peer.head);
                for (String frame = peer.next(); !frame.equals("end"); frame = peer.next()) {
                    got.add(frame);
                    if (frame.startsWith("81")) {
                        peer.sendText("echo of " + frame.substring(3));
                    } else if (frame.startsWith("88")) {
                        peer.send("8802 03e8");
                    }
                }
                got.add("end");
            })) {
                var log = new Log();
                var socket = connect(server, log);
                assertEquals("", socket.getSubprotocol());
                for (String text : List.of("one", "two \u00e9\uD83D\uDE00")) {
                    var sent = socket.sendText(text, true);
                    assertInstanceOf(Future.class, sent);
                    assertEquals(socket, await(sent));
                }
                until(log.events, 3);
                assertFalse(socket.isOutputClosed());
                await(socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye"));
                assertTrue(socket.isOutputClosed());
                await(log.end);
                until(got, 4);
                assertEquals(List.of("81 one", "81 two \u00e9\uD83D\uDE00", "88 1000 bye", "end"), got);
                assertEquals(List.of("open", "text echo of one", "text echo of two \u00e9\uD83D\uDE00", "close 1000 "), log.events);
            }
        });
    }

    @Test
    @DisplayName("parts, pings and pongs are frames in the order of the calls, of any length")
    void frames() {
        run(() -> {
            var got = new ArrayList<String>();
            try (var server = server(peer -> {
                for (String frame = peer.next(); !frame.equals("end"); frame = peer.next()) {
                    got.add(frame);
                }
            })) {
                var socket = connect(server, new Log());
                var binary = ByteBuffer.wrap(new byte[70_000]);
                socket.sendText("be", false);
                socket.sendPing(ByteBuffer.wrap("now".getBytes()));
                socket.sendText("gin", false);
                socket.sendText("", true);
                socket.sendPong(ByteBuffer.allocate(0));
                socket.sendBinary(ByteBuffer.wrap(new byte[300]), true);
                await(socket.sendBinary(binary, true));
                assertFalse(binary.hasRemaining());
                await(socket.sendText("x".repeat(201), true));
                until(got, 8);
                assertEquals(List.of("01 be", "89 now", "00 gin", "80 ", "8a ", "82 300", "82 70000", "81 201"), got);
                socket.abort();
            }
        });
    }

    @Test
    @DisplayName("the listener gets one message for each that it requests, and pings are answered by the way")
    void demand() {
        run(() -> {
            var got = new ArrayList<String>();
            try (var server = server(peer -> {
                peer.send("8901 41");
                peer.sendText("one");
                peer.sendText("two");
                got.add(peer.next());
                peer.next();
            })) {
                var log = new Log() {
                    @Override
                    public void onOpen(WebSocket socket) {
                        events.add("open");
                    }

                    @Override
                    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                        events.add("text " + data);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
                        events.add("ping");
                        return null;
                    }
                };
                var socket = connect(server, log);
                sleep(Duration.ofMillis(30)).await();
                assertEquals(List.of("open"), log.events);
                socket.request(1);
                until(log.events, 2);
                until(got, 1);
                assertEquals(List.of("8a A"), got);
                assertEquals(List.of("open", "ping"), log.events);
                socket.request(2);
                until(log.events, 4);
                assertEquals(List.of("open", "ping", "text one", "text two"), log.events);
                assertThrows(IllegalArgumentException.class, () -> socket.request(0));
                socket.abort();
            }
        });
    }

    /** What goes wrong with a call, as the future says it. */
    private static Class<?> failureOf(CompletableFuture<WebSocket> call) {
        return assertThrows(Exception.class, () -> await(call)).getClass();
    }

    @Test
    @DisplayName("calls that break the rules fail, and send nothing")
    void misuse() {
        run(() -> {
            var got = new ArrayList<String>();
            try (var server = server(peer -> {
                for (String frame = peer.next(); !frame.equals("end"); frame = peer.next()) {
                    got.add(frame);
                }
                got.add("end");
            })) {
                var socket = connect(server, new Log());
                assertThrows(NullPointerException.class, () -> socket.sendText(null, true));
                assertThrows(NullPointerException.class, () -> socket.sendBinary(null, true));
                assertThrows(NullPointerException.class, () -> socket.sendPing(null));
                assertThrows(NullPointerException.class, () -> socket.sendClose(1000, null));
                assertEquals(IllegalArgumentException.class, failureOf(socket.sendText("\uD83D", true)));
                assertEquals(IllegalArgumentException.class, failureOf(socket.sendPing(ByteBuffer.allocate(126))));
                assertEquals(IllegalArgumentException.class, failureOf(socket.sendPong(ByteBuffer.allocate(126))));
                for (int status : new int[] {-1, 0, 999, 1002, 1004, 1005, 1006, 1007, 1015, 2999, 5000}) {
                    assertEquals(IllegalArgumentException.class, failureOf(socket.sendClose(status, "")), "" + status);
                }
                assertEquals(IllegalArgumentException.class, failureOf(socket.sendClose(1000, "x".repeat(124))));
                assertEquals(IllegalArgumentException.class, failureOf(socket.sendClose(1000, "\uDE00")));
                await(socket.sendText("begun", false));
                assertEquals(IllegalStateException.class, failureOf(socket.sendBinary(ByteBuffer.allocate(1), true)));
                await(socket.sendClose(4999, "x".repeat(123)));
                assertEquals(IOException.class, failureOf(socket.sendText("late", true)));
                assertEquals(IOException.class, failureOf(socket.sendPing(ByteBuffer.allocate(1))));
                assertEquals(IOException.class, failureOf(socket.sendClose(1000, "again")));
                until(got, 2);
                assertEquals(List.of("01 begun", "88 4999 " + "x".repeat(123)), got);
                socket.abort();
            }
        });
    }

    @Test
    @DisplayName("while a message is pending another one is refused, and abort fails it")
    void pending() {
        run(() -> {
            var gate = Asyncio.<Void>createFuture();
            try (var server = server(peer -> gate.await())) {
                var socket = connect(server, new Log());
                CompletableFuture<WebSocket> sent;
                do {
                    sent = socket.sendBinary(ByteBuffer.allocate(1_000_000), true);
                    sleep(Duration.ofMillis(1)).await();
                } while (sent.isDone());
                assertEquals(IllegalStateException.class, failureOf(socket.sendText("next", true)));
                socket.abort();
                assertTrue(socket.isInputClosed() && socket.isOutputClosed());
                var pending = sent;
                assertThrows(IOException.class, () -> await(pending));
                socket.abort();
                gate.complete(null);
            }
        });
    }

    @Test
    @DisplayName("a server that breaks the rules is told so, and the listener gets the error")
    void brokenByServer() {
        run(() -> {
            for (var broken : List.of("c100", "8300", "8181 00000000 00", "8802 03ed", "8803 03e8 ff", "8000")) {
                assertEquals(List.of("88 1002 ", "end"), answersTo(broken, "error ProtocolException"), broken);
            }
            assertEquals(List.of("88 1007 ", "end"), answersTo("8101 ff", "error ProtocolException"));
        });
    }

    /** What a client sends to a server that sends that; its listener gets {@code event}, and nothing afterwards. */
    private static List<String> answersTo(String sent, String event) {
        var got = new ArrayList<String>();
        try (var server = server(peer -> {
            peer.send(sent);
            for (String frame = peer.next(); !frame.equals("end"); frame = peer.next()) {
                got.add(frame);
            }
            got.add("end");
        })) {
            var log = new Log();
            var socket = connect(server, log);
            until(log.events, 2);
            until(got, 2);
            assertEquals(List.of("open", event), log.events);
            assertTrue(socket.isInputClosed() && socket.isOutputClosed());
            return got;
        }
    }

    @Test
    @DisplayName("a close is answered by its own status, at once or when the listener's stage is done")
    void closing() {
        run(() -> {
            assertEquals(List.of("88 1001 ", "end"), answersTo("8804 03e9 6279", "close 1001 by"));
            assertEquals(List.of("88 1000 ", "end"), answersTo("8800", "close 1005 "));
            var got = new ArrayList<String>();
            try (var server = server(peer -> {
                peer.send("8802 0fa0");
                got.add(peer.next());
                got.add(peer.next());
            })) {
                var ready = new CompletableFuture<Void>();
                var log = new Log() {
                    @Override
                    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
                        super.onClose(socket, status, reason);
                        return ready;
                    }
                };
                var socket = connect(server, log);
                await(log.end);
                await(socket.sendText("still open", true));
                until(got, 1);
                assertFalse(socket.isOutputClosed());
                ready.complete(null);
                until(got, 2);
                assertEquals(List.of("81 still open", "88 4000 "), got);
            }
        });
    }

    @Test
    @DisplayName("a connection that ends without a close is closed abnormally")
    void abnormal() {
        run(() -> {
            try (var server = server(peer -> peer.sendText("last"))) {
                var log = new Log();
                var socket = connect(server, log);
                await(log.end);
                assertEquals(List.of("open", "text last", "close 1006 "), log.events);
                assertTrue(socket.isInputClosed());
            }
        });
    }

    @Test
    @DisplayName("what a listener throws, and a stage of it that fails, is given to it as an error")
    void failingListener() {
        run(() -> {
            for (boolean throwsIt : new boolean[] {true, false}) {
                var got = new ArrayList<String>();
                try (var server = server(peer -> {
                    peer.sendText("x");
                    try {
                        got.add(peer.next());
                    } catch (IOException e) {
                        got.add("end");
                    }
                })) {
                    var log = new Log() {
                        @Override
                        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                            if (throwsIt) {
                                throw new ArithmeticException("no");
                            }
                            return CompletableFuture.failedFuture(new ArithmeticException("no"));
                        }
                    };
                    connect(server, log);
                    await(log.end);
                    until(got, 1);
                    assertEquals(List.of("open", "error ArithmeticException"), log.events);
                    assertEquals(List.of("end"), got);
                }
            }
        });
    }

    @Test
    @DisplayName("a server that refuses is reported with its response")
    void refused() {
        run(() -> {
            try (var server = serve((reader, writer) -> {
                reader.readuntil("\r\n\r\n".getBytes()).await();
                writer.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX-Why: so\r\n\r\nno");
                writer.close();
            })) {
                var failure = assertThrows(WebSocketHandshakeException.class, () -> connect(server, new Log()));
                assertEquals(403, failure.getResponse().statusCode());
                assertEquals("so", failure.getResponse().headers().firstValue("X-Why").orElseThrow());
                assertEquals("no", failure.getResponse().body());
                assertTrue(failure.getCause().getMessage().contains("403"));
            }
            for (String fields : List.of(
                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong",
                    "Upgrade: other\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT",
                    "Upgrade: websocket\r\nSec-WebSocket-Accept: ACCEPT",
                    "Upgrade: websocket\r\nConnection: Upgrade",
                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\nSec-WebSocket-Extensions: x",
                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\nSec-WebSocket-Version: 12",
                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\nSec-WebSocket-Protocol: unasked")) {
                var ended = new ArrayList<String>();
                try (var server = serve((reader, writer) -> {
                    String head = new String(reader.readuntil("\r\n\r\n".getBytes()).await());
                    writer.write("HTTP/1.1 101 Switching Protocols\r\n" + fields.replace("ACCEPT", acceptOf(head)) + "\r\n\r\n");
                    ended.add("" + await(reader.read(), IOException.class).length);
                })) {
                    assertThrows(WebSocketHandshakeException.class, () -> connect(server, new Log()), fields);
                    until(ended, 1);
                    assertEquals(List.of("0"), ended);
                }
            }
        });
    }

    @Test
    @DisplayName("the builder's headers and subprotocols are sent, and what is wrong with them fails the future")
    void building() {
        run(() -> {
            var heads = new ArrayList<String>();
            try (var server = server("Sec-WebSocket-Protocol: second\r\n", peer -> {
                heads.add(peer.head);
                peer.next();
            })) {
                var socket = await(newHttpClient().newWebSocketBuilder()
                        .header("X-A", "1")
                        .header("X-A", "2")
                        .subprotocols("first", "second")
                        .connectTimeout(Duration.ofSeconds(20))
                        .buildAsync(uri(server), new Log()));
                assertEquals("second", socket.getSubprotocol());
                until(heads, 1);
                assertTrue(heads.get(0).contains("X-A: 1\r\nX-A: 2\r\n"), heads::toString);
                assertTrue(heads.get(0).contains("Sec-WebSocket-Protocol: first, second\r\n"), heads::toString);
                assertTrue(heads.get(0).contains("Sec-WebSocket-Version: 13\r\n"), heads::toString);
                socket.abort();

                var client = newHttpClient();
                var fine = uri(server);
                for (var wrong : List.<CompletableFuture<WebSocket>>of(
                        client.newWebSocketBuilder().buildAsync(URI.create("http://a/"), new Log()),
                        client.newWebSocketBuilder().buildAsync(URI.create("ws:///path"), new Log()),
                        client.newWebSocketBuilder().buildAsync(URI.create("ws://a/#part"), new Log()),
                        client.newWebSocketBuilder().header("Sec-WebSocket-Key", "x").buildAsync(fine, new Log()),
                        client.newWebSocketBuilder().header("Bad Name", "x").buildAsync(fine, new Log()),
                        client.newWebSocketBuilder().header("X", "a\r\nb").buildAsync(fine, new Log()),
                        client.newWebSocketBuilder().subprotocols("a b").buildAsync(fine, new Log()),
                        client.newWebSocketBuilder().subprotocols("a", "a").buildAsync(fine, new Log()),
                        client.newWebSocketBuilder().connectTimeout(Duration.ZERO).buildAsync(fine, new Log()))) {
                    assertEquals(IllegalArgumentException.class, failureOf(wrong));
                }
                assertThrows(NullPointerException.class, () -> client.newWebSocketBuilder().buildAsync(null, new Log()));
                assertThrows(NullPointerException.class, () -> client.newWebSocketBuilder().buildAsync(fine, null));
            }
        });
    }

    @Test
    @DisplayName("an opening that takes too long fails, one that is cancelled ends, and its connection with it")
    void notOpened() {
        VirtualClock.runTest(new MemoryNetwork(), () -> {
            var log = new ArrayList<String>();
            try (var server = serve((reader, writer) -> {
                reader.readuntil("\r\n\r\n".getBytes()).await();
                log.add("asked");
                reader.read().await();
                log.add("end");
            })) {
                var client = newHttpClient();
                var limited = client.newWebSocketBuilder().connectTimeout(Duration.ofMinutes(1)).buildAsync(uri(server), new Log());
                assertThrows(HttpTimeoutException.class, () -> await(limited));
                until(log, 2);
                var cancelled = client.newWebSocketBuilder().buildAsync(uri(server), new Log());
                var waiting = createTask(() -> await(cancelled));
                until(log, 3);
                cancelled.cancel(true);
                assertThrows(CancellationException.class, waiting::await);
                until(log, 4);
            }
        });
    }

    @Test
    @DisplayName("from other threads, and on the loop's thread the listener")
    void otherThreads() throws Exception {
        try (var loop = Asyncio.open()) {
            Server server = loop.submit(() -> server(peer -> {
                for (String frame = peer.next(); !frame.equals("end"); frame = peer.next()) {
                    if (frame.startsWith("88")) {
                        peer.send("8802 03e8");
                    } else {
                        peer.sendText(frame);
                    }
                }
            })).join();
            var client = loop.submit(Asyncio::newHttpClient).join();
            var log = new Log() {
                @Override
                public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                    events.add(Asyncio.getRunningLoop() == loop.getLoop() ? "on the loop" : "elsewhere");
                    return super.onText(socket, data, last);
                }
            };
            var socket = client.newWebSocketBuilder().buildAsync(uri(server), log).get();
            socket.sendText("a", true).thenCompose(it -> it.sendText("b", true)).get();
            socket.sendText("c", true);
            socket.sendClose(1000, "").get();
            log.end.get();
            assertEquals(
                    List.of("open", "on the loop", "text 81 a", "on the loop", "text 81 b", "on the loop", "text 81 c", "close 1000 "),
                    log.events);
            var late = socket.sendText("late", true);
            assertInstanceOf(IOException.class, assertThrows(ExecutionException.class, late::get).getCause());
            loop.submit(server::close).join();
        }
    }

    // The same with the JDK's own client.

    static Stream<Arguments> scripts() {
        return Stream.of(
                arguments("a text in one frame", "8105 48656c6c6f 8802 03e8"),
                arguments("a text in parts, with a ping between", "0103 48656c 8901 41 8002 6c6f 8802 03e8"),
                arguments("a character cut in two", "0101 c3 8001 a9 8802 03e8"),
                arguments("binary messages", "8203 010203 8200 8802 03e8"),
                arguments("an empty text", "8100 8802 03e8"),
                arguments("pings and pongs", "8900 8a02 4142 8802 03e8"),
                arguments("a close with a reason", "8805 1388 c3a978"),
                arguments("a close without a status", "8800"),
                arguments("no close", "8101 41 8900"),
                arguments("reserved bits", "c100"),
                arguments("an unknown opcode", "8300"),
                arguments("a masked frame", "8181 00000000 41"),
                arguments("a fragmented ping", "0900"),
                arguments("a continuation of nothing", "8001 41"),
                arguments("a message within a message", "0101 41 8101 41"),
                arguments("a text that is not UTF-8", "8101 ff"),
                arguments("a text that ends within a character", "8101 c3"),
                arguments("a reason that is not UTF-8", "8803 03e8 ff"),
                arguments("a status that nobody may send", "8802 03ed"),
                arguments("half of a status", "8801 03"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scripts")
    @DisplayName("both clients give their listeners the same, and answer the same")
    void same(String name, String script) {
        run(() -> {
            var theirs = exchangeOfJdk(script);
            var ours = exchange(script, WebSocketTest::connect);
            assertEquals(theirs.events, ours.events);
            // The JDK's may also close the connection before it has said why.
            if (!theirs.sent.isEmpty()) {
                assertEquals(theirs.sent, ours.sent);
            }
        });
    }

    /** What a client tells its listener, and the frames that it sends. */
    private record Exchange(List<String> events, List<String> sent) {}

    private static Exchange exchange(String script, BiFunction<Server, Log, WebSocket> connect) {
        var sent = new ArrayList<String>();
        var played = new Event();
        try (var server = server(peer -> {
            peer.send(script);
            if (script.endsWith("8900")) {
                // Newer JDKs' client may miss an end that comes with a message: this one waits for the pong.
                sent.add(peer.next());
            } else {
                for (String frame = peer.next(); !frame.equals("end"); frame = peer.next()) {
                    sent.add(frame);
                    if (frame.startsWith("88")) {
                        break;
                    }
                }
            }
            played.set();
        })) {
            var log = new Log();
            var socket = connect.apply(server, log);
            try {
                await(log.end);
                await(played.waitUntilSet());
            } finally {
                socket.abort();
            }
            return new Exchange(log.events, sent);
        }
    }

    /** The JDK's client may trip over itself, or wait for ever, if what ends the connection comes with the first message: it tries again. */
    private static Exchange exchangeOfJdk(String script) {
        for (int attempt = 1; ; attempt++) {
            try {
                var exchange = await(
                        timeout(Duration.ofSeconds(5), () -> exchange(script, WebSocketTest::connectJdk)), TimeoutException.class);
                if (!exchange.events.contains("error InternalError")) {
                    return exchange;
                }
            } catch (TimeoutException e) {
                assertTrue(attempt < 5, () -> "five times, the JDK's client did not end: " + script);
            }
        }
    }

    private static WebSocket connectJdk(Server server, WebSocket.Listener listener) {
        return await(HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(uri(server), listener));
    }
}
