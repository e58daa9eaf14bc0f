// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieManager;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static java.net.http.HttpRequest.newBuilder;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** The same programs with the JDK's own client and with the loop's, against the same server. */
class HttpClientDifferenceTest {
    private static HttpPeer peer;

    @BeforeAll
    static void start() throws IOException {
        peer = new HttpPeer();
    }

    @AfterAll
    static void stop() {
        peer.close();
    }

    /** Says what a client does. It closes nothing, since clients of older JDKs cannot be closed. */
    interface Program {
        String run(HttpClient.Builder builder) throws Exception;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("programs")
    @DisplayName("both clients do the same")
    void same(String name, Program program) {
        var expected = Outcome.of(program, HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1));
        Outcome inBody = Asyncio.runLoop(() -> Outcome.of(program, Asyncio.newHttpClientBuilder()));
        assertTrue(inBody.isAs(expected), () -> "in a body " + inBody + ", not " + expected);
        try (var loop = Asyncio.open()) {
            var builder = loop.submit(Asyncio::newHttpClientBuilder).join();
            var elsewhere = Outcome.of(program, builder);
            assertTrue(elsewhere.isAs(expected), () -> "in another thread " + elsewhere + ", not " + expected);
        }
    }

    private record Outcome(String said, Exception thrown) {
        static Outcome of(Program program, HttpClient.Builder builder) {
            try {
                return new Outcome(program.run(builder), null);
            } catch (Exception e) {
                return new Outcome("", e);
            }
        }

        /** Whether it says the same, or throws what every handler of the other's exception catches. */
        boolean isAs(Outcome other) {
            return said.equals(other.said)
                    && (thrown == null ? other.thrown == null : other.thrown != null && other.thrown.getClass().isInstance(thrown));
        }
    }

    static Stream<Arguments> programs() {
        return Stream.of(
                get("a response has all its parts", "/repeated", r -> r.statusCode() + r.uri().getPath() + r.body() + r.version()
                        + r.headers().allValues("x-MANY") + r.previousResponse() + r.sslSession() + r.request().method()),
                get("a path and a query arrive as they are", "/echo/a%2fb%20c?q=%C3%A4&r=1+2", HttpResponse::body),
                get("letters beyond ASCII are encoded", "/echo/\u00fc?\u00e9", HttpResponse::body),
                get("a fragment is not sent", "/echo/x#part", HttpResponse::body),
                get("chunks are joined", "/chunked", HttpResponse::body),
                get("a charset is heeded", "/latin", HttpResponse::body),
                get("204 has no body", "/status/204", r -> r.statusCode() + "'" + r.body() + "'"),
                get("304 has no body", "/status/304", r -> r.statusCode() + "'" + r.body() + "'"),
                get("an error is a response", "/status/500", r -> r.statusCode() + r.body()),
                get("redirects are not followed unless that is wanted", "/redirect/302?/echo", r -> r.statusCode() + r.body()),
                get("a body cut short fails", "/short", HttpResponse::body),
                get("a connection closed without an answer fails", "/cut", HttpResponse::body),
                sends("HEAD has no body", () -> newBuilder(peer.uri("/echo")).method("HEAD", BodyPublishers.noBody()), "body"),
                sends("POST", () -> newBuilder(peer.uri("/echo")).POST(BodyPublishers.ofString("text")), "body"),
                sends("PUT", () -> newBuilder(peer.uri("/echo")).PUT(BodyPublishers.ofByteArray(new byte[] {65})), "body"),
                sends("DELETE", () -> newBuilder(peer.uri("/echo")).DELETE(), "status"),
                sends("POST of nothing", () -> newBuilder(peer.uri("/echo")).POST(BodyPublishers.noBody()), "body"),
                sends("a method of one's own", () -> newBuilder(peer.uri("/echo")).method("SHOUT", BodyPublishers.ofString("x")), "body"),
                sends("byte arrays", () -> newBuilder(peer.uri("/echo"))
                        .POST(BodyPublishers.ofByteArrays(List.of("a".getBytes(), "bc".getBytes(), new byte[0]))), "body"),
                sends("a stream", () -> newBuilder(peer.uri("/echo"))
                        .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream("stream".getBytes()))), "body"),
                sends("a large string", () -> newBuilder(peer.uri("/echo")).POST(BodyPublishers.ofString("x".repeat(300_000))), "body"),
                sends("joined publishers", () -> newBuilder(peer.uri("/echo"))
                        .POST(BodyPublishers.concat(BodyPublishers.ofString("a"), BodyPublishers.ofString("b"))), "body"),
                sends("a publisher of known length", () -> newBuilder(peer.uri("/echo")).POST(published(4, "ab", "cd")), "body"),
                sends("a publisher of unknown length", () -> newBuilder(peer.uri("/echo")).POST(published(-1, "ab", "cd")), "body"),
                sends("a publisher that gives too much", () -> newBuilder(peer.uri("/echo")).POST(published(3, "ab", "cd")), "class"),
                sends("a publisher that gives too little", () -> newBuilder(peer.uri("/echo")).POST(published(5, "ab", "cd")), "class"),
                sends("a publisher that fails", () -> newBuilder(peer.uri("/echo")).POST(failing()), "class"),
                sends("headers", () -> newBuilder(peer.uri("/echo")).header("X-a", "1").header("x-A", "2").setHeader("Accept", "*/*"), "body"),
                sends("a body that is sent when the server wants it", () -> newBuilder(peer.uri("/echo"))
                        .expectContinue(true).POST(BodyPublishers.ofString("wanted")), "status"),
                sends("a request made by hand", () -> new HandMade(peer.uri("/echo"), "GET", Map.of("X-Mine", List.of("1"))), "body"),
                sends("a request made by hand, with a bad method", () -> new HandMade(peer.uri("/"), "G T", Map.of()), "class"),
                sends("a request made by hand, by CONNECT", () -> new HandMade(peer.uri("/"), "CONNECT", Map.of()), "class"),
                sends("a request made by hand, for another scheme", () -> new HandMade(URI.create("ftp://a/"), "GET", Map.of()), "class"),
                sends("a time limit for an answer that never comes",
                        () -> newBuilder(peer.uri("/never")).timeout(Duration.ofMillis(300)), "class"),
                sends("a refused connection", () -> newBuilder(URI.create("http://127.0.0.1:" + closedPort() + "/")), "class"),
                sends("a name that does not exist", () -> newBuilder(URI.create("http://name.invalid/")), "class"),
                handles("bytes", "/lines", BodyHandlers.ofByteArray(), Arrays::toString),
                handles("a string of a charset", "/latin", BodyHandlers.ofString(java.nio.charset.StandardCharsets.UTF_8), x -> x),
                handles("nothing", "/lines", BodyHandlers.discarding(), String::valueOf),
                handles("another value", "/lines", BodyHandlers.replacing("other"), x -> x),
                handles("a mapped body", "/lines", info -> BodySubscribers.mapping(
                        BodySubscribers.ofString(java.nio.charset.StandardCharsets.UTF_8), text -> text.length()), String::valueOf),
                handles("a mapped stream", "/large/20", info -> BodySubscribers.mapping(
                        BodySubscribers.ofInputStream(), HttpClientDifferenceTest::sizeOf), String::valueOf),
                handles("a buffered body", "/lines", BodyHandlers.buffering(BodyHandlers.ofString(), 3), x -> x),
                handles("a handler that fails", "/lines", info -> { throw new ArithmeticException("no"); }, String::valueOf),
                handles("a handler that sees status and headers", "/repeated",
                        info -> BodySubscribers.replacing(info.statusCode() + info.headers().allValues("X-Many").toString() + info.version()),
                        x -> x),
                new Object() {
                    Arguments consumed() {
                        return program("a consumer of bytes", builder -> {
                            var got = new StringBuffer();
                            builder.build().send(newBuilder(peer.uri("/lines")).build(),
                                    BodyHandlers.ofByteArrayConsumer(part -> got.append(part.map(String::new).orElse("; end"))));
                            return got.toString();
                        });
                    }
                }.consumed(),
                program("a subscriber of lines", builder -> {
                    var lines = new Collecting<String>(1);
                    builder.build().send(newBuilder(peer.uri("/lines")).build(), BodyHandlers.fromLineSubscriber(lines));
                    return lines.got.toString();
                }),
                program("a subscriber that asks for one buffer at a time", builder -> {
                    var parts = new Collecting<List<ByteBuffer>>(1);
                    int size = builder.build()
                            .send(newBuilder(peer.uri("/large/50")).build(), BodyHandlers.fromSubscriber(parts, all -> all.got.stream()
                                    .flatMap(List::stream).mapToInt(ByteBuffer::remaining).sum()))
                            .body();
                    return size + " " + parts.end;
                }),
                program("a subscriber that fails", builder -> {
                    var parts = new Collecting<List<ByteBuffer>>(1) {
                        @Override
                        public void onNext(List<ByteBuffer> item) {
                            throw new ArithmeticException("no");
                        }
                    };
                    return String.valueOf(builder.build()
                            .send(newBuilder(peer.uri("/lines")).build(), BodyHandlers.fromSubscriber(parts)).body());
                }),
                program("a file", builder -> {
                    var file = Files.createTempFile("simul", ".txt");
                    try {
                        var response = builder.build().send(newBuilder(peer.uri("/large/20")).build(), BodyHandlers.ofFile(file));
                        return Files.size(response.body()) + " " + response.body().equals(file);
                    } finally {
                        Files.delete(file);
                    }
                }),
                program("a file that is sent", builder -> {
                    var file = Files.createTempFile("simul", ".txt");
                    try {
                        Files.writeString(file, "from a file");
                        var request = newBuilder(peer.uri("/echo")).POST(BodyPublishers.ofFile(file)).build();
                        return builder.build().send(request, BodyHandlers.ofString()).body();
                    } finally {
                        Files.delete(file);
                    }
                }),
                program("a download into a directory that is none", builder ->
                        builder.build().send(newBuilder(peer.uri("/lines")).build(), BodyHandlers.ofFile(Path.of("/no/such/file"))).toString()),
                follows("301 after POST", 301, "POST", Redirect.NORMAL),
                follows("302 after POST", 302, "GET", Redirect.NORMAL),
                follows("303 after PUT", 303, "PUT", Redirect.ALWAYS),
                follows("307 after POST", 307, "POST", Redirect.ALWAYS),
                follows("308 after PUT", 308, "PUT", Redirect.NORMAL),
                follows("300 is no redirect", 300, "GET", Redirect.ALWAYS),
                program("redirects end", builder -> {
                    int before = peer.log.size();
                    var response = builder.followRedirects(Redirect.ALWAYS).build()
                            .send(newBuilder(peer.uri("/loop")).build(), BodyHandlers.ofString());
                    return response.statusCode() + " " + response.uri().getPath() + " " + chain(response) + (peer.log.size() - before);
                }),
                program("authentication", builder -> {
                    var user = new User("user", "secret");
                    var client = builder.authenticator(user).build();
                    var response = client.send(newBuilder(peer.uri("/basic/a")).build(), BodyHandlers.ofString());
                    var again = client.send(newBuilder(peer.uri("/basic/b")).build(), BodyHandlers.ofString());
                    return response.body() + chain(response) + again.body() + chain(again) + user.asked;
                }),
                program("authentication of a posted body", builder -> {
                    var request = newBuilder(peer.uri("/basic/a")).POST(published(-1, "ab", "cd")).build();
                    return builder.authenticator(new User("user", "secret")).build().send(request, BodyHandlers.ofString()).body();
                }),
                program("a wrong password", builder -> {
                    var user = new User("user", "wrong");
                    try {
                        return builder.authenticator(user).build()
                                .send(newBuilder(peer.uri("/basic")).build(), BodyHandlers.ofString()).body();
                    } catch (IOException e) {
                        return e.getMessage() + (user.asked.get() > 1);
                    }
                }),
                program("no password", builder -> {
                    try {
                        return builder.authenticator(new User(null, null)).build()
                                .send(newBuilder(peer.uri("/basic")).build(), BodyHandlers.ofString()).body();
                    } catch (IOException e) {
                        return e.getMessage();
                    }
                }),
                program("no authenticator", builder -> {
                    var response = builder.build().send(newBuilder(peer.uri("/basic")).build(), BodyHandlers.ofString());
                    return response.statusCode() + response.body();
                }),
                program("a scheme that is not known", builder -> {
                    var response = builder.authenticator(new User("user", "secret")).build()
                            .send(newBuilder(peer.uri("/bearer")).build(), BodyHandlers.ofString());
                    return response.statusCode() + response.body();
                }),
                program("401 without a challenge", builder -> builder.authenticator(new User("user", "secret")).build()
                        .send(newBuilder(peer.uri("/unexplained")).build(), BodyHandlers.ofString()).body()),
                program("cookies", builder -> {
                    var client = builder.cookieHandler(new CookieManager()).build();
                    client.send(newBuilder(peer.uri("/cookie")).build(), BodyHandlers.discarding());
                    return client.send(newBuilder(peer.uri("/echo/x")).header("Cookie", "own=0").build(), BodyHandlers.ofString()).body()
                            .lines().filter(it -> it.startsWith("Cookie")).flatMap(it -> Stream.of(it.substring(8).split("; ")))
                            .sorted().toList().toString();
                }),
                program("a proxy", builder -> {
                    var client = builder.proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", peer.port()))).build();
                    return client.send(newBuilder(URI.create("http://example.invalid/echo")).build(), BodyHandlers.ofString()).body()
                            .lines().skip(1).toList().toString();
                }),
                program("a proxy that wants a password", builder -> {
                    var client = builder.proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", peer.port())))
                            .authenticator(new User("user", "secret")).build();
                    return client.send(newBuilder(URI.create("http://example.invalid/proxied")).build(), BodyHandlers.ofString()).body();
                }),
                program("a proxy that has no tunnel", builder -> {
                    var client = builder.proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", peer.port()))).build();
                    return client.send(newBuilder(URI.create("https://example.invalid/")).build(), BodyHandlers.ofString()).body();
                }),
                program("settings are given back", builder -> {
                    var client = builder.followRedirects(Redirect.NORMAL).connectTimeout(Duration.ofSeconds(3)).priority(256).build();
                    return client.followRedirects() + " " + client.connectTimeout() + client.cookieHandler() + client.proxy()
                            + client.authenticator() + client.executor() + client.sslContext().getProtocol();
                }),
                refuses("a negative connect timeout", builder -> builder.connectTimeout(Duration.ofSeconds(-1))),
                refuses("no connect timeout at all", builder -> builder.connectTimeout(Duration.ZERO)),
                refuses("a priority of 0", builder -> builder.priority(0)),
                refuses("a priority of 257", builder -> builder.priority(257)),
                refuses("null for a cookie handler", builder -> builder.cookieHandler(null)),
                refuses("null for a proxy", builder -> builder.proxy(null)),
                refuses("null for an authenticator", builder -> builder.authenticator(null)),
                refuses("null for a policy", builder -> builder.followRedirects(null)),
                refuses("null for an executor", builder -> builder.executor(null)),
                refuses("null for a version", builder -> builder.version(null)),
                refuses("null for a request", builder -> builder.build().send(null, BodyHandlers.ofString())),
                refuses("null for a handler", builder -> builder.build().send(newBuilder(peer.uri("/")).build(), null)),
                refuses("null for a handler, asynchronously",
                        builder -> builder.build().sendAsync(newBuilder(peer.uri("/")).build(), null)));
    }

    private static Arguments program(String name, Program program) {
        return arguments(name, program);
    }

    interface Told {
        String tell(HttpResponse<String> response);
    }

    private static Arguments get(String name, String path, Told told) {
        return program(name, builder -> told.tell(builder.build().send(newBuilder(peer.uri(path)).build(), BodyHandlers.ofString())));
    }

    interface Making {
        Object make() throws Exception;
    }

    private static Arguments sends(String name, Making making, String what) {
        return program(name, builder -> {
            var made = making.make();
            var request = made instanceof HttpRequest.Builder unbuilt ? unbuilt.build() : (HttpRequest) made;
            var response = builder.build().send(request, BodyHandlers.ofString());
            return what.equals("body") ? response.statusCode() + response.body() : "" + response.statusCode();
        });
    }

    interface Showing<T> {
        String show(T body) throws Exception;
    }

    private static <T> Arguments handles(String name, String path, BodyHandler<T> handler, Showing<T> showing) {
        return program("a handler: " + name,
                builder -> showing.show(builder.build().send(newBuilder(peer.uri(path)).build(), handler).body()));
    }

    private static Arguments follows(String name, int status, String method, Redirect policy) {
        return program("followed: " + name, builder -> {
            var request = newBuilder(peer.uri("/redirect/" + status + "?/echo/there"))
                    .header("X-Kept", "yes")
                    .method(method, method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString("body"))
                    .build();
            var response = builder.followRedirects(policy).build().send(request, BodyHandlers.ofString());
            // The JDK's client sends the body of a POST on with the GET that it becomes.
            var body = status == 301 ? response.body().lines().findFirst().orElse("") : response.body();
            return response.statusCode() + " " + response.uri().getPath() + response.request().method() + chain(response) + body;
        });
    }

    interface Refusing {
        Object refuse(HttpClient.Builder builder) throws Exception;
    }

    private static Arguments refuses(String name, Refusing refusing) {
        return program("refused: " + name, builder -> "" + refusing.refuse(builder));
    }

    private static String chain(HttpResponse<?> response) {
        var statuses = new ArrayList<String>();
        for (HttpResponse<?> it = response; it != null; it = it.previousResponse().orElse(null)) {
            statuses.add(it.statusCode() + it.uri().getPath() + (it == response ? "" : it.body()));
        }
        return statuses.toString();
    }

    private static int sizeOf(java.io.InputStream stream) {
        try (stream) {
            return stream.readAllBytes().length;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static int closedPort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** A publisher that publishes in a thread of its own, as it is asked. */
    private static BodyPublisher published(long length, String... parts) {
        return new BodyPublisher() {
            @Override
            public long contentLength() {
                return length;
            }

            @Override
            public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
                var publisher = new SubmissionPublisher<ByteBuffer>();
                publisher.subscribe(subscriber);
                for (String part : parts) {
                    publisher.submit(ByteBuffer.wrap(part.getBytes()));
                }
                publisher.close();
            }
        };
    }

    private static BodyPublisher failing() {
        return BodyPublishers.fromPublisher(subscriber -> subscriber.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long n) {
                subscriber.onError(new ArithmeticException("no"));
            }

            @Override
            public void cancel() {}
        }));
    }

    private static final class User extends Authenticator {
        final AtomicInteger asked = new AtomicInteger();
        private final String name;
        private final String password;

        User(String name, String password) {
            this.name = name;
            this.password = password;
        }

        @Override
        protected PasswordAuthentication getPasswordAuthentication() {
            asked.incrementAndGet();
            return name == null ? null : new PasswordAuthentication(name, password.toCharArray());
        }
    }

    /** Collects what it gets, and asks for {@code step} at a time. */
    private static class Collecting<T> implements Flow.Subscriber<T> {
        final List<T> got = new ArrayList<>();
        String end = "";
        private final int step;
        private Flow.Subscription subscription;

        Collecting(int step) {
            this.step = step;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            this.subscription = subscription;
            subscription.request(step);
        }

        @Override
        public void onNext(T item) {
            got.add(item);
            subscription.request(step);
        }

        @Override
        public void onError(Throwable throwable) {
            end += "error";
        }

        @Override
        public void onComplete() {
            end += "complete";
        }
    }

    private static final class HandMade extends HttpRequest {
        private final URI uri;
        private final String method;
        private final Map<String, List<String>> headers;

        HandMade(URI uri, String method, Map<String, List<String>> headers) {
            this.uri = uri;
            this.method = method;
            this.headers = headers;
        }

        @Override
        public Optional<BodyPublisher> bodyPublisher() {
            return Optional.empty();
        }

        @Override
        public String method() {
            return method;
        }

        @Override
        public Optional<Duration> timeout() {
            return Optional.empty();
        }

        @Override
        public boolean expectContinue() {
            return false;
        }

        @Override
        public URI uri() {
            return uri;
        }

        @Override
        public Optional<HttpClient.Version> version() {
            return Optional.empty();
        }

        @Override
        public HttpHeaders headers() {
            return HttpHeaders.of(headers, (name, value) -> true);
        }
    }
}
