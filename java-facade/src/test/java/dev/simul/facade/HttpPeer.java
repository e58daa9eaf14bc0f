// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The JDK's own server, for clients of both kinds; what it answers depends on the path alone. */
final class HttpPeer implements AutoCloseable {
    /** Fields that a client may send or not. */
    private static final List<String> CLIENTS_OWN = List.of("User-agent", "Connection", "Host", "Http2-settings", "Upgrade");

    final ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();

    /** What keeps the answer of {@code /never} back. */
    private final CountDownLatch never = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        var thread = new Thread(task, "peer");
        thread.setDaemon(true);
        return thread;
    });
    private final HttpServer server;

    HttpPeer() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        never.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        var target = exchange.getRequestURI();
        log.add(exchange.getRequestMethod() + " " + target);
        String[] path = target.getPath().split("/");
        try (exchange) {
            switch (path.length < 2 ? "" : path[1]) {
                case "echo" -> echo(exchange);
                case "status" -> answer(exchange, Integer.parseInt(path[2]), "status " + path[2]);
                case "redirect" -> redirect(exchange, Integer.parseInt(path[2]), target.getRawQuery());
                case "loop" -> redirect(exchange, 302, target.getPath() + "/x");
                case "nowhere" -> answer(exchange, 302, "nowhere");
                case "basic" -> basic(exchange, "Authorization", 401, "WWW-Authenticate");
                case "proxied" -> basic(exchange, "Proxy-Authorization", 407, "Proxy-Authenticate");
                case "bearer" -> {
                    exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"x\"");
                    answer(exchange, 401, "bearer");
                }
                case "unexplained" -> answer(exchange, 401, "unexplained");
                case "cookie" -> {
                    exchange.getResponseHeaders().add("Set-Cookie", "a=1; Path=/");
                    exchange.getResponseHeaders().add("Set-Cookie", "b=2; Path=/echo");
                    answer(exchange, 200, "cookie");
                }
                case "latin" -> {
                    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=iso-8859-1");
                    answer(exchange, 200, "j\u00f6rg".getBytes(StandardCharsets.ISO_8859_1));
                }
                case "repeated" -> {
                    exchange.getResponseHeaders().add("X-Many", "one");
                    exchange.getResponseHeaders().add("X-Many", "two");
                    answer(exchange, 200, "repeated");
                }
                case "lines" -> answer(exchange, 200, "one\ntwo\r\nthree");
                case "chunked" -> {
                    exchange.sendResponseHeaders(200, 0);
                    for (int i = 0; i < 3; i++) {
                        exchange.getResponseBody().write(("part " + i + "\n").getBytes(UTF_8));
                        exchange.getResponseBody().flush();
                    }
                }
                case "large" -> {
                    byte[] part = new byte[8192];
                    int parts = Integer.parseInt(path[2]);
                    exchange.sendResponseHeaders(200, (long) parts * part.length);
                    for (int i = 0; i < parts; i++) {
                        exchange.getResponseBody().write(part);
                    }
                }
                case "short" -> {
                    exchange.sendResponseHeaders(200, 100);
                    exchange.getResponseBody().write(new byte[10]);
                    exchange.getResponseBody().flush();
                }
                case "cut" -> exchange.getHttpContext().getServer(); // Closed without an answer.
                case "stalls" -> {
                    exchange.sendResponseHeaders(200, 100);
                    exchange.getResponseBody().write("begun".getBytes(UTF_8));
                    exchange.getResponseBody().flush();
                    await();
                }
                case "never" -> {
                    await();
                    answer(exchange, 200, "too late");
                }
                default -> answer(exchange, 200, "hi");
            }
        }
    }

    private void await() {
        try {
            never.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void echo(HttpExchange exchange) throws IOException {
        var text = new StringBuilder(exchange.getRequestMethod() + " " + exchange.getRequestURI() + "\n");
        new TreeMap<>(exchange.getRequestHeaders()).forEach((name, values) -> {
            // Some JDKs send the length of nothing, even where nothing is to be expected.
            boolean isOfNothing = name.equals("Content-length") && values.equals(List.of("0")) && !exchange.getRequestMethod().startsWith("P");
            if (!CLIENTS_OWN.contains(name) && !isOfNothing) {
                text.append(name).append(": ").append(String.join(" | ", values)).append('\n');
            }
        });
        byte[] body = exchange.getRequestBody().readAllBytes();
        text.append(body.length <= 100 ? new String(body, UTF_8) : body.length + " bytes");
        answer(exchange, 200, text.toString());
    }

    private void redirect(HttpExchange exchange, int status, String to) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("Location", to);
        answer(exchange, status, "moved");
    }

    /** The user is {@code user}, and the password {@code secret}. */
    private void basic(HttpExchange exchange, String given, int status, String challenge) throws IOException {
        exchange.getRequestBody().readAllBytes();
        var expected = "Basic " + Base64.getEncoder().encodeToString("user:secret".getBytes(UTF_8));
        if (expected.equals(exchange.getRequestHeaders().getFirst(given))) {
            answer(exchange, 200, "welcome");
        } else {
            exchange.getResponseHeaders().set(challenge, "Basic realm=\"here\"");
            answer(exchange, status, "who are you?");
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        answer(exchange, status, body.getBytes(UTF_8));
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        boolean hasBody = status != 204 && status != 304 && !exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, hasBody && body.length > 0 ? body.length : -1);
        if (hasBody) {
            exchange.getResponseBody().write(body);
        }
    }
}
