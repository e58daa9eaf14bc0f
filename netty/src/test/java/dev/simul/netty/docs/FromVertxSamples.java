// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.netty.vertx.VertxOnLoop.await;
import static dev.simul.netty.vertx.VertxOnLoop.vertx;
import static java.time.Duration.ofMillis;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

/** The blocks of the guide for those who come from Vert.x; MirrorsTest runs them, the facade's DocsTest compares. */
final class FromVertxSamples {
    private FromVertxSamples() {}

    static class Mirrors {
        private final Map<String, Integer> delays = Map.of("near", 100, "flaky", 250, "gone", 100, "slow", 60_000);
        private final Set<String> refused = new HashSet<>();
        private final Vertx vertx;
        int requests;

        Mirrors(Vertx vertx) {
            this.vertx = vertx;
        }

        Future<Integer> ask(String mirror) {
            requests++;
            return vertx.timer(delays.get(mirror), MILLISECONDS).compose(fired -> {
                if (mirror.equals("gone") || mirror.equals("flaky") && refused.add(mirror)) {
                    return Future.failedFuture(new IOException("refused"));
                }
                return Future.succeededFuture(mirror.length());
            });
        }
    }

    /** Lets two at a time enter. */
    static class Gate {
        private final ArrayDeque<Promise<Void>> waiting = new ArrayDeque<>();
        private int free = 2;

        Future<Void> enter() {
            if (free > 0) {
                free--;
                return Future.succeededFuture();
            }
            Promise<Void> turn = Promise.promise();
            waiting.add(turn);
            return turn.future();
        }

        void leave() {
            if (waiting.isEmpty()) {
                free++;
            } else {
                waiting.remove().complete();
            }
        }
    }

    static Future<Integer> attempt(Mirrors mirrors, String mirror) {
        return mirrors.ask(mirror).timeout(700, MILLISECONDS);
    }

    static Future<Integer> fetch(Mirrors mirrors, String mirror, Gate gate) {
        return gate.enter().compose(entered -> attempt(mirrors, mirror)
                .recover(e -> attempt(mirrors, mirror))
                .onComplete(result -> gate.leave()));
    }

    static Future<Void> askAll(Vertx vertx) {
        var mirrors = new Mirrors(vertx);
        var gate = new Gate();
        var fetches = new LinkedHashMap<String, Future<Integer>>();
        for (var mirror : List.of("near", "flaky", "gone", "slow")) {
            var fetch = fetch(mirrors, mirror, gate);
            fetches.put(mirror, fetch
                    .onSuccess(found -> System.out.println(mirror + ": " + found + " files"))
                    .onFailure(e -> System.out.println(mirror + ": " + e.getMessage())));
        }
        var all = Future.join(List.copyOf(fetches.values())).otherwiseEmpty();
        return Future.any(all, vertx.timer(1500, MILLISECONDS)).transform(result -> {
            fetches.forEach((mirror, fetch) -> {
                if (!fetch.isComplete()) {
                    System.out.println(mirror + ": given up");
                }
            });
            fetches.values().removeIf(fetch -> !fetch.succeeded());
            int sum = fetches.values().stream().mapToInt(Future::result).sum();
            System.out.println(sum + " files from " + fetches.keySet() + ", " + mirrors.requests + " requests");
            return Future.succeededFuture();
        });
    }

    static void bothWays() {
        Future<String> theirs = vertx().timer(10, MILLISECONDS).map("theirs");
        System.out.println(await(theirs));
        var ours = createTask(() -> sleep(ofMillis(10), "ours").await());
        String louder = await(Future.fromCompletionStage(ours).map(String::toUpperCase));
        System.out.println(louder);
    }
}
