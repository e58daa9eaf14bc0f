// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.VirtualClock;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gatherResults;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CancellationSamplesTest {
    @TestFactory
    Stream<DynamicTest> everySamplePrintsWhatTheGuideShows() throws IOException {
        return PrintedSamples.of("cancellation.md", CancellationSamples.class, Set.of("unsafe"));
    }

    @Test
    @DisplayName("uninterrupted work gives its result, or the cancellation that came meanwhile")
    void uninterrupted() {
        VirtualClock.runTest(() -> {
            assertEquals(42, CancellationSamples.uninterrupted(() -> 42));
            var task = createTask(() -> CancellationSamples.uninterrupted(() -> await(sleep(ofSeconds(1), "slept"))));
            await(sleep(ofMillis(10)));
            task.cancel("meanwhile");
            assertEquals("meanwhile", assertThrows(CancellationException.class, () -> await(task)).getMessage());
        });
    }

    @Test
    @DisplayName("the loop that rethrows ends, and outlives failures")
    void outliveFailures() {
        VirtualClock.runTest(() -> {
            var rounds = new int[1];
            var task = createTask(() -> CancellationSamples.outliveFailures(() -> {
                await(sleep(ofSeconds(1)));
                if (++rounds[0] == 1) throw new IOException("no route");
                return null;
            }));
            await(sleep(ofMillis(3500)));
            task.cancel();
            await(gatherResults(task));
            assertTrue(task.cancelled());
            assertEquals(3, rounds[0]);
        });
    }

    @Test
    @DisplayName("whether the other task or the caller was cancelled, cancelling() tells")
    void resultOf() {
        VirtualClock.runTest(() -> {
            var other = createTask(() -> await(sleep(ofHours(1), "slept")));
            var asking = createTask(() -> CancellationSamples.resultOf(other));
            await(sleep(ofSeconds(1)));
            other.cancel();
            assertEquals("the other task was cancelled", await(asking));
            var another = createTask(() -> await(sleep(ofHours(1), "slept")));
            var askingInVain = createTask(() -> CancellationSamples.resultOf(another));
            await(sleep(ofSeconds(1)));
            askingInVain.cancel();
            assertThrows(CancellationException.class, () -> await(askingInVain));
        });
    }

    @Test
    @DisplayName("another thread cancels a task, and an interrupt of a body's thread cancels nothing")
    void threads() {
        runLoop(() -> {
            var task = createTask(() -> {
                Thread.currentThread().interrupt();
                await(sleep(ofMillis(1)));
                assertTrue(Thread.interrupted());
                await(sleep(ofHours(1)));
            });
            await(sleep(ofMillis(50)));
            new Thread(() -> task.cancel("from a thread")).start();
            assertEquals("from a thread", assertThrows(CancellationException.class, () -> await(task)).getMessage());
        });
    }
}
