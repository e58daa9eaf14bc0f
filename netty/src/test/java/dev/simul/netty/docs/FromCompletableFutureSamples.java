// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.open;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofMillis;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.delayedExecutor;
import static java.util.concurrent.CompletableFuture.supplyAsync;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

/** The blocks of the guide for those who come from CompletableFuture; MirrorsTest runs them, the facade's DocsTest compares. */
final class FromCompletableFutureSamples {
    private FromCompletableFutureSamples() {}

    static class Mirrors {
        private final Map<String, Integer> delays = Map.of("near", 100, "flaky", 250, "gone", 100, "slow", 60_000);
        private final Set<String> refused = ConcurrentHashMap.newKeySet();
        final AtomicInteger requests = new AtomicInteger();

        CompletableFuture<Integer> ask(String mirror) {
            requests.incrementAndGet();
            return supplyAsync(() -> {
                if (mirror.equals("gone") || mirror.equals("flaky") && refused.add(mirror)) {
                    throw new CompletionException(new IOException("refused"));
                }
                return mirror.length();
            }, delayedExecutor(delays.get(mirror), MILLISECONDS));
        }
    }

    /** Lets two at a time enter. */
    static class Gate {
        private final ArrayDeque<CompletableFuture<Void>> waiting = new ArrayDeque<>();
        private int free = 2;

        synchronized CompletableFuture<Void> enter() {
            if (free > 0) {
                free--;
                return completedFuture(null);
            }
            var turn = new CompletableFuture<Void>();
            waiting.add(turn);
            return turn;
        }

        void leave() {
            CompletableFuture<Void> next;
            synchronized (this) {
                next = waiting.poll();
                if (next == null) {
                    free++;
                }
            }
            if (next != null) {
                next.complete(null);
            }
        }
    }

    static CompletableFuture<Integer> attempt(Mirrors mirrors, String mirror) {
        return mirrors.ask(mirror).orTimeout(700, MILLISECONDS);
    }

    static CompletableFuture<Integer> fetch(Mirrors mirrors, String mirror, Gate gate) {
        return gate.enter().thenCompose(entered -> attempt(mirrors, mirror)
                .exceptionallyCompose(e -> attempt(mirrors, mirror))
                .whenComplete((found, e) -> gate.leave()));
    }

    static void tell(String mirror, Integer found, Throwable failure) {
        if (failure == null) {
            System.out.println(mirror + ": " + found + " files");
        } else if (failure instanceof CancellationException) {
            System.out.println(mirror + ": given up");
        } else {
            System.out.println(mirror + ": " + failure.getCause().getMessage());
        }
    }

    static void askAll() {
        var mirrors = new Mirrors();
        var gate = new Gate();
        var fetches = new LinkedHashMap<String, CompletableFuture<Integer>>();
        for (var mirror : List.of("near", "flaky", "gone", "slow")) {
            fetches.put(mirror, fetch(mirrors, mirror, gate));
        }
        var told = fetches.entrySet().stream().map(fetch -> fetch.getValue().handle((found, e) -> {
            tell(fetch.getKey(), found, e);
            return null;
        }));
        CompletableFuture.allOf(told.toArray(CompletableFuture[]::new))
                .orTimeout(1500, MILLISECONDS)
                .exceptionally(late -> null)
                .join();
        fetches.values().forEach(fetch -> fetch.cancel(true));
        fetches.values().removeIf(CompletableFuture::isCompletedExceptionally);
        int sum = fetches.values().stream().mapToInt(CompletableFuture::join).sum();
        System.out.println(sum + " files from " + fetches.keySet() + ", " + mirrors.requests + " requests");
    }

    static void bothWays() {
        CompletableFuture<String> theirs = supplyAsync(() -> "theirs");
        System.out.println(await(theirs));
        CompletableFuture<String> ours = createTask(() -> await(sleep(ofMillis(10), "ours")));
        String both = await(ours.thenCombine(theirs, (one, other) -> one + " and " + other));
        System.out.println(both);
    }

    static void fromOutside() {
        try (var loop = open()) {
            CompletableFuture<String> reply = loop.submit(() -> await(sleep(ofMillis(10), "hello")));
            System.out.println(reply.thenApply(String::toUpperCase).join());
        }
    }
}
