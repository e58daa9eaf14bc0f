// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.exceptions.CancelledException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.open;
import static dev.simul.facade.Asyncio.run;
import static dev.simul.facade.Asyncio.sleep;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class BetweenSamplesTest {
    private static final String PRIME_COUNTER = BetweenSamples.PrimeCounter.class.getName();

    @Test
    @DisplayName("texts are counted in another loop")
    void words() {
        try (var other = open()) {
            run(() -> {
                var counts = BetweenSamples.wordCounts(Collections.nCopies(500, "one two three"), other);
                assertEquals(Collections.nCopies(500, 3), counts);
            });
        }
    }

    @Test
    @DisplayName("primes are counted in batches")
    void batches() {
        var pool = new ForkJoinPool(2);
        try {
            run(() -> {
                var numbers = IntStream.rangeClosed(1, 5_500).boxed().toList();
                assertEquals(725, BetweenSamples.countPrimes(numbers, pool));
            });
        } finally {
            pool.shutdown();
        }
    }

    @Test
    @DisplayName("a search is told to stop")
    void stopped() {
        run(() -> {
            assertEquals(97, BetweenSamples.firstPrimeFrom(90));
            var endless = createTask(() -> BetweenSamples.firstPrimeFrom(Integer.MIN_VALUE));
            sleep(Duration.ofMillis(1)).await();
            endless.cancel();
            assertThrows(CancelledException.class, endless::await);
        }); // Which ends only when its threads do.
    }

    @Test
    @DisplayName("a JVM of its own computes, and fails alone")
    void jvm() {
        run(() -> {
            assertEquals("168", BetweenSamples.inJvm(PRIME_COUNTER, "1000\n").strip());
            var failure = assertThrows(IllegalStateException.class, () -> BetweenSamples.inJvm(PRIME_COUNTER, "many\n"));
            assertTrue(failure.getMessage().endsWith("has ended with 1"), failure.getMessage());
        });
    }

    @Test
    @DisplayName("a JVM of its own is killed when its task is cancelled")
    void killed() {
        run(() -> {
            var before = children();
            var task = createTask(() -> BetweenSamples.inJvm(PRIME_COUNTER, "2000000000\n"));
            while (newChildren(before).isEmpty()) {
                await(sleep(Duration.ofMillis(10)));
            }
            var jvm = newChildren(before).iterator().next();
            task.cancel();
            assertThrows(CancelledException.class, task::await);
            assertFalse(jvm.isAlive());
        });
    }

    private static Set<ProcessHandle> newChildren(Set<ProcessHandle> before) {
        var children = new HashSet<>(children());
        children.removeAll(before);
        return children;
    }

    private static Set<ProcessHandle> children() {
        return ProcessHandle.current().children().collect(Collectors.toSet());
    }
}
