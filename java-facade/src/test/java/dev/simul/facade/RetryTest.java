// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.retry;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RetryTest {
    private static final Backoff EXPONENTIAL = Backoff.exponential(seconds(1));

    private final List<Duration> times = new ArrayList<>();

    private String failing(Exception... failures) throws Exception {
        times.add(getRunningLoop().time());
        if (times.size() <= failures.length) {
            throw failures[times.size() - 1];
        }
        return "result";
    }

    @Test
    @DisplayName("it is run again after each failure, until it returns")
    void untilItReturns() {
        assertEquals(
                "result",
                VirtualTime.run(() -> retry(3, EXPONENTIAL, () -> failing(new IOException(), new IOException())).await()));
        assertEquals(List.of(seconds(0), seconds(1), seconds(3)), times);
    }

    @Test
    @DisplayName("the last failure is thrown, with the earlier ones suppressed")
    void suppressed() {
        var first = new IOException("first");
        var last = new IOException("last");
        var thrown = assertThrows(
                IOException.class,
                () -> VirtualTime.run(() -> retry(2, Backoff.constant(seconds(1)), () -> failing(first, last)).await()));
        assertSame(last, thrown);
        assertEquals(List.of(first), List.of(thrown.getSuppressed()));
    }

    @Test
    @DisplayName("what the predicate refuses is not retried, and neither are errors")
    void refused() {
        assertThrows(
                ArithmeticException.class,
                () -> VirtualTime.run(() -> retry(
                                9, EXPONENTIAL, e -> e instanceof IOException, () -> failing(new IOException(), new ArithmeticException()))
                        .await()));
        assertEquals(List.of(seconds(0), seconds(1)), times);
        assertThrows(AssertionError.class, () -> VirtualTime.run(() -> retry(9, Backoff.NONE, () -> {
                    times.add(seconds(99));
                    throw new AssertionError();
                })
                .await()));
        assertEquals(3, times.size());
    }

    @Test
    @DisplayName("a body may return nothing")
    void action() {
        VirtualTime.run(() -> {
            retry(2, Backoff.NONE, () -> {
                times.add(seconds(1));
                if (times.size() == 1) {
                    throw new IOException();
                }
            }).await();
            return retry(1, Backoff.NONE, e -> false, () -> {
                times.add(seconds(2));
            }).await();
        });
        assertEquals(List.of(seconds(1), seconds(1), seconds(2)), times);
    }

    @Test
    @DisplayName("it runs in the caller's task and on its stack, or as a task of its own")
    void where() {
        VirtualTime.run(() -> {
            var thread = Thread.currentThread();
            assertSame(thread, retry(1, Backoff.NONE, Thread::currentThread).await());
            var started = retry(2, EXPONENTIAL, () -> failing(new IOException()));
            sleep(seconds(5)).await();
            assertTrue(started.isDone());
            return null;
        });
    }

    @Test
    @DisplayName("cancelling it during a pause ends it at once, with the failures so far")
    void cancelled() {
        var failure = new IOException();
        VirtualTime.run(() -> {
            var task = createTask(() -> retry(9, Backoff.constant(seconds(9)), () -> failing(failure)).await());
            sleep(seconds(2)).await();
            task.cancel();
            var thrown = assertThrows(CancellationException.class, task::await);
            assertEquals(List.of(failure), List.of(thrown.getSuppressed()));
            assertEquals(seconds(2), getRunningLoop().time());
            return null;
        });
    }

    @Test
    @DisplayName("a timeout inside limits each attempt, one around it limits all of them")
    void timeouts() {
        VirtualTime.run(() -> {
            assertThrows(
                    TimeoutException.class,
                    () -> retry(3, Backoff.NONE, () -> timeout(seconds(2), () -> sleep(seconds(9)).await()).await()).await());
            assertEquals(seconds(6), getRunningLoop().time());
            assertThrows(
                    TimeoutException.class,
                    () -> timeout(seconds(4), () -> retry(3, EXPONENTIAL, () -> sleep(seconds(9)).await()).await()).await());
            assertEquals(seconds(10), getRunningLoop().time());
            return null;
        });
    }

    @Test
    @DisplayName("less than one attempt is refused")
    void attempts() {
        VirtualTime.run(() ->
                assertThrows(IllegalArgumentException.class, () -> retry(0, Backoff.NONE, () -> "never").await()));
    }

    @Test
    @DisplayName("backoffs are values, and refuse what makes no sense")
    void backoffs() {
        var random = new SplittableRandom(1);
        assertEquals(EXPONENTIAL, Backoff.exponential(seconds(1), 2, null));
        assertEquals(EXPONENTIAL.hashCode(), Backoff.exponential(seconds(1), 2, null).hashCode());
        assertNotEquals(EXPONENTIAL, Backoff.constant(seconds(1)));
        assertEquals(EXPONENTIAL.jittered(random), EXPONENTIAL.jittered(random, 1));
        assertEquals("Backoff(1s * 3.0 up to 20s, jitter 0.5)",
                Backoff.exponential(seconds(1), 3, seconds(20)).jittered(random, 0.5).toString());
        assertThrows(IllegalArgumentException.class, () -> Backoff.constant(seconds(-1)));
        assertThrows(IllegalArgumentException.class, () -> EXPONENTIAL.jittered(random, 2));
    }

    @Test
    @DisplayName("jitter comes from the given source, and shortens the pauses")
    void jitter() {
        var expected = new SplittableRandom(42).nextDouble();
        VirtualTime.run(() -> {
            var jittered = Backoff.constant(seconds(10)).jittered(new SplittableRandom(42), 0.5);
            return retry(2, jittered, () -> failing(new IOException())).await();
        });
        assertEquals(10 * (1 - 0.5 * expected), times.get(1).toNanos() / 1e9, 1e-6);
    }
}
