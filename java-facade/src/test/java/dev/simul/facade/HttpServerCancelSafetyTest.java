// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import com.sun.net.httpserver.HttpExchange;
import dev.simul.testing.network.MemoryNetwork;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.newHttpClientBuilder;
import static dev.simul.facade.Asyncio.newHttpServer;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.CancelSafety.checkCancelSafe;
import static dev.simul.facade.HttpServing.HERE;
import static dev.simul.facade.HttpServing.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** Exchanges of the JDK's server that are cancelled in each turn, on a network in memory: no task, timer or socket is left. */
class HttpServerCancelSafetyTest {
    interface Program {
        void run(HttpClient client) throws Exception;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("programs")
    @DisplayName("an exchange that is cancelled in any turn leaves nothing behind")
    void cancelled(String name, Program program) {
        checkCancelSafe(new CancelOptions().network(MemoryNetwork::new), () -> {
            var server = newHttpServer(HERE, 0);
            var client = newHttpClientBuilder().proxy(HttpClient.Builder.NO_PROXY).build();
            try {
                server.createContext("/", HttpServerCancelSafetyTest::answer);
                server.start();
                program.run(client);
                server.stop(3);
            } finally {
                // Newer JDKs have it in the class.
                client.getClass().getMethod("shutdownNow").invoke(client);
                server.stop(0);
            }
        });
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (exchange.getRequestURI().getPath().equals("/slow")) await(sleep(Duration.ofSeconds(1)));
            exchange.sendResponseHeaders(200, exchange.getRequestURI().getPath().equals("/length") ? 5 : 0);
            exchange.getResponseBody().write(body.length > 0 ? body : "hello".getBytes());
        }
    }

    static Stream<Arguments> programs() {
        return Stream.of(
                program("a length", client -> assertEquals("hello", client.send(to("/length").build(), BodyHandlers.ofString()).body())),
                program("chunks", client -> assertEquals("hello", client.send(to("/").build(), BodyHandlers.ofString()).body())),
                program("a body", client -> {
                    var request = to("/slow").POST(BodyPublishers.ofString("x".repeat(100_000))).build();
                    assertEquals(100_000, client.send(request, BodyHandlers.ofString()).body().length());
                }),
                program("requests at the same time", client -> await(gather(
                        (Future<?>) client.sendAsync(to("/slow").build(), BodyHandlers.discarding()),
                        (Future<?>) client.sendAsync(to("/length").build(), BodyHandlers.discarding())))));
    }

    private static Arguments program(String name, Program program) {
        return arguments(name, program);
    }
}
