// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import dev.simul.testing.network.MemoryNetwork;
import dev.simul.tls.Purpose;
import dev.simul.tls.SslContext;
import dev.simul.tls.TestCertificatesKt;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.newHttpClient;
import static dev.simul.facade.Asyncio.newHttpClientBuilder;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.facade.Sockets.HERE;
import static dev.simul.facade.Sockets.portOf;
import static dev.simul.facade.Sockets.run;
import static dev.simul.facade.Sockets.serve;
import static dev.simul.facade.TlsContexts.trustingContext;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class HttpClientTest {
    static Stream<Carrier> available() {
        return Carrier.available().stream();
    }

    /** A request's head; null at the end of the connection. */
    private static String head(StreamReader reader) {
        byte[] first = reader.readline().await();
        if (first.length == 0) {
            return null;
        }
        return new String(first) + new String(reader.readuntil("\r\n\r\n".getBytes()).await());
    }

    private static void answer(StreamWriter writer, String fields, String body) {
        writer.write("HTTP/1.1 " + fields + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    /** Answers each request by its own target, and counts connections. */
    private static Server echoServer(AtomicInteger connections) {
        return serve((reader, writer) -> {
            connections.incrementAndGet();
            try (writer) {
                for (String head = head(reader); head != null; head = head(reader)) {
                    answer(writer, "200 OK", head.split(" ")[1]);
                }
            }
        });
    }

    private static URI uri(Server server, String path) {
        return URI.create("http://" + HERE + ":" + portOf(server) + path);
    }

    private static HttpRequest get(Server server, String path) {
        return HttpRequest.newBuilder(uri(server, path)).build();
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("in a body, send waits in a straight line, and only its task waits")
    void send(Carrier carrier) {
        run(carrier, () -> {
            var gate = Asyncio.<Void>createFuture();
            var log = new ArrayList<String>();
            try (var server = serve((reader, writer) -> {
                log.add(head(reader).split(" ")[1]);
                gate.await();
                answer(writer, "200 OK", "late");
            })) {
                var client = newHttpClient();
                var waiting = createTask(() -> client.send(get(server, "/first"), BodyHandlers.ofString()).body());
                while (log.isEmpty()) {
                    sleep(Duration.ZERO).await();
                }
                log.add("others run");
                gate.complete(null);
                assertEquals("late", waiting.await());
                assertEquals(List.of("/first", "others run"), log);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("sendAsync returns a future of the facade, and requests that are gathered go on at the same time")
    void sendAsync(Carrier carrier) {
        run(carrier, () -> {
            var connections = new AtomicInteger();
            try (var server = echoServer(connections)) {
                var client = newHttpClient();
                var future = client.sendAsync(get(server, "/one"), BodyHandlers.ofString());
                assertInstanceOf(Future.class, future);
                assertEquals("/one", await(future).body());
                assertEquals(200, future.join().statusCode());
                var many = IntStream.range(0, 10)
                        .mapToObj(i -> (Future<HttpResponse<String>>) client.sendAsync(get(server, "/" + i), BodyHandlers.ofString()))
                        .toList();
                assertEquals(
                        IntStream.range(0, 10).mapToObj(i -> "/" + i).toList(),
                        gather(many).await().stream().map(HttpResponse::body).toList());
                assertEquals(10, connections.get());
                for (int i = 0; i < 5; i++) {
                    client.send(get(server, "/again"), BodyHandlers.ofByteArray());
                }
                assertEquals(10, connections.get());
                var stage = client.sendAsync(get(server, "/stage"), BodyHandlers.ofString()).thenApply(HttpResponse::body);
                assertEquals("/stage", await(stage));
                assertEquals("/unpromised", await(client.sendAsync(
                        get(server, "/unpromised"), BodyHandlers.ofString(), (initiating, pushed, acceptor) -> {})).body());
            }
        });
    }

    @Test
    @DisplayName("from other threads, send blocks them, and futures are completed on the loop")
    void otherThreads() throws Exception {
        try (var loop = Asyncio.open(); var peer = new HttpPeer()) {
            HttpClient client = loop.submit(Asyncio::newHttpClient).join();
            var request = HttpRequest.newBuilder(peer.uri("/lines")).build();
            assertEquals("one\ntwo\r\nthree", client.send(request, BodyHandlers.ofString()).body());
            assertEquals(List.of("one", "two", "three"), client.send(request, BodyHandlers.ofLines()).body().toList());
            try (var stream = client.send(request, BodyHandlers.ofInputStream()).body()) {
                assertEquals("one", new String(stream.readNBytes(3)));
            }
            assertEquals("HERE", client.sendAsync(request, BodyHandlers.ofString()).thenApply(it -> "HERE").get());
            var failed = client.sendAsync(HttpRequest.newBuilder(peer.uri("/cut")).build(), BodyHandlers.ofString());
            assertInstanceOf(IOException.class, assertThrows(ExecutionException.class, failed::get).getCause());

            var names = new ArrayList<Boolean>();
            client.send(request, info -> {
                names.add(loop.getLoop().isRunning() && loop.getLoop() == Asyncio.getRunningLoop());
                return BodySubscribers.discarding();
            });
            assertEquals(List.of(true), names);

            var interrupted = new CompletableFuture<Throwable>();
            var never = HttpRequest.newBuilder(peer.uri("/never")).build();
            var thread = new Thread(() -> {
                try {
                    client.send(never, BodyHandlers.ofString());
                } catch (Throwable e) {
                    interrupted.complete(e);
                }
            });
            thread.start();
            while (!peer.log.contains("GET /never")) {
                Thread.onSpinWait();
            }
            thread.interrupt();
            assertInstanceOf(InterruptedException.class, interrupted.get());
        }
    }

    @Test
    @DisplayName("a body of another loop waits for a client without blocking its own loop")
    void otherLoop() throws Exception {
        try (var loop = Asyncio.open(); var peer = new HttpPeer()) {
            var client = loop.submit(Asyncio::newHttpClient).join();
            var request = HttpRequest.newBuilder(peer.uri("/lines")).build();
            run(() -> {
                assertEquals(200, client.send(request, BodyHandlers.discarding()).statusCode());
                assertEquals(200, await(client.sendAsync(request, BodyHandlers.discarding())).statusCode());
                var refused = Asyncio.<Throwable>createFuture();
                getRunningLoop().callSoon(() -> {
                    try {
                        client.send(request, BodyHandlers.discarding());
                    } catch (Throwable e) {
                        refused.complete(e);
                    }
                });
                assertInstanceOf(IllegalStateException.class, refused.await());
            });
        }
    }

    @Test
    @DisplayName("in a callback of the loop, send fails before anything is sent")
    void inCallback() {
        run(() -> {
            var connections = new AtomicInteger();
            try (var server = echoServer(connections)) {
                var client = newHttpClient();
                var refused = Asyncio.<Throwable>createFuture();
                getRunningLoop().callSoon(() -> {
                    try {
                        client.send(get(server, "/"), BodyHandlers.ofString());
                    } catch (Throwable e) {
                        refused.complete(e);
                    }
                });
                assertTrue(assertInstanceOf(IllegalStateException.class, refused.await()).getMessage().contains("cannot wait"));
                assertEquals(0, connections.get());
                var fine = Asyncio.<String>createFuture();
                getRunningLoop().callSoon(() -> client.sendAsync(get(server, "/async"), BodyHandlers.ofString())
                        .thenAccept(it -> fine.complete(it.body())));
                assertEquals("/async", fine.await());
            }
        });
    }

    /** What a server sees of a client that goes away: it sends {@code answer}, and waits for the end. */
    private static Server waitingServer(String answer, List<String> log) {
        return serve((reader, writer) -> {
            log.add(head(reader).split(" ")[1]);
            writer.write(answer);
            try {
                log.add(await(reader.read(), IOException.class).length == 0 ? "end" : "more");
            } catch (IOException e) {
                log.add("end");
            }
            writer.close();
        });
    }

    private static void until(List<String> log, int size) {
        while (log.size() < size) {
            sleep(Duration.ofMillis(1)).await();
        }
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("whoever cancels a request closes its connection, before the response and in the middle of it")
    void cancel(Carrier carrier) {
        for (String answer : List.of("", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")) {
            run(carrier, () -> {
                var log = new ArrayList<String>();
                try (var server = waitingServer(answer, log)) {
                    var client = newHttpClient();
                    var future = client.sendAsync(get(server, "/future"), BodyHandlers.ofString());
                    until(log, 1);
                    assertTrue(future.cancel(true));
                    assertThrows(CancellationException.class, () -> await(future));
                    until(log, 2);
                    var task = createTask(() -> client.send(get(server, "/task"), BodyHandlers.ofString()));
                    until(log, 3);
                    task.cancel();
                    assertThrows(CancellationException.class, task::await);
                    until(log, 4);
                    var streamed = createTask(() -> client.send(get(server, "/streamed"), BodyHandlers.fromSubscriber(new Taking(100), it -> it)));
                    until(log, 5);
                    streamed.cancel();
                    assertThrows(CancellationException.class, streamed::await);
                    until(log, 6);
                    assertEquals(List.of("/future", "end", "/task", "end", "/streamed", "end"), log);
                }
            });
        }
    }

    @Test
    @DisplayName("the time limit of a request is for the response to begin, redirects included, and its connection is closed")
    void timeout() {
        VirtualClock.runTest(new MemoryNetwork(), () -> {
            var log = new ArrayList<String>();
            try (var silent = waitingServer("", log);
                    var slow = waitingServer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", log);
                    var redirecting = waitingServer(
                            "HTTP/1.1 302 Found\r\nLocation: " + uri(silent, "/silent") + "\r\nContent-Length: 0\r\n\r\n", log)) {
                var client = newHttpClientBuilder().followRedirects(Redirect.ALWAYS).build();
                var limit = Duration.ofMinutes(2);
                for (Server server : List.of(silent, redirecting)) {
                    var request = HttpRequest.newBuilder(uri(server, "/x")).timeout(limit).build();
                    var failure = assertThrows(HttpTimeoutException.class, () -> client.send(request, BodyHandlers.ofString()));
                    assertEquals("request timed out", failure.getMessage());
                }
                until(log, 5);
                assertEquals(List.of("/x", "end", "/x", "/silent", "end"), log);
                var begun = HttpRequest.newBuilder(uri(slow, "/")).timeout(limit).build();
                var waiting = createTask(() -> client.send(begun, BodyHandlers.ofString()));
                until(log, 6);
                sleep(limit.multipliedBy(2)).await();
                assertFalse(waiting.done());
                waiting.cancel();
            }
        });
    }

    @Test
    @DisplayName("the time limit for connecting counts the look-up of the name too")
    void connectTimeout() {
        run(() -> {
            getRunningLoop().setResolver(new Resolver() {
                @Override
                public List<java.net.InetAddress> getaddrinfo(String host) {
                    return sleep(Duration.ofHours(1), List.<java.net.InetAddress>of()).await();
                }

                @Override
                public String getnameinfo(java.net.InetAddress address) {
                    throw new AssertionError(address);
                }
            });
            var client = newHttpClientBuilder().connectTimeout(Duration.ofMillis(20)).build();
            assertThrows(
                    HttpConnectTimeoutException.class,
                    () -> client.send(HttpRequest.newBuilder(URI.create("http://example.org/")).build(), BodyHandlers.ofString()));
        });
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("what would block the loop is refused before anything is sent, and a stream that awaits is named")
    void blocking(Carrier carrier) {
        run(carrier, () -> {
            var connections = new AtomicInteger();
            try (var server = echoServer(connections)) {
                var client = newHttpClient();
                for (BodyHandler<?> handler : List.of(BodyHandlers.ofInputStream(), BodyHandlers.ofLines())) {
                    var refused = assertThrows(IllegalStateException.class, () -> client.send(get(server, "/"), handler));
                    assertTrue(refused.getMessage().contains("HttpBodyHandlers.ofStream()"), refused::getMessage);
                    assertThrows(IllegalStateException.class, () -> await(client.sendAsync(get(server, "/"), handler)));
                }
                assertEquals(0, connections.get());
                // Nothing tells what these are made of, before they have given it.
                for (BodyHandler<?> handler : List.<BodyHandler<?>>of(
                        (BodyHandler<java.io.InputStream>) info -> BodySubscribers.ofInputStream(),
                        (BodyHandler<Stream<String>>) info -> BodySubscribers.buffering(BodySubscribers.ofLines(UTF_8), 10))) {
                    var refused = assertThrows(IllegalStateException.class, () -> await(client.sendAsync(get(server, "/"), handler)));
                    assertTrue(refused.getMessage().contains("HttpBodyHandlers.ofStream()"), refused::getMessage);
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("a streamed body is read while it arrives")
    void stream(Carrier carrier) {
        run(carrier, () -> {
            var log = new ArrayList<String>();
            var next = new Queue<Integer>();
            try (var server = serve((reader, writer) -> {
                head(reader);
                writer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                for (int i = next.get().await(); i > 0; i = next.get().await()) {
                    log.add("sent " + i);
                    writer.write("7\r\nline " + i + "\n\r\n");
                }
                writer.write("0\r\n\r\n");
            })) {
                var response = newHttpClient().send(get(server, "/"), HttpBodyHandlers.ofStream());
                assertEquals(200, response.statusCode());
                next.putNowait(1);
                try (var body = response.body()) {
                    int i = 1;
                    for (String line : body.lines()) {
                        log.add(line);
                        next.putNowait(i == 3 ? 0 : ++i);
                    }
                }
                assertEquals(List.of("sent 1", "line 1", "sent 2", "line 2", "sent 3", "line 3"), log);
            }
        });
    }

    @Test
    @DisplayName("a streamed body that is closed early ends its connection, one that is cut short fails its reader")
    void streamEnds() {
        run(() -> {
            var log = new ArrayList<String>();
            try (var endless = waitingServer("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nfirst\n", log)) {
                var client = newHttpClient();
                Iterator<String> lines;
                try (var body = client.send(get(endless, "/"), HttpBodyHandlers.ofStream()).body()) {
                    lines = body.lines().iterator();
                    assertEquals("first", lines.next());
                }
                until(log, 2);
                assertThrows(IllegalStateException.class, lines::hasNext);
            }
            try (var cut = serve((reader, writer) -> {
                head(reader);
                answer(writer, "200 OK\r\nX: " + "x".repeat(10), "");
                head(reader);
                writer.write("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ncut");
                writer.close();
            })) {
                var client = newHttpClient();
                assertEquals(0, client.send(get(cut, "/"), HttpBodyHandlers.ofStream()).body().reader().read().await().length);
                var body = client.send(get(cut, "/"), HttpBodyHandlers.ofStream()).body();
                assertEquals("cut", new String(body.reader().readexactly(3).await()));
                assertThrows(IOException.class, () -> body.reader().read().await());
            }
            assertThrows(IllegalStateException.class, () -> toThread(HttpBodyHandlers::ofStream).await());
        });
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("the JDK's own client can give a streamed body too")
    void streamOfTheJdk(Carrier carrier) throws Exception {
        try (var peer = new HttpPeer()) {
            run(carrier, () -> {
                var client = HttpClient.newHttpClient();
                for (int parts : new int[] {1, 100}) {
                    var request = HttpRequest.newBuilder(peer.uri("/large/" + parts)).build();
                    try (var body = await(client.sendAsync(request, HttpBodyHandlers.ofStream())).body()) {
                        assertEquals(parts * 8192, body.reader().read().await().length);
                    }
                }
                var lines = new ArrayList<String>();
                var request = HttpRequest.newBuilder(peer.uri("/lines")).build();
                await(client.sendAsync(request, HttpBodyHandlers.ofStream())).body().lines().forEach(lines::add);
                assertEquals(List.of("one", "two", "three"), lines);
            });
        }
    }

    /** Takes what it asks for: {@code count} lists of buffers. */
    private static class Taking implements Flow.Subscriber<List<ByteBuffer>> {
        final List<String> events = new ArrayList<>();
        long size;
        Flow.Subscription subscription;
        private final int count;

        Taking(int count) {
            this.count = count;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            this.subscription = subscription;
            if (count > 0) {
                subscription.request(count);
            }
        }

        @Override
        public void onNext(List<ByteBuffer> item) {
            events.add("next");
            size += item.stream().mapToInt(ByteBuffer::remaining).sum();
        }

        @Override
        public void onError(Throwable throwable) {
            events.add("error " + throwable.getClass().getSimpleName());
        }

        @Override
        public void onComplete() {
            events.add("complete");
        }
    }

    @Test
    @DisplayName("a subscriber gets no more than it asks for, and the server has to wait")
    void demand() {
        run(() -> {
            var written = new AtomicInteger();
            int size = 20_000_000;
            try (var server = serve((reader, writer) -> {
                head(reader);
                writer.write("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
                byte[] part = new byte[100_000];
                while (written.get() < size) {
                    writer.write(part);
                    writer.drain().await();
                    written.addAndGet(part.length);
                }
            })) {
                var taking = new Taking(3);
                var response = createTask(
                        () -> newHttpClient().send(get(server, "/"), BodyHandlers.fromSubscriber(taking, it -> it.size)));
                int before = -1;
                while (taking.events.size() < 3 || before != written.get()) {
                    before = written.get();
                    sleep(Duration.ofMillis(50)).await();
                }
                assertEquals(List.of("next", "next", "next"), taking.events);
                assertTrue(before < size, () -> written.toString());
                taking.subscription.request(Long.MAX_VALUE);
                assertEquals((long) size, response.await().body());
                assertEquals("complete", taking.events.get(taking.events.size() - 1));
            }
        });
    }

    @Test
    @DisplayName("a subscriber that asks for less than nothing, or throws, gets an error, and one that cancels gets no more")
    void subscriberEnds() {
        run(() -> {
            var log = new ArrayList<String>();
            try (var server = waitingServer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", log)) {
                var client = newHttpClient();
                var negative = new Taking(0) {
                    @Override
                    public void onSubscribe(Flow.Subscription subscription) {
                        subscription.request(0);
                    }
                };
                assertThrows(
                        IllegalArgumentException.class,
                        () -> client.send(get(server, "/"), BodyHandlers.fromSubscriber(negative)));
                until(log, 2);
                assertEquals(List.of("error IllegalArgumentException"), negative.events);
                var throwing = new Taking(1) {
                    @Override
                    public void onNext(List<ByteBuffer> item) {
                        throw new ArithmeticException("no");
                    }
                };
                var failure = assertThrows(IOException.class, () -> client.send(get(server, "/"), BodyHandlers.fromSubscriber(throwing)));
                assertInstanceOf(ArithmeticException.class, failure.getCause());
                until(log, 4);
                assertEquals(List.of("error ArithmeticException"), throwing.events);
                var cancelling = new Taking(1) {
                    @Override
                    public void onNext(List<ByteBuffer> item) {
                        super.onNext(item);
                        subscription.cancel();
                    }
                };
                var waiting = client.sendAsync(get(server, "/"), BodyHandlers.fromSubscriber(cancelling));
                until(log, 6);
                assertEquals(List.of("next"), cancelling.events);
                waiting.cancel(true);
            }
        });
    }

    @Test
    @DisplayName("a publisher is asked for the next buffer when the last one is written, and no sooner")
    void published() {
        run(() -> {
            var read = Asyncio.<Void>createFuture();
            var asked = new AtomicInteger();
            int parts = 300;
            try (var server = serve((reader, writer) -> {
                head(reader);
                read.await();
                reader.readexactly(parts * 100_000).await();
                answer(writer, "200 OK", "done");
            })) {
                Flow.Publisher<ByteBuffer> publisher = subscriber -> subscriber.onSubscribe(new Flow.Subscription() {
                    private boolean cancelled;

                    @Override
                    public void request(long n) {
                        assertEquals(1, n);
                        if (asked.incrementAndGet() <= parts) {
                            subscriber.onNext(ByteBuffer.allocate(100_000));
                        } else if (!cancelled) {
                            subscriber.onComplete();
                        }
                    }

                    @Override
                    public void cancel() {
                        cancelled = true;
                    }
                });
                var request = HttpRequest.newBuilder(uri(server, "/"))
                        .POST(BodyPublishers.fromPublisher(publisher, parts * 100_000L))
                        .build();
                var response = createTask(() -> newHttpClient().send(request, BodyHandlers.ofString()));
                int before = -1;
                while (asked.get() == 0 || before != asked.get()) {
                    before = asked.get();
                    sleep(Duration.ofMillis(50)).await();
                }
                assertTrue(before < parts, asked::toString);
                read.complete(null);
                assertEquals("done", response.await().body());
                assertEquals(parts + 1, asked.get());
            }
        });
    }

    @Test
    @DisplayName("what may block is called in the client's executor, everything else on the loop")
    void executor() throws Exception {
        var threads = Executors.newSingleThreadExecutor(task -> new Thread(task, "the client's"));
        var file = Files.createTempFile("simul", null);
        try {
            run(() -> {
                var connections = new AtomicInteger();
                try (var server = echoServer(connections)) {
                    var client = newHttpClientBuilder().executor(threads).build();
                    assertSame(threads, client.executor().orElseThrow());
                    var mapped = client.send(get(server, "/"), info -> BodySubscribers.mapping(
                            BodySubscribers.ofString(UTF_8), it -> Thread.currentThread().getName()));
                    assertEquals("the client's", mapped.body());
                    client.send(get(server, "/to/a/file"), BodyHandlers.ofFile(file));
                    assertEquals("/to/a/file", Files.readString(file));
                    var loop = getRunningLoop();
                    var taking = new Taking(Integer.MAX_VALUE) {
                        @Override
                        public void onNext(List<ByteBuffer> item) {
                            events.add(getRunningLoop() == loop ? "on the loop" : "elsewhere");
                        }
                    };
                    client.send(get(server, "/"), BodyHandlers.fromSubscriber(taking));
                    assertEquals(List.of("on the loop", "complete"), taking.events);
                }
            });
        } finally {
            threads.shutdown();
            Files.delete(file);
        }
    }

    @Test
    @DisplayName("credentials are not sent on to another origin")
    void strippedCredentials() {
        run(() -> {
            var heads = new ArrayList<String>();
            try (var other = serve((reader, writer) -> {
                        heads.add(head(reader));
                        answer(writer, "200 OK", "there");
                    });
                    var first = serve((reader, writer) -> {
                        for (String to : List.of("/same", uri(other, "/other").toString())) {
                            heads.add(head(reader));
                            answer(writer, "302 Found\r\nLocation: " + to, "");
                        }
                    })) {
                var request = HttpRequest.newBuilder(uri(first, "/"))
                        .headers("Authorization", "secret", "Cookie", "secret", "Proxy-Authorization", "secret", "X-Other", "plain")
                        .build();
                var response = newHttpClientBuilder().followRedirects(Redirect.NORMAL).build().send(request, BodyHandlers.ofString());
                assertEquals("there", response.body());
                assertEquals(
                        List.of(2L, 2L, 0L),
                        heads.stream().map(it -> it.lines().filter(line -> line.endsWith(": secret")).count()).toList());
                assertTrue(heads.stream().allMatch(it -> it.contains("X-Other: plain\r\n")), heads::toString);
            }
        });
    }

    @Test
    @DisplayName("a proxy is asked for a tunnel, with credentials when it wants them, and what it says else is reported")
    void tunnel() {
        run(() -> {
            var heads = new ArrayList<String>();
            try (var proxy = serve((reader, writer) -> {
                for (String head = head(reader); head != null; head = head(reader)) {
                    heads.add(head);
                    if (head.contains("Proxy-Authorization: Basic dTpw\r\n")) {
                        writer.write("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
                    } else {
                        writer.write("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=p\r\nContent-Length: 0\r\n\r\n");
                    }
                }
                writer.close();
            })) {
                var selector = ProxySelector.of(new InetSocketAddress(HERE, portOf(proxy)));
                var request = HttpRequest.newBuilder(URI.create("https://example.invalid/")).build();
                var refused = newHttpClientBuilder().proxy(selector).build().send(request, BodyHandlers.ofString());
                assertEquals(407, refused.statusCode());
                assertEquals("", refused.body());
                var client = newHttpClientBuilder().proxy(selector).authenticator(new java.net.Authenticator() {
                    @Override
                    protected PasswordAuthentication getPasswordAuthentication() {
                        assertEquals(RequestorType.PROXY, getRequestorType());
                        return new PasswordAuthentication("u", "p".toCharArray());
                    }
                }).build();
                var failure = assertThrows(IOException.class, () -> client.send(request, BodyHandlers.ofString()));
                assertEquals("Tunnel failed, got: 502", failure.getMessage());
                assertEquals(3, heads.size());
                assertTrue(heads.stream().allMatch(it -> it.startsWith("CONNECT example.invalid:443 HTTP/1.1\r\n")), heads::toString);
            }
        });
    }

    @Test
    @DisplayName("TLS checks the server, by the context that the client was given, and the response tells of the session")
    void tls() {
        run(() -> {
            var served = SslContext.createDefaultContext(Purpose.CLIENT_AUTH)
                    .withCertChain(TestCertificatesKt.certificate("server.pem"), TestCertificatesKt.certificate("server.key"));
            try (var server = startServer(HERE, 0, new ServerOptions().ssl(served), (reader, writer) -> {
                for (String head = head(reader); head != null; head = head(reader)) {
                    answer(writer, "200 OK", head.startsWith("DELETE") ? "" : head.split(" ")[1]);
                }
                writer.close();
            }).await()) {
                var uri = URI.create("https://localhost:" + portOf(server) + "/secret");
                var request = HttpRequest.newBuilder(uri).build();
                var trusting = trustingContext();
                var parameters = new javax.net.ssl.SSLParameters();
                parameters.setProtocols(new String[] {"TLSv1.2"});
                var client = newHttpClientBuilder().sslContext(trusting).sslParameters(parameters).build();
                assertSame(trusting, client.sslContext());
                assertEquals(List.of("TLSv1.2"), Arrays.asList(client.sslParameters().getProtocols()));
                for (int i = 0; i < 2; i++) {
                    var response = client.send(request, BodyHandlers.ofString());
                    assertEquals("/secret", response.body());
                    assertEquals("TLSv1.2", response.sslSession().orElseThrow().getProtocol());
                }
                var empty = client.send(HttpRequest.newBuilder(uri).DELETE().build(), BodyHandlers.ofString());
                assertEquals("", empty.body());
                assertTrue(empty.sslSession().isPresent());
                assertThrows(
                        javax.net.ssl.SSLHandshakeException.class, () -> newHttpClient().send(request, BodyHandlers.ofString()));
                var byAddress = HttpRequest.newBuilder(URI.create("https://127.0.0.2:" + portOf(server) + "/")).build();
                assertThrows(IOException.class, () -> client.send(byAddress, BodyHandlers.ofString()));
            }
        });
    }

    /** What newer JDKs have in the class. */
    private static Object call(HttpClient client, String method, Object... arguments) throws Exception {
        var types = Arrays.stream(arguments).map(Object::getClass).toArray(Class<?>[]::new);
        try {
            return client.getClass().getMethod(method, types).invoke(client, arguments);
        } catch (java.lang.reflect.InvocationTargetException e) {
            throw (Exception) e.getCause();
        }
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("a client that is shut down lets its requests end, and takes no more")
    void shutdown(Carrier carrier) {
        run(carrier, () -> {
            var gate = Asyncio.<Void>createFuture();
            var log = new ArrayList<String>();
            try (var server = serve((reader, writer) -> {
                log.add(head(reader).split(" ")[1]);
                gate.await();
                answer(writer, "200 OK", "late");
                writer.close();
            })) {
                var client = newHttpClient();
                var waiting = createTask(() -> client.send(get(server, "/"), BodyHandlers.ofString()).body());
                until(log, 1);
                call(client, "shutdown");
                assertThrows(IOException.class, () -> client.send(get(server, "/"), BodyHandlers.ofString()));
                assertEquals(false, call(client, "isTerminated"));
                assertEquals(false, call(client, "awaitTermination", Duration.ofMillis(10)));
                gate.complete(null);
                call(client, "close");
                assertEquals(true, call(client, "isTerminated"));
                assertEquals(true, call(client, "awaitTermination", Duration.ofMillis(10)));
                assertEquals("late", waiting.await());
            }
        });
    }

    @Test
    @DisplayName("a client that is shut down now fails its requests")
    void shutdownNow() throws Exception {
        run(() -> {
            var log = new ArrayList<String>();
            try (var server = waitingServer("", log)) {
                var client = newHttpClient();
                var waiting = createTask(() -> client.send(get(server, "/"), BodyHandlers.ofString()));
                until(log, 1);
                call(client, "shutdownNow");
                assertEquals("the client was shut down", assertThrows(IOException.class, waiting::await).getMessage());
                call(client, "close");
                until(log, 2);
            }
        });
        run(() -> {
            var log = new ArrayList<String>();
            try (var server = waitingServer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", log)) {
                var client = newHttpClient();
                var reader = client.send(get(server, "/"), HttpBodyHandlers.ofStream()).body().reader();
                assertEquals("half", new String(reader.readexactly(4).await()));
                call(client, "shutdown");
                assertEquals(false, call(client, "isTerminated"));
                call(client, "shutdownNow");
                call(client, "close");
                assertThrows(IOException.class, () -> reader.read().await());
                until(log, 2);
            }
        });
        try (var loop = Asyncio.open()) {
            var client = loop.submit(Asyncio::newHttpClient).join();
            call(client, "close");
            assertEquals(true, call(client, "isTerminated"));
        }
        HttpClient forgotten = Asyncio.run(Asyncio::newHttpClient);
        assertEquals(true, call(forgotten, "awaitTermination", Duration.ofMillis(1)));
        call(forgotten, "close");
    }

    @Test
    @DisplayName("without a loop there is no client")
    void noLoop() throws Exception {
        var refused = new CompletableFuture<Throwable>();
        var thread = new Thread(() -> {
            try {
                newHttpClient();
            } catch (Throwable e) {
                refused.complete(e);
            }
        });
        thread.start();
        assertInstanceOf(IllegalStateException.class, refused.get());
    }
}
