// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.newHttpServer;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.facade.Sockets.run;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * The same handlers and the same requests, with the JDK's own server and with the loop's: each sees and says the same. What older JDKs
 * get wrong is left out.
 */
class HttpServerDifferenceTest {
    private static final String GET = "GET /a HTTP/1.1\nHost: here\nConnection: close\n\n";

    interface Setup {
        void apply(HttpServer server, List<String> log) throws Exception;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    @DisplayName("the JDK's server and the loop's do the same")
    void same(String name, String request, Setup setup) throws Exception {
        var own = List.copyOf(withLoops(request, setup));
        assertEquals(withJdks(request, setup), own);
        assertFalse(own.isEmpty());
    }

    private static List<String> withLoops(String request, Setup setup) {
        return run(() -> {
            var server = newHttpServer(new InetSocketAddress("127.0.0.1", 0), 0);
            var log = new CopyOnWriteArrayList<String>();
            setup.apply(server, log);
            server.start();
            String said = toThread(() -> say(server.getAddress().getPort(), request)).await();
            while (!hasEnded(setup, log)) sleep(Duration.ofMillis(1)).await();
            log.add(said);
            server.stop(0);
            return log;
        });
    }

    private static List<String> withJdks(String request, Setup setup) throws Exception {
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        var threads = Executors.newCachedThreadPool();
        try {
            var log = new CopyOnWriteArrayList<String>();
            setup.apply(server, log);
            server.setExecutor(threads);
            server.start();
            String said = say(server.getAddress().getPort(), request);
            while (!hasEnded(setup, log)) Thread.sleep(1);
            log.add(said);
            return log;
        } finally {
            server.stop(0);
            threads.shutdownNow();
        }
    }

    /** A handler may go on when its client has the response. */
    private static boolean hasEnded(Setup setup, List<String> log) {
        return !(setup instanceof Handled) || log.contains(Handled.END);
    }

    /** Sends {@code request}; the response, with its fields in one order, without those that may differ. */
    private static String say(int port, String request) throws IOException {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(ISO_8859_1));
            String all = new String(socket.getInputStream().readAllBytes(), ISO_8859_1).replace("\r\n", "\n");
            all = all.replaceFirst("(?s)^HTTP/1.1 100 .*?\n\n", "");
            int end = all.indexOf("\n\n");
            String[] head = all.substring(0, end < 0 ? 0 : end).split("\n");
            var fields = Arrays.stream(head)
                    .skip(1)
                    .map(it -> it.toLowerCase(Locale.ROOT))
                    .filter(it -> !it.startsWith("date:") && !it.startsWith("connection:"))
                    .sorted()
                    .toList();
            return head[0] + " " + fields + " " + (end < 0 ? "" : all.substring(end));
        }
    }

    static Stream<Arguments> cases() {
        return Stream.of(
                handled("a length", exchange -> answer(exchange, 200, "hello")),
                handled("chunks", exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    try (OutputStream to = exchange.getResponseBody()) {
                        to.write("one".getBytes());
                        to.flush();
                        to.write("two".getBytes());
                    }
                }),
                handled("nothing", exchange -> exchange.sendResponseHeaders(200, -1)),
                handled("204", exchange -> exchange.sendResponseHeaders(204, -1)),
                handled("304", exchange -> exchange.sendResponseHeaders(304, -1)),
                handled("fields", exchange -> {
                    exchange.getResponseHeaders().add("x-a", "1");
                    exchange.getResponseHeaders().add("X-A", "2");
                    exchange.getResponseHeaders().set("content-TYPE", "text/plain");
                    answer(exchange, 418, "tea");
                }),
                arguments("HEAD", GET.replace("GET", "HEAD"), setup((exchange, log) -> {
                    exchange.getResponseHeaders().set("Content-Length", "7");
                    exchange.sendResponseHeaders(200, -1);
                })),
                arguments("HTTP/1.0", "GET /a HTTP/1.0\n\n", setup((exchange, log) -> {
                    log.add(exchange.getProtocol());
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write("until the end".getBytes());
                    exchange.close();
                })),
                arguments("what an exchange says", "POST /a%20b/c?q=%26&r HTTP/1.1\nhost: here\nX-LIST: 1\nx-list: 2\nConnection: close\nContent-Length: 3\n\nabc", setup((exchange, log) -> {
                    log.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + exchange.getRequestURI().getPath());
                    log.add(exchange.getProtocol() + " " + exchange.getResponseCode() + " " + exchange.getPrincipal());
                    log.add(exchange.getHttpContext().getPath() + " " + new java.util.TreeMap<>(exchange.getRequestHeaders()));
                    log.add(exchange.getRequestHeaders().getFirst("x-LIST") + exchange.getRequestHeaders().get("X-list"));
                    log.add(exchange.getLocalAddress().getAddress() + " " + exchange.getRemoteAddress().getAddress());
                    answer(exchange, 200, new String(exchange.getRequestBody().readAllBytes()));
                    log.add("" + exchange.getResponseCode());
                })),
                arguments("a body in chunks", "POST /a HTTP/1.1\nHost: here\nConnection: close\nTransfer-Encoding: chunked\n\n3\nabc\n2\nde\n0\n\n", setup((exchange, log) -> {
                    InputStream body = exchange.getRequestBody();
                    log.add("" + body.read());
                    log.add(new String(body.readAllBytes()) + body.read() + body.read(new byte[3]));
                    answer(exchange, 200, "");
                })),
                arguments("a body that is asked for", "POST /a HTTP/1.1\nHost: here\nConnection: close\nExpect: 100-continue\nContent-Length: 3\n\nabc", setup((exchange, log) -> {
                    log.add(new String(exchange.getRequestBody().readAllBytes()));
                    answer(exchange, 200, "");
                })),
                logged("changing the fields of a request", (exchange, log) -> {
                    Headers fields = exchange.getRequestHeaders();
                    failing(log, () -> fields.add("A", "b"));
                    failing(log, () -> fields.clear());
                    failing(log, () -> fields.get("Host").clear());
                    failing(log, () -> fields.entrySet().clear());
                }),
                logged("a response before its head", (exchange, log) -> {
                    failing(log, () -> exchange.getResponseBody().write(1));
                    failing(log, () -> exchange.getResponseBody().flush());
                    failing(log, () -> exchange.getResponseBody().close());
                }),
                handledAndLogged("a second head", (exchange, log) -> {
                    exchange.sendResponseHeaders(200, 1);
                    failing(log, () -> exchange.sendResponseHeaders(200, 1));
                    exchange.getResponseBody().write('x');
                    exchange.close();
                    failing(log, () -> exchange.sendResponseHeaders(200, 1));
                }),
                handledAndLogged("too many bytes", (exchange, log) -> {
                    exchange.sendResponseHeaders(200, 2);
                    failing(log, () -> exchange.getResponseBody().write("abc".getBytes()));
                    exchange.getResponseBody().write("ab".getBytes());
                    failing(log, () -> exchange.getResponseBody().write("c".getBytes()));
                    exchange.close();
                }),
                handledAndLogged("writing after the end", (exchange, log) -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().close();
                    exchange.getResponseBody().close();
                    failing(log, () -> exchange.getResponseBody().write(new byte[1]));
                    failing(log, () -> exchange.getRequestBody().read());
                    exchange.close();
                }),
                handledAndLogged("reading after the end", (exchange, log) -> {
                    exchange.getRequestBody().close();
                    exchange.getRequestBody().close();
                    failing(log, () -> exchange.getRequestBody().read());
                    answer(exchange, 200, "");
                }),
                handledAndLogged("bounds", (exchange, log) -> {
                    exchange.sendResponseHeaders(200, 1);
                    failing(log, () -> exchange.getResponseBody().write(new byte[1], 0, 2));
                    exchange.getResponseBody().write(new byte[0]);
                    exchange.getResponseBody().write('x');
                    exchange.close();
                }),
                logged("attributes", (exchange, log) -> {
                    exchange.getHttpContext().getAttributes().put("a", "b");
                    log.add("" + exchange.getAttribute("a") + exchange.getAttribute("c"));
                    exchange.setAttribute("c", "d");
                    log.add("" + exchange.getAttribute("c"));
                    failing(log, () -> exchange.getAttribute(null));
                    failing(log, () -> exchange.setAttribute(null, 1));
                }),
                with("no context", GET, (server, log) -> server.createContext("/b", exchange -> {})),
                with("a context without a handler", GET, (server, log) -> server.createContext("/a")),
                with("the longest path", "GET /a/bc HTTP/1.1\nHost: here\nConnection: close\n\n", (server, log) -> {
                    for (String path : List.of("/", "/a", "/a/b", "/a/b/", "/a/bcd")) {
                        server.createContext(path, exchange -> answer(exchange, 200, exchange.getHttpContext().getPath()));
                    }
                }),
                with("an absolute target", "GET http://elsewhere/a?b HTTP/1.1\nHost: elsewhere\nConnection: close\n\n", (server, log) ->
                        server.createContext("/a", exchange -> answer(exchange, 200, exchange.getRequestURI().toString()))),
                with("contexts that cannot be", GET, (server, log) -> {
                    server.createContext("/a", exchange -> answer(exchange, 200, "a"));
                    failing(log, () -> server.createContext("a"));
                    failing(log, () -> server.createContext(""));
                    failing(log, () -> server.createContext(null));
                    failing(log, () -> server.createContext("/b", null));
                    failing(log, () -> server.removeContext("/b"));
                    failing(log, () -> server.removeContext((String) null));
                    failing(log, () -> server.createContext("/c").setHandler(null));
                    var context = server.createContext("/d", exchange -> {});
                    failing(log, () -> context.setHandler(exchange -> {}));
                    server.removeContext(context);
                    failing(log, () -> server.removeContext(context));
                }),
                with("a server in the wrong state", GET, (server, log) -> {
                    server.createContext("/a", exchange -> {
                        failing(log, server::start);
                        failing(log, () -> server.setExecutor(null));
                        failing(log, () -> server.stop(-1));
                        failing(log, () -> server.bind(new InetSocketAddress(0), 0));
                        answer(exchange, 200, "a");
                    });
                    log.add("" + server.getExecutor());
                }),
                with("filters", GET, (server, log) -> {
                    var context = server.createContext("/a", exchange -> {
                        log.add("handler");
                        answer(exchange, 200, "a");
                    });
                    context.getFilters().add(filter(log, "one"));
                    context.getFilters().add(filter(log, "two"));
                }),
                with("an authenticator asks", GET, (server, log) -> server.createContext("/a", exchange -> {}).setAuthenticator(basic())),
                with("an authenticator refuses", GET.replace("\n\n", "\nAuthorization: Basic QTpC\n\n"), (server, log) ->
                        server.createContext("/a", exchange -> {}).setAuthenticator(basic())),
                with("an authenticator accepts", GET.replace("\n\n", "\nAuthorization: Basic QWRhOnNlY3JldA==\n\n"), (server, log) -> {
                    var context = server.createContext("/a", exchange -> answer(exchange, 200, exchange.getPrincipal().toString()));
                    log.add("" + context.setAuthenticator(basic()));
                    context.getFilters().add(filter(log, "before"));
                }));
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, text.isEmpty() ? -1 : text.length());
            if (!text.isEmpty()) exchange.getResponseBody().write(text.getBytes());
        }
    }

    private static void failing(List<String> log, Action action) {
        try {
            action.run();
            log.add("nothing");
        } catch (IOException e) {
            log.add("IOException"); // of one class or the other
        } catch (Exception e) {
            log.add(e.getClass().getName());
        }
    }

    private static Filter filter(List<String> log, String name) {
        return new Filter() {
            @Override
            public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
                log.add(name + " " + exchange.getPrincipal());
                chain.doFilter(exchange);
            }

            @Override
            public String description() {
                return name;
            }
        };
    }

    private static BasicAuthenticator basic() {
        return new BasicAuthenticator("realm") {
            @Override
            public boolean checkCredentials(String name, String password) {
                return name.equals("Ada") && password.equals("secret");
            }
        };
    }

    interface Handler {
        void handle(HttpExchange exchange, List<String> log) throws IOException;
    }

    private static Setup setup(Handler handler) {
        return new Handled(handler);
    }

    record Handled(Handler handler) implements Setup {
        static final String END = "the handler has ended";

        @Override
        public void apply(HttpServer server, List<String> log) {
            server.createContext("/", exchange -> {
                handler.handle(exchange, log);
                log.add(END);
            });
        }
    }

    private static Arguments handled(String name, HttpHandler handler) {
        return arguments(name, GET, setup((exchange, log) -> handler.handle(exchange)));
    }

    private static Arguments handledAndLogged(String name, Handler handler) {
        return arguments(name, GET, setup(handler));
    }

    /** As {@link #handledAndLogged}, of a handler that does not answer. */
    private static Arguments logged(String name, Handler handler) {
        return handledAndLogged(name, (exchange, log) -> {
            handler.handle(exchange, log);
            answer(exchange, 200, "logged");
        });
    }

    private static Arguments with(String name, String request, Setup setup) {
        return arguments(name, request, setup);
    }
}
