// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

class HttpClientTest {
    @Test
    @DisplayName("in a body, send waits in a straight line")
    void send() throws Exception {
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = ("hi " + exchange.getRequestMethod() + new String(exchange.getRequestBody().readAllBytes())).getBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        var uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/x?y");
        try {
            runLoop(() -> {
                var client = newHttpClient();
                var response = client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
                assertEquals("hi GET", response.body());
                System.out.println(response + " " + response.headers());
                for (int i = 0; i < 3; i++) {
                    var r2 = await(client.sendAsync(HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(" posted" + i)).build(), BodyHandlers.ofLines().getClass() == null ? null : BodyHandlers.ofString()));
                    System.out.println(r2.body());
                }
                try (var body = client.send(HttpRequest.newBuilder(uri).build(), HttpBodyHandlers.ofStream()).body()) {
                    for (String line : body.lines()) System.out.println(line);
                }
                try {
                    client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofLines());
                } catch (IllegalStateException e) {
                    System.out.println(e.getMessage());
                }
            });
        } finally {
            server.stop(0);
        }
    }
}
