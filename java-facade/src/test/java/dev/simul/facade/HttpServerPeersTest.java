// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import dev.simul.bodies.Carrier;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createSubprocessExec;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.newHttpClient;
import static dev.simul.facade.Asyncio.newHttpClientBuilder;
import static dev.simul.facade.Asyncio.newHttpServer;
import static dev.simul.facade.Asyncio.newHttpsServer;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.facade.Sockets.run;
import static dev.simul.facade.TlsContexts.context;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The JDK's server on the loop with clients of other makes, of this machine, and called from other threads. */
class HttpServerPeersTest {
    static Stream<Carrier> available() {
        return Carrier.available().stream();
    }

    private static HttpServer server() throws IOException {
        var server = newHttpServer(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", HttpServerPeersTest::answer);
        return server;
    }

    /** Answers with the method and what the body was; in chunks and after a hint, or with a length. */
    private static void answer(HttpExchange exchange) throws IOException {
        assertNotNull(currentTask());
        byte[] body = exchange.getRequestBody().readAllBytes();
        String told = exchange.getRequestMethod() + " " + body.length;
        if (exchange.getRequestURI().getPath().equals("/chunked")) {
            if (exchange.getRequestURI().getQuery() != null) exchange.sendResponseHeaders(103, -1);
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream to = exchange.getResponseBody()) {
                for (int i = 0; i < 100; i++) {
                    to.write("a".repeat(10_000).getBytes());
                    if (i % 50 == 0) await(sleep(Duration.ofMillis(1)));
                }
                to.write(told.getBytes());
            }
        } else {
            exchange.getResponseHeaders().set("X-Told", told);
            exchange.sendResponseHeaders(200, told.length());
            exchange.getResponseBody().write(told.getBytes());
            exchange.close();
        }
    }

    private static URI uri(HttpServer server, String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private static String output(String program, String... args) {
        assumeTrue(Stream.of(System.getenv("PATH").split(":")).anyMatch(it -> Files.isExecutable(Path.of(it, program))), () -> "install " + program);
        var options = new ProcessOptions().stdin(Redirect.DEVNULL).stdout(Redirect.PIPE).stderr(Redirect.STDOUT);
        var process = await(createSubprocessExec(options, program, args));
        return new String(await(process.communicate()).stdout()).replace("\r\n", "\n");
    }

    @Test
    @DisplayName("curl")
    void curl() {
        run(() -> {
            var server = server();
            server.start();
            var url = uri(server, "/").toString();
            assertEquals("GET 0GET 0", output("curl", "-sS", url, "--next", "-sS", url));
            assertEquals("POST 5000", output("curl", "-sS", "-d", "a".repeat(5000), url));
            String head = output("curl", "-sS", "-I", url);
            assertTrue(head.contains("X-told: HEAD 0\n") && head.contains("Content-Length: 6\n") && head.contains("\nDate: "), head);
            assertEquals("GET 0", output("curl", "-sS", "--http1.0", url + "chunked").replaceFirst("^a{1000000}", ""));
            String hinted = output("curl", "-sSv", url + "chunked?hint");
            assertTrue(hinted.contains("< HTTP/1.1 103 Early Hints") && hinted.contains("aGET 0"), hinted);
            Path large = Files.createTempFile("large", "");
            try {
                Files.write(large, new byte[3_000_000]);
                String asked = output("curl", "-sSv", "-T", large.toString(), "-H", "Expect: 100-continue", url);
                assertTrue(asked.contains("< HTTP/1.1 100 Continue") && asked.contains("PUT 3000000"), asked);
                assertEquals("PUT 3000000", output("curl", "-sS", "-T", large.toString(), "-H", "Transfer-Encoding: chunked", url));
            } finally {
                Files.delete(large);
            }
            server.stop(5);
        });
    }

    @Test
    @DisplayName("Python's http.client")
    void python() {
        run(() -> {
            var server = server();
            server.start();
            String program = """
                    import http.client, sys
                    c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=30)
                    for i in range(2):
                        c.request("GET", "/"); print(c.getresponse().read().decode())
                    c.request("POST", "/", body=iter([b"a", b"bc"]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
                    print(c.getresponse().read().decode())
                    c.request("GET", "/chunked"); print(len(c.getresponse().read()))
                    c.request("HEAD", "/"); r = c.getresponse(); print(r.getheader("Content-Length"), r.read())
                    c.request("GET", "/nowhere%zz"); print(c.getresponse().status)
                    """;
            String said = output("python3", "-c", program, "" + server.getAddress().getPort());
            assertEquals("GET 0\nGET 0\nPOST 3\n1000005\n6 b''\n400\n", said);
            server.stop(5);
        });
    }

    @Test
    @DisplayName("Node")
    void node() {
        run(() -> {
            var server = server();
            server.start();
            String program = """
                    const http = require("http"), agent = new http.Agent({ keepAlive: true, maxSockets: 1 }), port = process.argv[1];
                    const ask = (method, path, body) => new Promise((yes, no) => {
                      const q = http.request({ port, host: "127.0.0.1", method, path, agent }, r => {
                        let size = 0, all = ""; r.on("data", d => { size += d.length; all = d.toString().slice(-20); });
                        r.on("end", () => { console.log(r.statusCode, size, all.replace(/^a+/, "")); yes(); });
                      });
                      q.on("error", no); if (body) q.write(body); q.end();
                    });
                    (async () => {
                      await ask("GET", "/"); await ask("POST", "/", "hello"); await ask("GET", "/chunked"); await ask("DELETE", "/");
                      agent.destroy();
                    })();
                    """;
            String said = output("node", "-e", program, "" + server.getAddress().getPort());
            assertEquals("200 5 GET 0\n200 6 POST 5\n200 1000005 GET 0\n200 8 DELETE 0\n", said);
            server.stop(5);
        });
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("the JDK's own client in another thread, and the loop's in a body, at the same time")
    void clients(Carrier carrier) {
        run(carrier, () -> {
            var server = server();
            server.start();
            var own = newHttpClient();
            var tasks = new ArrayList<Future<String>>();
            for (int i = 0; i < 20; i++) {
                var request = HttpRequest.newBuilder(uri(server, i % 2 == 0 ? "/" : "/chunked?hint")).POST(BodyPublishers.ofString("x".repeat(i))).build();
                tasks.add(createTask(() -> own.send(request, BodyHandlers.ofString()).body()));
            }
            var foreign = toThread(() -> {
                var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
                var said = new ArrayList<String>();
                for (int i = 0; i < 5; i++) {
                    var request = HttpRequest.newBuilder(uri(server, i % 2 == 0 ? "/" : "/chunked?hint")).POST(BodyPublishers.ofString("y".repeat(i))).build();
                    said.add(client.send(request, BodyHandlers.ofString()).body().replaceFirst("^a{1000000}", ""));
                }
                return said;
            });
            var all = await(gather(tasks));
            for (int i = 0; i < 20; i++) {
                assertEquals("POST " + i, all.get(i).replaceFirst("^a{1000000}", ""));
            }
            assertEquals(List.of("POST 0", "POST 1", "POST 2", "POST 3", "POST 4"), await(foreign));
            server.stop(5);
        });
    }

    @Test
    @DisplayName("a server may be made, started and stopped by other threads, and stop blocks them no longer than it takes")
    void otherThreads() throws Exception {
        try (var loop = Asyncio.open()) {
            var server = loop.submit(HttpServerPeersTest::server).join();
            server.start();
            var entered = new CountDownLatch(1);
            server.createContext("/never", exchange -> {
                entered.countDown();
                await(sleep(Duration.ofHours(1)));
            });
            var client = HttpClient.newHttpClient();
            assertEquals("GET 0", client.send(HttpRequest.newBuilder(uri(server, "/")).build(), BodyHandlers.ofString()).body());
            var never = client.sendAsync(HttpRequest.newBuilder(uri(server, "/never")).build(), BodyHandlers.discarding());
            entered.await();
            long start = System.nanoTime();
            server.stop(1);
            assertTrue(System.nanoTime() - start >= 1_000_000_000, "it has waited");
            assertInstanceOf(IOException.class, assertThrows(java.util.concurrent.ExecutionException.class, never::get).getCause());
            assertThrows(IOException.class, () -> client.send(HttpRequest.newBuilder(uri(server, "/")).build(), BodyHandlers.ofString()));
            server.stop(100);

            var other = loop.submit(() -> {
                var made = server();
                made.start();
                made.createContext("/never", exchange -> {
                    entered.countDown();
                    await(sleep(Duration.ofHours(1)));
                });
                return made;
            }).join();
            client.sendAsync(HttpRequest.newBuilder(uri(other, "/never")).build(), BodyHandlers.discarding());
            Thread.currentThread().interrupt();
            other.stop(100);
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    @DisplayName("a server may be started before its loop runs, and stopped after the loop was closed")
    void beforeAndAfter() throws Exception {
        var loop = Asyncio.newEventLoop();
        Asyncio.setEventLoop(loop);
        try {
            var server = server();
            server.start();
            assertEquals("GET 0", loop.runUntilComplete(() ->
                    newHttpClient().send(HttpRequest.newBuilder(uri(server, "/")).build(), BodyHandlers.ofString()).body()));
            loop.close();
            server.stop(100);
        } finally {
            Asyncio.setEventLoop(null);
        }
    }

    @Test
    @DisplayName("a thread that waits in a stream when the loop ends gets an IOException, and so does each that comes later")
    void endOfLoop() throws Exception {
        var outcome = new CompletableFuture<Throwable>();
        var later = new CompletableFuture<Throwable>();
        try (var loop = Asyncio.open()) {
            var entered = new CountDownLatch(1);
            var server = loop.submit(HttpServerPeersTest::server).join();
            server.createContext("/never", exchange -> {
                var body = exchange.getRequestBody();
                new Thread(() -> {
                    entered.countDown();
                    outcome.complete(assertThrows(Throwable.class, body::read));
                    later.complete(assertThrows(Throwable.class, () -> exchange.sendResponseHeaders(200, -1)));
                }).start();
                await(sleep(Duration.ofHours(1)));
            });
            server.start();
            var publisher = BodyPublishers.fromPublisher(subscriber -> subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long n) {}

                @Override
                public void cancel() {}
            }));
            HttpClient.newHttpClient().sendAsync(HttpRequest.newBuilder(uri(server, "/never")).POST(publisher).build(), BodyHandlers.discarding());
            entered.await();
        }
        assertInstanceOf(IOException.class, outcome.get());
        assertInstanceOf(IOException.class, later.get());
    }

    // TLS.

    @Test
    @DisplayName("a server over TLS presents its certificate, and the exchange has the session")
    void tls() {
        run(() -> {
            var server = newHttpsServer(new InetSocketAddress("127.0.0.1", 0), 0);
            assertThrows(IllegalStateException.class, server::start);
            assertThrows(NullPointerException.class, () -> server.setHttpsConfigurator(null));
            var configurator = new HttpsConfigurator(context("server"));
            server.setHttpsConfigurator(configurator);
            assertEquals(configurator, server.getHttpsConfigurator());
            server.createContext("/", exchange -> {
                var session = assertInstanceOf(HttpsExchange.class, exchange).getSSLSession();
                String told = session.getProtocol() + " " + new String(exchange.getRequestBody().readAllBytes());
                exchange.sendResponseHeaders(200, told.length());
                exchange.getResponseBody().write(told.getBytes());
                exchange.close();
            });
            server.start();
            assertThrows(IllegalStateException.class, () -> server.setHttpsConfigurator(configurator));
            var uri = URI.create("https://localhost:" + server.getAddress().getPort() + "/");
            var request = HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString("over TLS")).build();
            var client = newHttpClientBuilder().sslContext(context("client")).build();
            assertEquals("TLSv1.3 over TLS", client.send(request, BodyHandlers.ofString()).body());
            var foreign = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(context("client")).build();
            assertEquals("TLSv1.3 over TLS", await(toThread(() -> foreign.send(request, BodyHandlers.ofString()).body())));
            server.stop(1);
        });
    }

    @Test
    @DisplayName("the configurator is asked for each connection: versions, certificates of clients, all at once or one by one")
    void configurator() {
        run(() -> {
            var clients = new ArrayList<InetSocketAddress>();
            var versions = new ArrayList<>(List.of("TLSv1.2", "TLSv1.3", "TLSv1.2", "TLSv1.3"));
            var context = context("server");
            var server = newHttpsServer(null, 0);
            server.setHttpsConfigurator(new HttpsConfigurator(context) {
                @Override
                public void configure(HttpsParameters params) {
                    clients.add(params.getClientAddress());
                    assertEquals(this, params.getHttpsConfigurator());
                    String version = versions.remove(0);
                    if (versions.size() >= 2) {
                        params.setProtocols(new String[] {version});
                        params.setNeedClientAuth(true);
                        params.setCipherSuites(context.getDefaultSSLParameters().getCipherSuites());
                    } else {
                        SSLParameters all = context.getDefaultSSLParameters();
                        all.setProtocols(new String[] {version});
                        all.setNeedClientAuth(true);
                        params.setSSLParameters(all);
                    }
                }
            });
            server.bind(new InetSocketAddress("127.0.0.1", 0), 0);
            var said = new ArrayList<String>();
            server.createContext("/", exchange -> {
                var session = ((HttpsExchange) exchange).getSSLSession();
                said.add(session.getProtocol() + " " + session.getPeerCertificates().length + " " + exchange.getRemoteAddress().equals(clients.get(clients.size() - 1)));
                exchange.sendResponseHeaders(204, -1);
            });
            server.start();
            var uri = URI.create("https://localhost:" + server.getAddress().getPort() + "/");
            for (int i = 0; i < 4; i++) {
                var client = newHttpClientBuilder().sslContext(context("client")).build();
                assertEquals(204, client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()).statusCode());
            }
            assertEquals(List.of("TLSv1.2 1 true", "TLSv1.3 1 true", "TLSv1.2 1 true", "TLSv1.3 1 true"), said);
            server.stop(1);
        });
    }
}
