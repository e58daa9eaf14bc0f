// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import com.sun.net.httpserver.HttpExchange;
import dev.simul.facade.Event;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.newHttpServer;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.sleep;

/** Answers requests until it is told to end; then says that it wants no more, and finishes those that it has. */
public class Service {
    private final Event told = new Event();

    void serve(String host, int port, Duration drain) throws IOException {
        for (var signal : List.of("INT", "TERM")) {
            getRunningLoop().addSignalHandler(signal, told::set);
        }
        var server = newHttpServer(new InetSocketAddress(host, port), 0);
        server.createContext("/live", exchange -> answer(exchange, 200, "alive"));
        server.createContext("/ready", exchange -> {
            if (told.isSet()) {
                answer(exchange, 503, "draining");
            } else {
                answer(exchange, 200, "ready");
            }
        });
        server.createContext("/work", exchange -> {
            await(sleep(Duration.ofMillis(500)));   // Stands for a database.
            answer(exchange, 200, "done");
        });
        server.start();
        System.out.println("listening at " + server.getAddress().getPort());
        await(told.waitUntilSet());
        System.out.println("draining");
        await(sleep(drain));    // Requests still come, until those that send them have seen /ready.
        server.stop(10);        // No new connections; requests under way have ten seconds.
        System.out.println("stopped");
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, text.length());
            exchange.getResponseBody().write(text.getBytes());
        }
    }

    public static void main(String[] args) {
        var drain = Duration.parse(args.length > 2 ? args[2] : "PT5S");
        runLoop(() -> new Service().serve(args[0], Integer.parseInt(args[1]), drain));
    }
}
