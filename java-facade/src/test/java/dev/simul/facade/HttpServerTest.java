// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.newHttpClient;
import static dev.simul.facade.Asyncio.newHttpServer;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.HttpServing.HERE;
import static dev.simul.facade.HttpServing.answer;
import static dev.simul.facade.HttpServing.answering;
import static dev.simul.facade.HttpServing.get;
import static dev.simul.facade.HttpServing.say;
import static dev.simul.facade.HttpServing.send;
import static dev.simul.facade.HttpServing.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The JDK's server on the loop, up to its responses. */
class HttpServerTest {
    private final HttpServing here = new HttpServing();

    // The server.

    @Test
    @DisplayName("a handler answers in a straight line, as a task of the loop")
    void straightLine() {
        var tasks = new ArrayList<Task<?>>();
        here.serving(
                exchange -> {
                    tasks.add(currentTask());
                    await(sleep(Duration.ofHours(1)));
                    var twice = taskGroup(group -> {
                        var one = group.createTask(() -> exchange.getRequestURI().getPath());
                        return await(one) + await(one);
                    }).await();
                    assertThrows(
                            java.util.concurrent.TimeoutException.class,
                            () -> timeout(Duration.ofHours(1), () -> await(sleep(Duration.ofHours(2)))).await());
                    answer(exchange, 200, twice);
                },
                () -> {
                    assertEquals("200 /a/a", get("/a"));
                    assertEquals(Duration.ofHours(2), getRunningLoop().time());
                    assertNotNull(tasks.get(0));
                    assertNotSame(currentTask(), tasks.get(0));
                });
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("requests of several connections are answered at the same time, those of one connection in order")
    void sameTime() {
        here.serving(
                exchange -> {
                    await(sleep(Duration.ofMinutes(1)));
                    answer(exchange, 200, exchange.getRequestURI().toString());
                },
                () -> {
                    var client = newHttpClient();
                    var all = IntStream.range(0, 10)
                            .mapToObj(i -> createTask(() -> client.send(to("/" + i).build(), BodyHandlers.ofString()).body()))
                            .toList();
                    assertEquals(IntStream.range(0, 10).mapToObj(i -> "/" + i).toList(), await(Asyncio.gather(all)));
                    assertEquals(Duration.ofMinutes(1), getRunningLoop().time());
                    String both = say("GET /1 HTTP/1.1\nHost: a\n\nGET /2 HTTP/1.1\nHost: a\n\n");
                    assertTrue(both.matches("(?s)HTTP/1.1 200 OK\n.*/1HTTP/1.1 200 OK\n.*/2"), both);
                    assertEquals(Duration.ofMinutes(3), getRunningLoop().time());
                });
    }

    @Test
    @DisplayName("without a loop there is no server")
    void noLoop() {
        assertThrows(IllegalStateException.class, () -> newHttpServer(HERE, 0));
        assertThrows(IllegalStateException.class, () -> Asyncio.newHttpsServer(HERE, 0));
    }

    @Test
    @DisplayName("a server is bound when it is made or by bind, once, to an address that is free")
    void bind() {
        here.withServer(server -> {
            assertEquals(HERE, server.getAddress());
            assertThrows(BindException.class, () -> server.bind(HERE, 0));
            assertThrows(BindException.class, () -> newHttpServer(HERE, 0));
            var other = newHttpServer(null, 0);
            assertNull(other.getAddress());
            assertThrows(IllegalStateException.class, other::start);
            assertThrows(NullPointerException.class, () -> other.bind(null, 0));
            assertThrows(SocketException.class, () -> other.bind(InetSocketAddress.createUnresolved("nowhere", 1), 0));
            other.bind(new InetSocketAddress("127.0.0.1", 0), 5);
            assertTrue(other.getAddress().getPort() > 0);
            other.createContext("/", answering("other"));
            other.start();
            assertEquals("200 other", get(":" + other.getAddress().getPort() + "/"));
            other.stop(0);
            assertThrows(SocketException.class, () -> other.bind(HERE, 0));
            assertTrue(server.toString().contains("127.0.0.1:80"), server::toString);
        });
    }

    @Test
    @DisplayName("a server starts once, and not after its end")
    void start() {
        here.withServer(server -> {
            server.start();
            assertThrows(IllegalStateException.class, server::start);
            server.stop(0);
            assertThrows(IllegalStateException.class, server::start);
            assertThrows(IOException.class, () -> get("/"));
            server.stop(1);
            var unstarted = newHttpServer(HERE, 0);
            unstarted.stop(5);
            assertThrows(IllegalStateException.class, unstarted::start);
            newHttpServer(HERE, 0).stop(0);
            assertEquals(Duration.ZERO, getRunningLoop().time());
        });
    }

    @Test
    @DisplayName("handlers run in no executor: none but null is accepted, and that says why")
    void executor() {
        here.withServer(server -> {
            server.setExecutor(null);
            assertNull(server.getExecutor());
            var threads = Executors.newCachedThreadPool();
            var refused = assertThrows(UnsupportedOperationException.class, () -> server.setExecutor(threads));
            threads.shutdown();
            assertTrue(refused.getMessage().contains("toThread()"), refused::getMessage);
            server.start();
            assertThrows(IllegalStateException.class, () -> server.setExecutor(null));
        });
    }

    // Its end.

    @Test
    @DisplayName("stop lets handlers end within the delay, and no new request in")
    void stop() {
        var log = new ArrayList<String>();
        here.serving(
                exchange -> {
                    await(sleep(Duration.ofSeconds(3)));
                    log.add("answered");
                    answer(exchange, 200, "late");
                },
                () -> {
                    var idle = await(openConnection("127.0.0.1", 80));
                    var waiting = createTask(() -> send(to("/")));
                    await(sleep(Duration.ofSeconds(1)));
                    here.server.stop(100);
                    log.add("stopped");
                    assertEquals(Duration.ofSeconds(3), getRunningLoop().time());
                    assertEquals("late", await(waiting).body());
                    assertEquals(List.of("close"), await(waiting).headers().allValues("Connection"));
                    assertEquals(0, await(idle.reader().read()).length);
                    assertEquals(List.of("answered", "stopped"), log);
                    assertThrows(IOException.class, () -> get("/"));
                });
    }

    @Test
    @DisplayName("handlers that are left when the delay has passed are cancelled, and their connections closed")
    void stopInTime() {
        var log = new ArrayList<String>();
        here.withServer(server -> {
            server.createContext("/", exchange -> {
                try {
                    await(sleep(Duration.ofHours(1)));
                } catch (CancellationException e) {
                    log.add("cancelled");
                    throw e;
                }
            });
            server.start();
            var waiting = createTask(() -> send(to("/")));
            await(sleep(Duration.ofSeconds(1)));
            server.stop(2);
            assertEquals(Duration.ofSeconds(3), getRunningLoop().time());
            assertEquals(List.of("cancelled"), log);
            assertThrows(IOException.class, waiting::await);
            assertThrows(IllegalArgumentException.class, () -> server.stop(-1));
        });
    }

    @Test
    @DisplayName("a handler that stops its own server waits for the others, and answers")
    void stopInHandler() {
        var log = new ArrayList<String>();
        here.withServer(server -> {
            server.createContext("/slow", exchange -> {
                await(sleep(Duration.ofSeconds(5)));
                answer(exchange, 200, "slow");
            });
            server.createContext("/stop", exchange -> {
                server.stop(10);
                log.add("stopped at " + getRunningLoop().time());
                answer(exchange, 200, "stopped");
            });
            server.start();
            var slow = createTask(() -> get("/slow"));
            await(sleep(Duration.ofSeconds(1)));
            assertEquals("200 stopped", get("/stop"));
            assertEquals("200 slow", slow.await());
            assertEquals(List.of("stopped at PT5S"), log);
        });
    }

    @Test
    @DisplayName("in a callback of the loop, stop fails before anything is stopped")
    void stopInCallback() {
        here.serving(answering("yes"), () -> {
            var refused = Asyncio.<Throwable>createFuture();
            getRunningLoop().callSoon(() -> {
                try {
                    here.server.stop(1);
                } catch (Throwable e) {
                    refused.complete(e);
                }
            });
            assertInstanceOf(IllegalStateException.class, await(refused));
            assertEquals("200 yes", get("/"));
        });
    }

    @Test
    @DisplayName("stop without delay cuts all handlers short, at once")
    void stopNow() {
        here.withServer(server -> {
            server.createContext("/now", exchange -> {
                server.stop(0);
                await(sleep(Duration.ofSeconds(1)));
                answer(exchange, 200, "never heard");
            });
            server.createContext("/long", exchange -> await(sleep(Duration.ofHours(1))));
            server.start();
            var waiting = createTask(() -> get("/long"));
            await(sleep(Duration.ofSeconds(1)));
            assertThrows(IOException.class, () -> get("/now"));
            assertThrows(IOException.class, waiting::await);
            assertEquals(Duration.ofSeconds(1), getRunningLoop().time());
        });
    }

    // Contexts.

    @Test
    @DisplayName("a request goes to the context of the longest path that its own begins with, letter by letter")
    void longestPath() {
        here.withServer(server -> {
            for (String path : List.of("/", "/a", "/a/b/", "/A")) {
                server.createContext(path, exchange -> answer(exchange, 200, exchange.getHttpContext().getPath()));
            }
            server.start();
            assertEquals("200 /", get("/"));
            assertEquals("200 /", get("/b"));
            assertEquals("200 /a", get("/a"));
            assertEquals("200 /a", get("/abc"));
            assertEquals("200 /a", get("/a/b"));
            assertEquals("200 /a/b/", get("/a/b/c?d=/A"));
            assertEquals("200 /A", get("/A/b/c"));
            assertEquals("200 /a", get("/%61"));
            assertTrue(say("GET http://other/a/b/ HTTP/1.1\nHost: other\n\n").endsWith("/a/b/"));
        });
    }

    @Test
    @DisplayName("contexts come and go while requests are served")
    void createAndRemove() {
        here.withServer(server -> {
            server.start();
            assertEquals("404 <h1>404 Not Found</h1>No context found for request", get("/a"));
            var a = server.createContext("/a", answering("a"));
            var b = server.createContext("/b", answering("b"));
            assertEquals("200 a", get("/a"));
            server.removeContext("/a");
            assertEquals("200 b", get("/b"));
            assertTrue(get("/a").startsWith("404 "));
            server.removeContext(b);
            assertTrue(get("/b").startsWith("404 "));
            assertThrows(IllegalArgumentException.class, () -> server.removeContext("/a"));
            assertThrows(IllegalArgumentException.class, () -> server.removeContext(a));
            assertThrows(NullPointerException.class, () -> server.removeContext((String) null));
            assertThrows(NullPointerException.class, () -> server.createContext(null, answering("")));
            assertThrows(NullPointerException.class, () -> server.createContext("/", null));
            assertThrows(IllegalArgumentException.class, () -> server.createContext("a"));
            assertThrows(IllegalArgumentException.class, () -> server.createContext(""));
            server.createContext("/c");
            assertThrows(IllegalArgumentException.class, () -> server.createContext("/c", answering("c")));
        });
    }

    @Test
    @DisplayName("a context gets its handler once, and answers 500 before")
    void contextWithoutHandler() {
        here.withServer(server -> {
            var context = server.createContext("/a");
            assertNull(context.getHandler());
            server.start();
            assertEquals("500 <h1>500 Internal Server Error</h1>No handler for context", get("/a"));
            HttpHandler handler = answering("now");
            context.setHandler(handler);
            assertSame(handler, context.getHandler());
            assertThrows(IllegalArgumentException.class, () -> context.setHandler(handler));
            assertThrows(NullPointerException.class, () -> server.createContext("/b").setHandler(null));
            assertEquals("200 now", get("/a"));
            assertSame(server, context.getServer());
            assertEquals("/a", context.getPath());
        });
    }

    @Test
    @DisplayName("attributes of a context are seen by its exchanges, and an exchange has its own besides")
    void attributes() {
        here.withServer(server -> {
            var seen = new ArrayList<Object>();
            var context = server.createContext("/", exchange -> {
                seen.add(exchange.getAttribute("shared"));
                seen.add(exchange.getAttribute("own"));
                exchange.setAttribute("own", "mine");
                exchange.setAttribute("shared", null);
                seen.add(exchange.getAttribute("shared"));
                seen.add(exchange.getAttribute("own"));
                assertThrows(NullPointerException.class, () -> exchange.getAttribute(null));
                assertThrows(NullPointerException.class, () -> exchange.setAttribute(null, ""));
                answer(exchange, 204, "");
            });
            context.getAttributes().put("shared", "all");
            server.start();
            get("/");
            get("/");
            assertEquals(Arrays.asList("all", null, null, "mine", "all", null, null, "mine"), seen);
            assertEquals(Map.of("shared", "all"), context.getAttributes());
        });
        assertEquals(List.of(), here.reported);
    }

    // Filters and authenticators.

    private static Filter filter(List<String> log, String name) {
        return new Filter() {
            @Override
            public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
                log.add(name + " before");
                await(sleep(Duration.ofSeconds(1)));
                chain.doFilter(exchange);
                log.add(name + " after");
            }

            @Override
            public String description() {
                return name;
            }
        };
    }

    @Test
    @DisplayName("filters are called around the handler, in their order, and may await")
    void filters() {
        here.withServer(server -> {
            var log = new ArrayList<String>();
            var context = server.createContext("/", exchange -> {
                log.add("handler");
                answer(exchange, 200, "filtered");
            });
            context.getFilters().add(filter(log, "one"));
            context.getFilters().add(filter(log, "two"));
            server.start();
            assertEquals("200 filtered", get("/"));
            await(sleep(Duration.ZERO));
            assertEquals(List.of("one before", "two before", "handler", "two after", "one after"), log);
            context.getFilters().clear();
            log.clear();
            get("/");
            assertEquals(List.of("handler"), log);
        });
    }

    @Test
    @DisplayName("a filter may answer itself, and may wrap both streams")
    void wrappingFilters() {
        here.withServer(server -> {
            var context = server.createContext("/", exchange -> {
                byte[] body = exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(200, 0);
                try (OutputStream to = exchange.getResponseBody()) {
                    to.write(body);
                }
            });
            context.getFilters().add(new Filter() {
                @Override
                public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
                    if (exchange.getRequestURI().getPath().equals("/refused")) {
                        answer(exchange, 403, "by the filter");
                        return;
                    }
                    var reading = new FilterInputStream(exchange.getRequestBody()) {
                        @Override
                        public int read(byte[] into, int from, int most) throws IOException {
                            int count = super.read(into, from, most);
                            for (int i = from; i < from + count; i++) into[i] = (byte) Character.toUpperCase(into[i]);
                            return count;
                        }
                    };
                    var writing = new FilterOutputStream(exchange.getResponseBody()) {
                        @Override
                        public void close() throws IOException {
                            out.write("!".getBytes());
                            super.close();
                        }
                    };
                    exchange.setStreams(reading, writing);
                    exchange.setStreams(null, null);
                    assertSame(reading, exchange.getRequestBody());
                    assertSame(writing, exchange.getResponseBody());
                    chain.doFilter(exchange);
                }

                @Override
                public String description() {
                    return "shouts";
                }
            });
            server.start();
            assertEquals("HELLO!", send(to("/").POST(BodyPublishers.ofString("hello"))).body());
            assertEquals("403 by the filter", get("/refused"));
        });
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("an authenticator decides who gets to the handler, which learns who it is")
    void authenticator() {
        here.withServer(server -> {
            var context = server.createContext("/", exchange -> answer(exchange, 200, exchange.getPrincipal().getUsername()));
            var basic = new BasicAuthenticator("realm") {
                @Override
                public boolean checkCredentials(String name, String password) {
                    await(sleep(Duration.ofSeconds(1)));
                    return name.equals("Ada") && password.equals("secret");
                }
            };
            assertNull(context.setAuthenticator(basic));
            assertSame(basic, context.getAuthenticator());
            server.start();
            var asked = send(to("/").POST(BodyPublishers.ofString("a body")));
            assertEquals(401, asked.statusCode());
            assertTrue(asked.headers().firstValue("WWW-Authenticate").orElse("").contains("realm=\"realm\""));
            String right = java.util.Base64.getEncoder().encodeToString("Ada:secret".getBytes());
            String wrong = java.util.Base64.getEncoder().encodeToString("Ada:guess".getBytes());
            assertEquals("Ada", send(to("/").header("Authorization", "Basic " + right)).body());
            assertEquals(401, send(to("/").header("Authorization", "Basic " + wrong)).statusCode());
            assertSame(basic, context.setAuthenticator(new Authenticator() {
                @Override
                public Result authenticate(HttpExchange exchange) {
                    return exchange.getRequestURI().getQuery() == null ? new Failure(403) : new Success(new HttpPrincipal("Bob", "here"));
                }
            }));
            assertEquals("403 ", get("/"));
            assertEquals("200 Bob", get("/?let=in"));
            context.setAuthenticator(null);
            assertTrue(get("/").startsWith("500"));
            assertInstanceOf(NullPointerException.class, here.reported.remove(0));
        });
        assertEquals(List.of(), here.reported);
    }

    // Requests.

    @Test
    @DisplayName("an exchange has the request's line, fields and addresses")
    void request() {
        here.serving(
                exchange -> {
                    var fields = exchange.getRequestHeaders();
                    assertEquals("POST", exchange.getRequestMethod());
                    assertEquals(URI.create("/a%20b?q=%C3%A4"), exchange.getRequestURI());
                    assertEquals("/a b", exchange.getRequestURI().getPath());
                    assertEquals("HTTP/1.1", exchange.getProtocol());
                    assertEquals(List.of("1", "2"), fields.get("x-MANY"));
                    assertEquals("1", fields.getFirst("X-many"));
                    assertNull(fields.getFirst("none"));
                    assertTrue(fields.keySet().contains("X-many"), fields::toString);
                    assertTrue(fields.containsKey("HOST"));
                    assertEquals("127.0.0.1", exchange.getRemoteAddress().getAddress().getHostAddress());
                    assertEquals(HERE, exchange.getLocalAddress());
                    assertEquals(-1, exchange.getResponseCode());
                    assertNull(exchange.getPrincipal());
                    answer(exchange, 200, new String(exchange.getRequestBody().readAllBytes()));
                    assertEquals(200, exchange.getResponseCode());
                },
                () -> {
                    var response = send(to("/a%20b?q=%C3%A4").header("X-Many", "1").header("X-Many", "2").POST(BodyPublishers.ofString("posted")));
                    assertEquals("posted", response.body());
                    assertEquals(List.of(), here.reported);
                });
    }

    @Test
    @DisplayName("the fields of a request cannot be changed, in no way that a map has")
    void requestFields() {
        here.serving(
                exchange -> {
                    Headers fields = exchange.getRequestHeaders();
                    var before = Map.copyOf(fields);
                    List<Action> changes = List.of(
                            () -> fields.add("A", "b"),
                            () -> fields.set("A", "b"),
                            () -> fields.put("A", List.of("b")),
                            () -> fields.putAll(Map.of("A", List.of("b"))),
                            () -> fields.remove("Host"),
                            () -> fields.remove("Host", fields.get("Host")),
                            () -> fields.get("Host").add("b"),
                            () -> fields.clear(),
                            () -> fields.keySet().clear(),
                            () -> fields.values().clear(),
                            () -> fields.entrySet().clear(),
                            () -> fields.entrySet().iterator().next().setValue(List.of()),
                            () -> fields.replaceAll((name, values) -> values),
                            () -> fields.replace("Host", List.of("b")),
                            () -> fields.computeIfAbsent("A", it -> List.of("b")),
                            () -> fields.putIfAbsent("A", List.of("b")));
                    for (Action change : changes) assertThrows(UnsupportedOperationException.class, change::run);
                    assertEquals(before, fields);
                    assertEquals(before.size(), fields.size());
                    answer(exchange, 204, "");
                },
                () -> assertEquals("204 ", get("/")));
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("a body is read as it comes: single bytes, parts, what is there, and all of it")
    void readBody() {
        here.serving(
                exchange -> {
                    InputStream body = exchange.getRequestBody();
                    assertSame(body, exchange.getRequestBody());
                    assertEquals('a', body.read());
                    assertTrue(body.available() > 0);
                    byte[] part = new byte[2];
                    assertEquals(0, body.read(part, 0, 0));
                    assertThrows(IndexOutOfBoundsException.class, () -> body.read(part, 0, 3));
                    assertEquals(2, body.readNBytes(part, 0, 2));
                    assertEquals("bc", new String(part));
                    assertEquals(1, body.skip(1));
                    assertEquals("e", new String(body.readNBytes(1)));
                    assertEquals("late", new String(body.readAllBytes()));
                    assertEquals(List.of(-1, -1, 0), List.of(body.read(), body.read(part), body.available()));
                    body.close();
                    assertEquals("Stream is closed", assertThrows(IOException.class, body::read).getMessage());
                    answer(exchange, 200, "read at " + getRunningLoop().time());
                },
                () -> {
                    for (String length : List.of("Content-Length: 9", "Transfer-Encoding: chunked")) {
                        var start = getRunningLoop().time();
                        try (var streams = await(openConnection("127.0.0.1", 80))) {
                            boolean isChunked = length.endsWith("chunked");
                            streams.writer().write("POST / HTTP/1.1\r\nHost: a\r\n" + length + "\r\n\r\n" + (isChunked ? "5\r\nabcde\r\n" : "abcde"));
                            await(sleep(Duration.ofMinutes(1).minusSeconds(1)));
                            streams.writer().write(isChunked ? "4\r\nlate\r\n0\r\n\r\n" : "late");
                            await(streams.reader().readuntil("\r\n\r\n".getBytes()));
                            String said = "read at " + start.plusSeconds(59);
                            assertEquals(said, new String(await(streams.reader().readexactly(said.length()))));
                        }
                    }
                });
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("a body that nobody reads is skipped, and the connection serves the next request; after much of it, the connection ends")
    void unreadBody() {
        here.serving(answering("unread"), () -> {
            String next = "GET / HTTP/1.1\nHost: a\n\n";
            String little = say("POST / HTTP/1.1\nHost: a\nContent-Length: 60000\n\n" + "x".repeat(60_000) + next);
            assertEquals(2, little.split("unread", -1).length - 1);
            String much = say("POST / HTTP/1.1\nHost: a\nContent-Length: 600000\n\n" + "x".repeat(600_000) + next);
            assertEquals(1, much.split("unread", -1).length - 1);
        });
    }

    @Test
    @DisplayName("a client that waits to be asked for its body is asked by the first read, or when the response begins, but not to be refused")
    void expectContinue() {
        here.serving(
                exchange -> {
                    var path = exchange.getRequestURI().getPath();
                    if (path.equals("/refused")) {
                        answer(exchange, 417, "no");
                    } else if (path.equals("/first")) {
                        answer(exchange, 200, new String(exchange.getRequestBody().readAllBytes()));
                    } else {
                        exchange.sendResponseHeaders(200, 0);
                        exchange.getRequestBody().transferTo(exchange.getResponseBody());
                        exchange.close();
                    }
                },
                () -> {
                    var client = newHttpClient();
                    for (String path : List.of("/first", "/echo")) {
                        var request = to(path).expectContinue(true).POST(BodyPublishers.ofString("asked for")).build();
                        assertEquals("asked for", client.send(request, BodyHandlers.ofString()).body());
                    }
                    String refused = say("POST /refused HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 5\n\n");
                    assertEquals("HTTP/1.1 417 Expectation Failed\nContent-Length: 2\nConnection: close\n\nno", refused);
                });
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("a body that is too long, malformed or cut short makes reading fail, and the client is told")
    void badBodies() {
        var failures = new ArrayList<String>();
        here.withServer(new HttpServerOptions().maxBody(10).bodyTimeout(Duration.ofSeconds(5)), server -> {
            server.createContext("/", exchange -> {
                try {
                    exchange.getRequestBody().readAllBytes();
                } catch (IOException e) {
                    failures.add(e.getMessage().replaceAll(", from .*", ""));
                    throw e;
                }
            });
            server.start();
            assertTrue(say("POST / HTTP/1.1\nHost: a\nContent-Length: 11\n\n").startsWith("HTTP/1.1 413 "));
            assertTrue(say("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\nz\n").startsWith("HTTP/1.1 400 "));
            assertTrue(say("POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nabc").startsWith("HTTP/1.1 400 "));
            try (var slow = await(openConnection("127.0.0.1", 80))) {
                slow.writer().write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc");
                assertTrue(new String(await(slow.reader().readline())).startsWith("HTTP/1.1 408 "));
            }
        });
        assertEquals(3, failures.size(), failures::toString);
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("malformed requests are refused without a handler, and limits are the options'")
    void malformed() {
        var options = new HttpServerOptions()
                .maxStartLine(100)
                .maxHeaders(200)
                .maxFields(3)
                .maxConnections(1)
                .headerTimeout(Duration.ofSeconds(3))
                .idleTimeout(Duration.ofSeconds(9));
        here.withServer(options, server -> {
            server.createContext("/", answering("ok"));
            server.start();
            assertTrue(say("GET /\u0001 HTTP/1.1\nHost: a\n\n").startsWith("HTTP/1.1 400 "));
            assertTrue(say("GET /%zz HTTP/1.1\nHost: a\n\n").startsWith("HTTP/1.1 400 "));
            assertTrue(say("GET /" + "a".repeat(100) + " HTTP/1.1\nHost: a\n\n").startsWith("HTTP/1.1 414 "));
            assertTrue(say("GET / HTTP/1.1\nHost: a\nA: " + "a".repeat(200) + "\n\n").startsWith("HTTP/1.1 431 "));
            assertTrue(say("GET / HTTP/1.1\nHost: a\nA: a\nB: b\nC: c\n\n").startsWith("HTTP/1.1 431 "));
            assertTrue(say("OPTIONS * HTTP/1.1\nHost: a\n\n").startsWith("HTTP/1.1 404 "));
            assertTrue(say("CONNECT a:1 HTTP/1.1\nHost: a\n\n").startsWith("HTTP/1.1 400 "));
            try (var first = await(openConnection("127.0.0.1", 80))) {
                await(sleep(Duration.ofMillis(1)));
                assertTrue(say("GET / HTTP/1.1\nHost: a\n\n").startsWith("HTTP/1.1 503 "));
                var start = getRunningLoop().time();
                first.writer().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                assertTrue(new String(await(first.reader().read())).endsWith("ok"));
                assertEquals(Duration.ofSeconds(9), getRunningLoop().time().minus(start));
            }
            try (var slow = await(openConnection("127.0.0.1", 80))) {
                slow.writer().write("GET / HTTP/1.1\r\n");
                assertTrue(new String(await(slow.reader().read())).startsWith("HTTP/1.1 408 "));
            }
        });
        assertThrows(IllegalArgumentException.class, () -> new HttpServerOptions().maxConnections(0).toString());
        assertTrue(options.toString().contains("maxConnections=1"), options::toString);
    }
}
