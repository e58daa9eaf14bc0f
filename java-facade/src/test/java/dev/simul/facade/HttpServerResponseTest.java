// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.simul.testing.network.MemoryNetwork;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.newHttpClient;
import static dev.simul.facade.Asyncio.newHttpServer;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.facade.HttpServing.answer;
import static dev.simul.facade.HttpServing.get;
import static dev.simul.facade.HttpServing.say;
import static dev.simul.facade.HttpServing.send;
import static dev.simul.facade.HttpServing.to;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The responses of the JDK's server on the loop. */
class HttpServerResponseTest {
    private static final String GET = "GET / HTTP/1.1\nHost: a\n\n";
    private final HttpServing here = new HttpServing();

    /** What a client of {@code handler} gets for {@code request}, byte by byte. */
    private String said(HttpHandler handler, String request) {
        var said = new ArrayList<String>();
        here.serving(handler, () -> said.add(say(request)));
        return said.get(0);
    }

    private String said(HttpHandler handler) {
        return said(handler, GET);
    }

    private static void write(HttpExchange exchange, String text) throws IOException {
        exchange.getResponseBody().write(text.getBytes());
    }

    @Test
    @DisplayName("a length that is announced is sent, with the fields that the handler has set")
    void announced() {
        assertEquals("HTTP/1.1 201 Created\nX-many: 1\nX-many: 2\nContent-Length: 5\n\nhello", said(exchange -> {
            var fields = exchange.getResponseHeaders();
            fields.add("X-Many", "1");
            fields.add("x-many", "2");
            fields.set("Content-Length", "999");
            fields.set("Transfer-Encoding", "gzip");
            fields.set("Connection", "keep-alive");
            exchange.sendResponseHeaders(201, 5);
            write(exchange, "hel");
            write(exchange, "lo");
            exchange.getResponseBody().close();
        }));
    }

    @Test
    @DisplayName("a response of length 0 goes in chunks, to a client of HTTP/1.0 until the connection ends")
    void chunks() {
        HttpHandler handler = exchange -> {
            assertEquals("HTTP/1." + exchange.getRequestURI().getQuery(), exchange.getProtocol());
            exchange.sendResponseHeaders(200, 0);
            write(exchange, "one");
            exchange.getResponseBody().flush();
            exchange.getResponseBody().flush();
            write(exchange, "two");
            exchange.close();
        };
        String head = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n";
        assertEquals(head + "3\none\n3\ntwo\n0\n\n", said(handler, GET.replace("/ ", "/?1 ")));
        assertEquals("HTTP/1.1 200 OK\nConnection: close\n\nonetwo", said(handler, "GET /?0 HTTP/1.0\n\n"));
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("a response of length -1 has no body, and is complete at once")
    void noBody() {
        assertEquals("HTTP/1.1 200 OK\nContent-Length: 0\n\n", said(exchange -> {
            exchange.sendResponseHeaders(200, -1);
            assertEquals("stream closed", assertThrows(IOException.class, () -> write(exchange, "more")).getMessage());
            exchange.getResponseBody().flush();
            exchange.getResponseBody().close();
            exchange.close();
        }));
        assertEquals("HTTP/1.1 200 OK\nContent-Length: 0\n\n", said(exchange -> exchange.sendResponseHeaders(200, -7)));
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("204 and 304 have no body, whatever length is given, and 304 may tell of one")
    void bodiless() {
        for (long length : new long[] {-1, 0, 5}) {
            assertEquals("HTTP/1.1 204 No Content\n\n", said(exchange -> exchange.sendResponseHeaders(204, length)));
        }
        assertEquals("HTTP/1.1 304 Not Modified\n\n", said(exchange -> exchange.sendResponseHeaders(304, -1)));
        assertEquals("HTTP/1.1 304 Not Modified\nEtag: 1\nContent-Length: 9\n\n", said(exchange -> {
            exchange.getResponseHeaders().set("ETag", "1");
            exchange.getResponseHeaders().set("Content-Length", "9");
            exchange.sendResponseHeaders(304, -1);
        }));
    }

    @Test
    @DisplayName("a HEAD gets the head that a GET would get, and what is written to it goes nowhere")
    void head() {
        String head = "HEAD / HTTP/1.1\nHost: a\n\n";
        assertEquals("HTTP/1.1 200 OK\nContent-Length: 5\n\n", said(exchange -> answer(exchange, 200, "hello"), head));
        assertEquals("HTTP/1.1 200 OK\n\n", said(exchange -> exchange.sendResponseHeaders(200, -1), head));
        assertEquals("HTTP/1.1 200 OK\nContent-Length: 7\n\n", said(
                exchange -> {
                    exchange.getResponseHeaders().set("Content-length", "7");
                    exchange.sendResponseHeaders(200, -1);
                },
                head));
        String chunked = said(
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    write(exchange, "in chunks");
                    exchange.getResponseBody().write('!');
                    exchange.getResponseBody().flush();
                    exchange.close();
                    assertThrows(IOException.class, () -> write(exchange, "more"));
                },
                head + GET.replace("GET", "HEAD"));
        assertEquals("HTTP/1.1 200 OK\n\n".repeat(2), chunked);
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("a status of 1xx announces another response; 101 is refused by name")
    void informational() {
        assertEquals("HTTP/1.1 103 Early Hints\nLink: </a.css>\n\nHTTP/1.1 200 OK\nLink: </a.css>\nContent-Length: 2\n\nok", said(exchange -> {
            exchange.getResponseHeaders().set("Link", "</a.css>");
            exchange.sendResponseHeaders(103, -1);
            assertEquals(-1, exchange.getResponseCode());
            assertThrows(UnsupportedOperationException.class, () -> exchange.sendResponseHeaders(101, -1));
            answer(exchange, 200, "ok");
        }));
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("a response begins once, before its body, with a status of three digits and fields in one line")
    void misuse() {
        assertEquals("HTTP/1.1 200 OK\nContent-Length: 2\n\nok", said(exchange -> {
            var body = exchange.getResponseBody();
            assertSame(body, exchange.getResponseBody());
            for (Action early : List.<Action>of(() -> body.write(1), () -> body.write(new byte[1]), body::flush, body::close)) {
                assertTrue(assertThrows(IOException.class, early::run).getMessage().startsWith("response headers not sent yet"));
            }
            assertThrows(IllegalArgumentException.class, () -> exchange.sendResponseHeaders(99, -1));
            assertThrows(IllegalArgumentException.class, () -> exchange.sendResponseHeaders(1000, -1));
            exchange.getResponseHeaders().put("A", new ArrayList<>(List.of("b")));
            exchange.getResponseHeaders().get("A").add("c\nInjected: d");
            assertThrows(IllegalArgumentException.class, () -> exchange.sendResponseHeaders(200, -1));
            exchange.getResponseHeaders().clear();
            exchange.sendResponseHeaders(200, 2);
            assertEquals("headers already sent", assertThrows(IOException.class, () -> exchange.sendResponseHeaders(200, 2)).getMessage());
            body.write(new byte[5], 5, 0);
            assertThrows(IndexOutOfBoundsException.class, () -> body.write(new byte[5], 5, 1));
            write(exchange, "ok");
            body.close();
        }));
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("too many bytes are refused, and the rest may still be written")
    void tooMany() {
        assertEquals("HTTP/1.1 200 OK\nContent-Length: 3\n\nabc", said(exchange -> {
            exchange.sendResponseHeaders(200, 3);
            exchange.getResponseBody().write('a');
            var refused = assertThrows(IOException.class, () -> write(exchange, "bcd"));
            assertTrue(refused.getMessage().startsWith("too many bytes to write to stream"), refused::getMessage);
            write(exchange, "bc");
            assertThrows(IOException.class, () -> exchange.getResponseBody().write('d'));
            exchange.close();
        }));
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("too few bytes fail when the stream is closed: the client gets a 500 instead of the response, or one that is cut short")
    void tooFew() {
        HttpHandler handler = exchange -> {
            exchange.sendResponseHeaders(200, 10);
            write(exchange, "half");
            if (exchange.getRequestURI().getPath().equals("/sent")) exchange.getResponseBody().flush();
            exchange.getResponseBody().close();
        };
        assertTrue(said(handler).startsWith("HTTP/1.1 500 "));
        assertEquals("HTTP/1.1 200 OK\nContent-Length: 10\n\nhalf", said(handler, GET.replace("/ ", "/sent ")));
        assertEquals(2, here.reported.size());
        for (Throwable failure : here.reported) {
            assertEquals("insufficient bytes written to stream: 6 of 10 are missing", assertInstanceOf(IOException.class, failure).getMessage());
        }
        here.reported.clear();
        here.serving(handler, () -> assertThrows(IOException.class, () -> get("/sent")));
        here.reported.clear();
        assertTrue(said(exchange -> {
            exchange.sendResponseHeaders(200, 10);
            exchange.close();
        }).startsWith("HTTP/1.1 500 "));
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("a handler that fails is reported to the loop, and answers 500 unless its response is on its way")
    void failing() {
        var failure = new IllegalStateException("on purpose");
        HttpHandler handler = exchange -> {
            String path = exchange.getRequestURI().getPath();
            if (!path.equals("/before")) {
                exchange.sendResponseHeaders(200, 0);
                write(exchange, "begun");
                if (path.equals("/sent")) exchange.getResponseBody().flush();
                if (path.equals("/waited")) await(sleep(Duration.ofSeconds(1)));
            }
            throw failure;
        };
        for (String path : List.of("/before", "/begun")) {
            String said = said(handler, GET.replace("/ ", path + " ") + GET.replace("/ ", "/before "));
            assertTrue(said.matches("(?s)HTTP/1.1 500 .*HTTP/1.1 500 .*"), said);
        }
        for (String path : List.of("/sent", "/waited")) {
            String said = said(handler, GET.replace("/ ", path + " ") + GET);
            assertTrue(said.startsWith("HTTP/1.1 200 OK\n") && !said.endsWith("0\n\n"), said);
            here.serving(handler, () -> assertThrows(IOException.class, () -> get(path)));
        }
        assertEquals(8, here.reported.size());
        here.reported.forEach(it -> assertSame(failure, it));
        here.reported.clear();
        here.serving(
                exchange -> {
                    throw new AssertionError("an error");
                },
                () -> assertEquals("500 ", get("/")));
        assertInstanceOf(AssertionError.class, here.reported.get(0));
    }

    @Test
    @DisplayName("an exchange that is closed without a response is answered with 500")
    void closedAtOnce() {
        assertTrue(said(HttpExchange::close).startsWith("HTTP/1.1 500 "));
        assertTrue(said(exchange -> {
            exchange.close();
            exchange.close();
            assertThrows(IOException.class, () -> exchange.sendResponseHeaders(200, -1));
            assertThrows(IOException.class, () -> exchange.getRequestBody().read());
        }).startsWith("HTTP/1.1 500 "));
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("a handler may keep the connection from being used again")
    void connectionClose() {
        String twice = GET + GET;
        assertEquals("HTTP/1.1 200 OK\nContent-Length: 1\n\nx".repeat(2), said(exchange -> answer(exchange, 200, "x"), twice));
        String once = said(
                exchange -> {
                    exchange.getResponseHeaders().set("Connection", "close");
                    answer(exchange, 200, "x");
                },
                twice);
        assertEquals("HTTP/1.1 200 OK\nConnection: close\nContent-Length: 1\n\nx", once);
    }

    @Test
    @DisplayName("what is written is kept until it fills a buffer, but a head that waits is sent in the next turn")
    void kept() {
        VirtualClock.runTest(new MemoryNetwork(), () -> {
            var server = newHttpServer(HttpServing.HERE, 0);
            server.createContext("/", exchange -> {
                exchange.sendResponseHeaders(200, 0);
                await(sleep(Duration.ofSeconds(1)));
                for (int i = 0; i < 5; i++) {
                    write(exchange, i + "\n");
                    if (i % 2 == 1) exchange.getResponseBody().flush();
                    await(sleep(Duration.ofSeconds(1)));
                }
                exchange.getResponseBody().write(new byte[10_000]);
                exchange.close();
            });
            server.start();
            try (var body = newHttpClient().send(to("/").build(), HttpBodyHandlers.ofStream()).body()) {
                assertEquals(Duration.ZERO, getRunningLoop().time());
                for (int i : List.of(0, 1, 2, 3, 4)) {
                    assertEquals(i + "\n", new String(await(body.reader().readline())));
                    assertEquals(List.of(2L, 2L, 4L, 4L, 6L).get(i), getRunningLoop().time().toSeconds());
                }
                assertEquals(10_000, await(body.reader().read()).length);
            }
            server.stop(0);
        });
    }

    @Test
    @DisplayName("single bytes, parts of all sizes, and more than a buffer arrive as they were written, in chunks and with a length")
    void allSizes() {
        for (boolean isAnnounced : List.of(true, false)) {
            here.serving(
                    exchange -> {
                        byte[] body = exchange.getRequestBody().readAllBytes();
                        exchange.sendResponseHeaders(200, isAnnounced ? body.length : 0);
                        try (OutputStream to = exchange.getResponseBody()) {
                            for (int at = 0, size = 0; at < body.length; at += size) {
                                size = Math.min(body.length - at, (size * 3 + 1) % 40_000);
                                if (size == 1) to.write(body[at]);
                                else to.write(body, at, size);
                            }
                        }
                    },
                    () -> {
                        var client = newHttpClient();
                        for (int size : new int[] {1, 8 * 1024 - 1, 8 * 1024, 8 * 1024 + 1, 300_000}) {
                            byte[] body = new byte[size];
                            new Random(size).nextBytes(body);
                            var response = client.send(to("/").POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray());
                            assertArrayEquals(body, response.body());
                        }
                    });
        }
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("a client that does not read makes the handler wait, and other tasks go on")
    void backpressure() {
        var log = new ArrayList<Integer>();
        here.serving(
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    for (int i = 0; i < 100; i++) {
                        exchange.getResponseBody().write(new byte[100_000]);
                        log.add(i);
                    }
                    exchange.close();
                },
                () -> {
                    try (var body = newHttpClient().send(to("/").build(), HttpBodyHandlers.ofStream()).body()) {
                        await(sleep(Duration.ofSeconds(1)));
                        int before = log.size();
                        assertTrue(before < 20, () -> "written without a reader: " + before);
                        await(sleep(Duration.ofSeconds(1)));
                        assertEquals(before, log.size());
                        assertEquals(10_000_000, await(body.reader().read()).length);
                    }
                    assertEquals(100, log.size());
                });
    }

    @Test
    @DisplayName("a write that is cut short by a timeout is sent nevertheless, once, and the response goes on")
    void cutShort() {
        byte[] sent = new byte[5_000_000];
        new Random(1).nextBytes(sent);
        for (int size : new int[] {5_000, 300_000}) {
            for (boolean isAnnounced : List.of(true, false)) {
                var timeouts = new ArrayList<Integer>();
                here.serving(
                        exchange -> {
                            exchange.sendResponseHeaders(200, isAnnounced ? sent.length : 0);
                            for (int at = 0; at < sent.length; at += size) {
                                int from = at;
                                byte[] part = Arrays.copyOfRange(sent, from, Math.min(from + size, sent.length));
                                try {
                                    await(timeout(Duration.ofSeconds(1), () -> exchange.getResponseBody().write(part)), TimeoutException.class);
                                } catch (TimeoutException e) {
                                    timeouts.add(from);
                                }
                                Arrays.fill(part, (byte) 0);
                            }
                            exchange.close();
                        },
                        () -> {
                            try (var body = newHttpClient().send(to("/").build(), HttpBodyHandlers.ofStream()).body()) {
                                await(sleep(Duration.ofSeconds(5)));
                                assertArrayEquals(sent, await(body.reader().read()));
                            }
                        });
                assertTrue(timeouts.size() >= 2, timeouts::toString);
            }
        }
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("if the client is gone, streams throw an IOException, and a handler that awaits anything else is cancelled")
    void clientGone() {
        var log = new ArrayList<String>();
        here.withServer(new HttpServerOptions().halfClose(false), server -> {
            server.createContext("/", exchange -> {
                String path = exchange.getRequestURI().getPath();
                try {
                    switch (path) {
                        case "/read" -> exchange.getRequestBody().readAllBytes();
                        case "/write" -> {
                            exchange.sendResponseHeaders(200, 0);
                            while (true) exchange.getResponseBody().write(new byte[100_000]);
                        }
                        default -> await(sleep(Duration.ofHours(1)));
                    }
                } catch (IOException | CancellationException e) {
                    log.add(path + " " + e.getClass().getSimpleName() + " " + currentTask().cancelling());
                    if (path.equals("/write")) {
                        await(sleep(Duration.ofSeconds(5)));
                        assertThrows(IOException.class, () -> exchange.getResponseBody().write(1));
                        assertThrows(IOException.class, () -> exchange.getResponseBody().flush());
                        exchange.close();
                        log.add("cleaned up");
                    }
                    throw e;
                }
            });
            server.start();
            for (String path : List.of("/read", "/write", "/sleep")) {
                var streams = await(openConnection("127.0.0.1", 80));
                streams.writer().write("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
                await(sleep(Duration.ofSeconds(1)));
                streams.writer().transport().abort();
                await(sleep(Duration.ofSeconds(1)));
            }
            await(sleep(Duration.ofSeconds(10)));
        });
        assertEquals(List.of("/read IncompleteMessageException 0", "/write IOException 0", "/sleep CancelledException 1", "cleaned up"), log);
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("an exchange may be answered after its handler has returned, by another task, and keeps its connection until then")
    void later() {
        var kept = new ArrayList<HttpExchange>();
        here.serving(kept::add, () -> {
            var waiting = createTask(() -> get("/"));
            await(sleep(Duration.ofSeconds(5)));
            assertFalse(waiting.done());
            answer(kept.get(0), 200, "later");
            assertEquals("200 later", waiting.await());
            assertThrows(IOException.class, () -> kept.get(0).sendResponseHeaders(200, -1));
            assertThrows(IOException.class, () -> kept.get(0).getResponseBody().write(1));
        });
    }

    @Test
    @DisplayName("a response that is complete is sent before it is closed, and the request may be read until then")
    void readAfterwards() {
        for (String method : List.of("POST", "HEAD")) {
            here.serving(
                    exchange -> {
                        exchange.sendResponseHeaders(200, 2);
                        write(exchange, "ok");
                        await(sleep(Duration.ofHours(1)));
                        assertEquals("body", new String(exchange.getRequestBody().readAllBytes()));
                        exchange.close();
                        assertThrows(IOException.class, () -> exchange.getRequestBody().read());
                    },
                    () -> {
                        assertEquals(200, send(to("/").method(method, BodyPublishers.ofString("body"))).statusCode());
                        assertEquals(Duration.ZERO, getRunningLoop().time());
                        await(sleep(Duration.ofHours(2)));
                    });
        }
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("a handler that forgets to close its response has answered, if all is there that it has announced")
    void forgotten() {
        String said = said(
                exchange -> {
                    exchange.sendResponseHeaders(200, 2);
                    write(exchange, "ok");
                },
                GET + GET);
        assertEquals("HTTP/1.1 200 OK\nContent-Length: 2\n\nok".repeat(2), said);
    }

    @Test
    @DisplayName("the streams work in other threads, which wait")
    void otherThreads() {
        here.serving(
                exchange -> await(toThread(() -> {
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write('>');
                    exchange.getResponseBody().write(body);
                    exchange.getResponseBody().flush();
                    exchange.close();
                })),
                () -> assertEquals(">" + "x".repeat(100_000), send(to("/").POST(BodyPublishers.ofString("x".repeat(100_000)))).body()));
        assertEquals(List.of(), here.reported);
    }
}
