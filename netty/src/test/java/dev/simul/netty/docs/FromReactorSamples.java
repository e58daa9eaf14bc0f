// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs;

import dev.simul.facade.AsyncIterable;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import static dev.simul.facade.Asyncio.asyncGenerator;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.fromPublisher;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.reactivestreams.ReactiveStreams.awaitSingle;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static org.reactivestreams.FlowAdapters.toFlowPublisher;

/** The blocks of the guide for those who come from Reactor; MirrorsTest runs them, the facade's DocsTest compares. */
final class FromReactorSamples {
    private FromReactorSamples() {}

    static class Mirrors {
        private final Map<String, Duration> delays =
                Map.of("near", ofMillis(100), "flaky", ofMillis(250), "gone", ofMillis(100), "slow", ofMinutes(1));
        private final Set<String> refused = ConcurrentHashMap.newKeySet();
        final AtomicInteger requests = new AtomicInteger();

        Mono<Integer> ask(String mirror) {
            return Mono.defer(() -> {
                requests.incrementAndGet();
                return Mono.delay(delays.get(mirror));
            }).handle((tick, sink) -> {
                if (mirror.equals("gone") || mirror.equals("flaky") && refused.add(mirror)) {
                    sink.error(new IOException("refused"));
                } else {
                    sink.next(mirror.length());
                }
            });
        }
    }

    static Mono<Map.Entry<String, Integer>> fetch(Mirrors mirrors, String mirror) {
        return mirrors.ask(mirror)
                .timeout(ofMillis(700))
                .retry(1)
                .doOnNext(found -> System.out.println(mirror + ": " + found + " files"))
                .doOnError(e -> System.out.println(mirror + ": " + e.getMessage()))
                .doOnCancel(() -> System.out.println(mirror + ": given up"))
                .onErrorComplete()
                .map(found -> Map.entry(mirror, found));
    }

    static void askAll() {
        var mirrors = new Mirrors();
        Map<String, Integer> files = Flux.just("near", "flaky", "gone", "slow")
                .flatMap(mirror -> fetch(mirrors, mirror), 2)
                .take(ofMillis(1500))
                .collectMap(Map.Entry::getKey, Map.Entry::getValue, LinkedHashMap::new)
                .block();
        int sum = files.values().stream().mapToInt(Integer::intValue).sum();
        System.out.println(sum + " files from " + files.keySet() + ", " + mirrors.requests + " requests");
    }

    static void bothWays() {
        String theirs = awaitSingle(Mono.just("theirs").delayElement(ofMillis(10)));
        System.out.println(theirs);
        for (int item : fromPublisher(toFlowPublisher(Flux.range(1, 3)))) {
            System.out.println(item);
        }
        Mono<String> ours = Mono.fromFuture(() -> createTask(() -> await(sleep(ofMillis(10), "ours"))));
        String louder = awaitSingle(ours.map(String::toUpperCase));
        System.out.println(louder);
        AsyncIterable<Integer> numbers = asyncGenerator(gen -> {
            for (int i = 1; i <= 3; i++) {
                await(sleep(ofMillis(10)));
                gen.yield(i);
            }
        });
        System.out.println(awaitSingle(JdkFlowAdapter.flowPublisherToFlux(numbers.toPublisher()).reduce(Integer::sum)));
    }
}
