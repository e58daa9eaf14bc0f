// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.simul.facade.Future;
import dev.simul.facade.HttpBodyHandlers;
import dev.simul.facade.HttpServerOptions;
import dev.simul.facade.VirtualClock;
import dev.simul.testing.network.MemoryNetwork;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.newHttpClient;
import static dev.simul.facade.Asyncio.newHttpClientBuilder;
import static dev.simul.facade.Asyncio.newHttpServer;
import static dev.simul.facade.Asyncio.newHttpsServer;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

final class HttpSamples {
    private HttpSamples() {}

    static List<String> titles(List<URI> urls) {
        HttpClient client = newHttpClient();
        List<Future<String>> pages = new ArrayList<>();
        for (URI url : urls) {
            HttpRequest request = HttpRequest.newBuilder(url).build();
            pages.add(createTask(() -> client.send(request, BodyHandlers.ofString()).body()));
        }
        return await(gather(pages)).stream()
                .map(page -> page.replaceAll("(?s).*<title>(.*)</title>.*", "$1"))
                .toList();
    }

    static HttpServer ticker(InetSocketAddress address) throws IOException {
        HttpServer server = newHttpServer(address, 0);
        server.createContext("/ticks", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (var writer = new OutputStreamWriter(exchange.getResponseBody())) {
                for (int tick = 0; tick < 3; tick++) {
                    writer.write("tick " + tick + "\n");
                    writer.flush();
                    await(sleep(ofSeconds(1)));
                }
            }
        });
        server.start();
        return server;
    }

    static HttpServer echo(InetSocketAddress address) throws IOException {
        HttpServer server = newHttpServer(address, 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (exchange) {
                exchange.getRequestBody().transferTo(exchange.getResponseBody());
            }
        });
        server.start();
        return server;
    }

    static List<String> lines(HttpClient client, URI url) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(url).build();
        List<String> lines = new ArrayList<>();
        try (var body = client.send(request, HttpBodyHandlers.ofStream()).body()) {
            for (String line : body.lines()) {
                lines.add(line);
            }
        }
        return lines;
    }

    static HttpClient patientClient(SSLContext context) {
        return newHttpClientBuilder()
                .connectTimeout(ofSeconds(5))
                .followRedirects(HttpClient.Redirect.NORMAL)
                .sslContext(context)
                .build();
    }

    static int patient(HttpClient client, URI url) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(url).timeout(ofMinutes(1)).build();
        HttpResponse<Void> response = client.send(request, BodyHandlers.discarding());
        return response.statusCode();
    }

    static HttpsServer serveOverTls(InetSocketAddress address, SSLContext context) throws IOException {
        var limits = new HttpServerOptions().headerTimeout(ofSeconds(5)).maxConnections(1_000);
        HttpsServer server = newHttpsServer(address, 0, limits);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> exchange.sendResponseHeaders(204, -1));
        server.start();
        return server;
    }

    static void aTickerTakesThreeSeconds() {
        VirtualClock.runTest(new MemoryNetwork(), () -> {
            HttpServer server = ticker(new InetSocketAddress("127.0.0.1", 80));
            URI ticks = URI.create("http://127.0.0.1/ticks");
            assertEquals(List.of("tick 0", "tick 1", "tick 2"), lines(newHttpClient(), ticks));
            assertEquals(ofSeconds(3), getRunningLoop().time());
            server.stop(0);
        });
    }

    static void aMinuteIsTooLong() {
        VirtualClock.runTest(new MemoryNetwork(), () -> {
            await(startServer("127.0.0.1", 80, (reader, writer) -> await(sleep(ofHours(1)))));
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1/")).timeout(ofMinutes(1)).build();
            assertThrows(HttpTimeoutException.class, () -> newHttpClient().send(request, BodyHandlers.discarding()));
            assertEquals(ofMinutes(1), getRunningLoop().time());
        });
    }
}
