// SPDX-License-Identifier: Apache-2.0
package quotes;

import com.sun.net.httpserver.HttpServer;
import dev.simul.facade.BackgroundLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** The whole application on a real port, and suppliers of which one never answers and one has nothing to sell. */
class QuotesApplicationTest {
    private HttpServer suppliers;
    private ConfigurableApplicationContext application;

    @BeforeEach
    void start() throws IOException {
        suppliers = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        suppliers.createContext("/north/tea", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (var body = exchange.getResponseBody()) {
                body.write("300".getBytes());
            }
        });
        suppliers.createContext("/silent", exchange -> {});
        suppliers.start();
        String root = "http://127.0.0.1:" + suppliers.getAddress().getPort();
        application = SpringApplication.run(
                QuotesApplication.class,
                "--server.address=127.0.0.1",
                "--server.port=0",
                "--quotes.patience=500ms",
                "--quotes.suppliers={north: '" + root + "/north', silent: '" + root + "/silent', none: '" + root + "/none'}");
    }

    @AfterEach
    void stop() {
        application.close();
        suppliers.stop(0);
    }

    @Test
    void answersWithThePricesThatCameInTime() throws Exception {
        var page = URI.create("http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port") + "/quotes/tea");
        var response = HttpClient.newHttpClient().send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString());
        assertEquals("{\"north\":300}", response.body());
    }

    @Test
    void theLoopEndsWithTheApplication() {
        var loop = application.getBean(BackgroundLoop.class);
        application.close();
        assertThrows(IllegalStateException.class, () -> loop.submit(() -> "too late"));
    }
}
