// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.testing.network.MemoryNetwork;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.newHttpClientBuilder;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.CancelSafety.checkCancelSafe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** Requests of each kind that are cancelled in each turn, on a network in memory: no task, timer or socket is left. */
class HttpCancelSafetyTest {
    interface Program {
        void run(HttpClient client) throws Exception;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("programs")
    @DisplayName("a request that is cancelled in any turn leaves nothing behind")
    void cancelled(String name, Program program) {
        checkCancelSafe(new CancelOptions().network(MemoryNetwork::new), () -> {
            var server = startServer("127.0.0.1", 80, HttpCancelSafetyTest::serve).await();
            var client = newHttpClientBuilder()
                    .followRedirects(Redirect.ALWAYS)
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();
            try {
                program.run(client);
            } finally {
                // Newer JDKs have it in the class.
                client.getClass().getMethod("shutdownNow").invoke(client);
                server.close();
                server.abortClients();
            }
        });
    }

    private static void serve(StreamReader reader, StreamWriter writer) {
        try (writer) {
            for (var start = reader.readline().await(); start.length > 0; start = reader.readline().await()) {
                var rest = new String(reader.readuntil("\r\n\r\n".getBytes()).await());
                var request = new String(start) + rest;
                if (request.startsWith("POST")) {
                    reader.readuntil("0\r\n\r\n".getBytes()).await();
                }
                if (request.startsWith("GET /moved")) {
                    writer.write("HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 3\r\n\r\nbye");
                } else if (request.contains("websocket")) {
                    writer.write("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n");
                } else {
                    writer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
                    writer.drain().await();
                    Asyncio.sleep(Duration.ZERO).await();
                    writer.write("0\r\n\r\n");
                }
            }
        }
    }

    private static HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1" + path));
    }

    static Stream<Arguments> programs() {
        return Stream.of(
                program("a string", client -> {
                    assertEquals("hello", client.send(to("/").build(), BodyHandlers.ofString()).body());
                    assertEquals("hello", client.send(to("/again").build(), BodyHandlers.ofString()).body());
                }),
                program("a time limit", client -> client.send(to("/").timeout(Duration.ofSeconds(9)).build(), BodyHandlers.discarding())),
                program("a redirect", client -> client.send(to("/moved").build(), BodyHandlers.ofByteArray())),
                program("a stream", client -> {
                    try (var body = client.send(to("/").build(), HttpBodyHandlers.ofStream()).body()) {
                        assertEquals("hello", new String(body.reader().read().await()));
                    }
                }),
                program("a subscriber", client -> client.send(to("/").build(), BodyHandlers.fromLineSubscriber(new java.util.concurrent.Flow.Subscriber<>() {
                    @Override
                    public void onSubscribe(java.util.concurrent.Flow.Subscription subscription) {
                        subscription.request(Long.MAX_VALUE);
                    }

                    @Override
                    public void onNext(String item) {}

                    @Override
                    public void onError(Throwable throwable) {}

                    @Override
                    public void onComplete() {}
                }))),
                program("a body that is streamed", client -> client.send(
                        to("/").POST(BodyPublishers.fromPublisher(BodyPublishers.ofByteArrays(List.of("a".getBytes(), "b".getBytes())))).build(),
                        BodyHandlers.ofString())),
                program("requests at the same time", client -> await(gather(
                        (Future<?>) client.sendAsync(to("/1").build(), BodyHandlers.ofString()),
                        (Future<?>) client.sendAsync(to("/2").build(), BodyHandlers.ofString())))),
                program("a WebSocket that is refused", client -> {
                    try {
                        await(client.newWebSocketBuilder()
                                .buildAsync(URI.create("ws://127.0.0.1/"), new WebSocket.Listener() {}));
                    } catch (Exception e) {
                        if (!(e instanceof java.net.http.WebSocketHandshakeException)) {
                            throw e;
                        }
                    }
                }));
    }

    private static Arguments program(String name, Program program) {
        return arguments(name, program);
    }
}
