// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.wrapFuture;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@Timeout(60)
class InteropTest {
    private final List<String> events = new ArrayList<>();

    // Virtual time would wait for stages that know of no loop: these tests have little to wait for.
    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }

    @Test
    @DisplayName("CompletableFuture.allOf waits for futures, also for a call that has not begun")
    void allOf() {
        Asyncio.run(() -> {
            var slow = createTask(() -> sleep(millis(2), "slow").await());
            var call = sleep(millis(1), "call");
            await(CompletableFuture.allOf(slow, call));
            assertEquals("slow", slow.result());
            assertEquals("call", call.result());
        });
    }

    @Test
    @DisplayName("CompletableFuture.anyOf gives the first result")
    void anyOf() {
        Asyncio.run(() -> {
            var slow = createTask(() -> sleep(Duration.ofDays(1), "slow").await());
            assertEquals("fast", await(CompletableFuture.anyOf(slow, sleep(millis(1), "fast"))));
            assertFalse(slow.isDone());
        });
    }

    @Test
    @DisplayName("a failure that allOf throws counts as read")
    void allOfFails() {
        Asyncio.run(() -> {
            getRunningLoop().setExceptionHandler((loop, context) -> events.add(context.message()));
            var failing = createTask(() -> {
                sleep(millis(1)).await();
                throw new IOException("failed");
            });
            var all = CompletableFuture.allOf(failing);
            assertEquals("failed", assertThrows(IOException.class, () -> await(all)).getMessage());
        });
        assertEquals(List.of(), events);
    }

    @Test
    @DisplayName("dependents of several futures are combined and awaited")
    void combined() {
        Asyncio.run(() -> {
            var one = sleep(millis(1), 1);
            var two = sleep(millis(2), 2);
            assertEquals(3, await(one.thenCombine(two, Integer::sum)));
        });
    }

    @Test
    @DisplayName("a future that is a stage as well is awaited, as those of drivers are")
    void both() {
        Asyncio.run(() -> {
            var future = new CompletableFuture<String>();
            createTask(() -> {
                sleep(millis(1)).await();
                future.complete("both");
            });
            assertEquals("both both", awaitBoth(future));
        });
    }

    private static <F extends Object & CompletionStage<String> & java.util.concurrent.Future<String>> String awaitBoth(F future) {
        return await(future) + " " + wrapFuture(future).await();
    }

    @Test
    @DisplayName("a stage is wrapped once, and cancelled with its future")
    void wrapStages() {
        Asyncio.run(() -> {
            var stage = new CompletableFuture<String>();
            Future<String> wrapped = wrapFuture(stage);
            stage.complete("stage");
            assertEquals("stage", wrapped.await());
            assertSame(wrapped, wrapFuture((CompletionStage<String>) wrapped));
            var never = new CompletableFuture<String>();
            var waiting = createTask(() -> await((CompletionStage<String>) never));
            sleep(Duration.ZERO).await();
            waiting.cancel("no more");
            assertThrows(CancellationException.class, waiting::await);
            assertTrue(never.isCancelled());
        });
    }

    @Test
    @DisplayName("a future that can only be blocked on is awaited too")
    void blockingFutures() {
        var executor = Executors.newSingleThreadExecutor();
        Asyncio.run(() -> {
            java.util.concurrent.Future<String> blocking = executor.submit(() -> "blocking");
            assertEquals("blocking", await(blocking));
            var failing = new FutureTask<String>(() -> {
                throw new IOException("blocking");
            });
            executor.execute(failing);
            assertThrows(IOException.class, wrapFuture(failing)::await);
            java.util.concurrent.Future<String> stage = CompletableFuture.completedFuture("stage");
            assertEquals("stage", wrapFuture(stage).await());
            assertEquals("stage", await(stage));
        });
        executor.shutdown();
    }

    @Test
    @DisplayName("requests of java.net.http are awaited, many at a time")
    void http() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            var path = exchange.getRequestURI().getPath().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(path.length == 8 ? 404 : 200, path.length);
            try (var body = exchange.getResponseBody()) {
                body.write(path);
            }
        });
        server.start();
        try {
            var root = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
            var pages = Asyncio.run(() -> {
                var tasks = new ArrayList<Task<String>>();
                for (var page : List.of("first", "second", "missing")) {
                    tasks.add(createTask(() -> fetch(root.resolve(page))));
                }
                return Asyncio.gatherResults(tasks).await();
            });
            assertEquals("/first", pages.get(0).result());
            assertEquals("/second", pages.get(1).result());
            assertEquals("404", pages.get(2).exception().getMessage());
        } finally {
            server.stop(0);
        }
    }

    private static String fetch(URI page) throws IOException {
        var response = await(HttpClient.newHttpClient()
                .sendAsync(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString()));
        if (response.statusCode() != 200) {
            throw new IOException(response.statusCode() + "");
        }
        return response.body();
    }
}
