// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.simul.testing.network.MemoryNetwork;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.newHttpClient;
import static dev.simul.facade.Asyncio.newHttpServer;
import static dev.simul.facade.Asyncio.openConnection;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** The JDK's server on the loop, on virtual time and a network in memory, and its clients. */
final class HttpServing {
    static final InetSocketAddress HERE = new InetSocketAddress("127.0.0.1", 80);

    /** What the loop's exception handler has got. */
    final List<Throwable> reported = new ArrayList<>();

    HttpServer server;

    interface Program {
        void run(HttpServer server) throws Exception;
    }

    /** Runs {@code program} with a server that is bound and not started. */
    void withServer(HttpServerOptions options, Program program) {
        VirtualClock.runTest(new MemoryNetwork(), () -> {
            getRunningLoop().setExceptionHandler((loop, context) -> reported.add(context.exception()));
            var server = newHttpServer(HERE, 0, options);
            this.server = server;
            try {
                program.run(server);
            } finally {
                server.stop(0);
            }
        });
    }

    void withServer(Program program) {
        withServer(new HttpServerOptions(), program);
    }

    /** Runs {@code program} while {@code handler} answers all requests. */
    void serving(HttpHandler handler, Action program) {
        withServer(server -> {
            server.createContext("/", handler);
            server.start();
            program.run();
        });
    }

    static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes();
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    static HttpHandler answering(String text) {
        return exchange -> answer(exchange, 200, text);
    }

    static HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1" + path));
    }

    static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return newHttpClient().send(request.build(), BodyHandlers.ofString());
    }

    static String get(String path) throws IOException, InterruptedException {
        var response = send(to(path));
        return response.statusCode() + " " + response.body();
    }

    /** Sends {@code request} and no more; returns all that comes, without dates. */
    static String say(String request) {
        try (var streams = await(openConnection("127.0.0.1", 80))) {
            streams.writer().write(request.replace("\n", "\r\n"));
            streams.writer().writeEof();
            String all = new String(await(streams.reader().read()), ISO_8859_1);
            return all.replace("\r\n", "\n").replaceAll("Date: .*\n", "");
        }
    }
}
