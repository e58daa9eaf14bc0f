// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.Action;
import dev.simul.facade.Asyncio;
import dev.simul.facade.TlsContexts;
import dev.simul.facade.VirtualClock;
import dev.simul.testing.network.MemoryNetwork;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.newHttpClient;
import static dev.simul.facade.Asyncio.startServer;
import static org.junit.jupiter.api.Assertions.assertEquals;

class HttpSamplesTest {
    private static final URI SITE = URI.create("http://127.0.0.1/");

    /** Runs {@code test} on a network in memory with a server that answers each request with {@code body}. */
    private static void answering(String body, Action test) {
        VirtualClock.runTest(new MemoryNetwork(), () -> {
            await(startServer("127.0.0.1", 80, (reader, writer) -> {
                await(reader.readuntil("\r\n\r\n".getBytes()));
                writer.write("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                writer.close();
            }));
            test.run();
        });
    }

    @Test
    @DisplayName("the titles of pages")
    void titles() {
        answering(
                "<html><title>Home</title></html>",
                () -> assertEquals(List.of("Home", "Home"), HttpSamples.titles(List.of(SITE, SITE))));
    }

    @Test
    @DisplayName("lines are read as they come")
    void lines() {
        answering("one\ntwo\n", () -> assertEquals(List.of("one", "two"), HttpSamples.lines(newHttpClient(), SITE)));
    }

    @Test
    @DisplayName("a patient client")
    void patient() {
        answering("", () -> assertEquals(200, HttpSamples.patient(HttpSamples.patientClient(SSLContext.getDefault()), SITE)));
    }

    @Test
    @DisplayName("a ticker takes three seconds")
    void ticker() {
        HttpSamples.aTickerTakesThreeSeconds();
    }

    @Test
    @DisplayName("an echo sends back what comes, while it comes")
    void echo() {
        VirtualClock.runTest(new MemoryNetwork(), () -> {
            var server = HttpSamples.echo(new InetSocketAddress("127.0.0.1", 80));
            String sent = "echo".repeat(100_000);
            var request = HttpRequest.newBuilder(SITE).POST(BodyPublishers.ofString(sent)).build();
            assertEquals(sent, newHttpClient().send(request, BodyHandlers.ofString()).body());
            server.stop(0);
        });
    }

    @Test
    @DisplayName("a server over TLS")
    void tls() {
        Asyncio.run(() -> {
            var server = HttpSamples.serveOverTls(new InetSocketAddress("127.0.0.1", 0), TlsContexts.context("server"));
            var client = HttpSamples.patientClient(TlsContexts.context("client"));
            var uri = URI.create("https://localhost:" + server.getAddress().getPort() + "/");
            assertEquals(204, HttpSamples.patient(client, uri));
            server.stop(1);
        });
    }

    @Test
    @DisplayName("a minute is too long")
    void tooLong() {
        HttpSamples.aMinuteIsTooLong();
    }
}
