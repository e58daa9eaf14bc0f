// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.exceptions.SystemExit;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.open;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.wrapFuture;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@Timeout(60)
class BackgroundLoopTest {
    private static final Duration LONG = Duration.ofDays(1);

    @Test
    @DisplayName("a program that is not asynchronous submits bodies and blocks on their futures")
    void submit() throws Exception {
        try (var loop = open()) {
            Future<String> slept = loop.submit(() -> sleep(Duration.ofMillis(1), "slept").await());
            assertEquals("slept", slept.get());
            assertEquals("slept", slept.await());
            assertEquals("slept", slept.result());
            assertSame(loop.getLoop(), loop.submit(() -> getRunningLoop()).get());
            assertEquals("named", loop.submit(new TaskOptions().name("named"), () -> currentTask().getName()).join());
            assertTrue(loop.submit(() -> Thread.currentThread().isDaemon()).get());
            assertTrue(loop.toString().contains("simul-loop"), loop::toString);
        }
    }

    @Test
    @DisplayName("await throws what the body threw as it is, get wraps it")
    void failures() {
        try (var loop = open()) {
            Future<String> failing = loop.submit(() -> {
                throw new IOException("the body's");
            });
            assertEquals("the body's", assertThrows(IOException.class, failing::await).getMessage());
            assertEquals("the body's", failing.exception().getMessage());
            assertThrows(IOException.class, failing::result);
            assertEquals(IOException.class, assertThrows(ExecutionException.class, failing::get).getCause().getClass());
        }
    }

    @Test
    @DisplayName("cancelling from outside waits for the body's end")
    void cancel() {
        var events = new ArrayList<String>();
        try (var loop = open()) {
            var started = new CompletableFuture<Void>();
            var forever = loop.submit(() -> {
                started.complete(null);
                try {
                    return sleep(LONG).await();
                } finally {
                    sleep(Duration.ofMillis(5)).await();
                    events.add("cleaned up");
                }
            });
            started.join();
            assertTrue(forever.cancel("enough"));
            assertEquals("enough", assertThrows(CancellationException.class, forever::await).getMessage());
            assertEquals(List.of("cleaned up"), events);
            assertTrue(forever.isCancelled());
        }
    }

    @Test
    @DisplayName("closing cancels all tasks, waits for them, and refuses what comes later")
    void close() {
        var events = new ArrayList<String>();
        var loop = open();
        var forever = loop.submit(() -> {
            try {
                return sleep(LONG).await();
            } finally {
                sleep(Duration.ofMillis(5)).await();
                events.add("cleaned up");
            }
        });
        loop.submit(() -> sleep(Duration.ZERO).await()).join();
        loop.close();
        loop.close();
        assertEquals(List.of("cleaned up"), events);
        assertTrue(loop.getLoop().isClosed());
        assertThrows(CancellationException.class, forever::await);
        var refused = assertThrows(IllegalStateException.class, () -> loop.submit(() -> "late"));
        assertTrue(refused.getMessage().contains("closed"), refused.getMessage());
    }

    @Test
    @DisplayName("what is submitted just before closing ends too: nobody waits in vain")
    void submitAndClose() {
        for (int i = 0; i < 20; i++) {
            var loop = open();
            var last = loop.submit(() -> sleep(LONG).await());
            loop.close();
            assertThrows(CancellationException.class, last::await);
        }
    }

    @Test
    @DisplayName("a body cannot close its own loop")
    void closedFromInside() {
        try (var loop = open()) {
            var refused = loop.submit(() -> assertThrows(IllegalStateException.class, loop::close)).join();
            assertTrue(refused.getMessage().contains("from inside"), refused.getMessage());
        }
    }

    @Test
    @DisplayName("an interrupt does not cut closing short, and is kept")
    void interruptedClose() {
        var loop = open();
        loop.submit(() -> sleep(LONG).await());
        Thread.currentThread().interrupt();
        loop.close();
        assertTrue(Thread.interrupted());
        assertTrue(loop.getLoop().isClosed());
    }

    @Test
    @DisplayName("a loop that a body stops ends in order, and takes nothing more")
    void stoppedFromInside() {
        var loop = open();
        loop.submit(() -> {
            getRunningLoop().stop();
        }).join();
        loop.close();
        assertTrue(loop.getLoop().isClosed());
        assertThrows(IllegalStateException.class, () -> loop.submit(() -> "late"));
    }

    @Test
    @DisplayName("a fatal error ends the loop in order, and reaches its submitter")
    void fatalError() {
        var made = Asyncio.newEventLoop();
        var loop = open(null, () -> made);
        var forever = loop.submit(() -> sleep(LONG).await());
        var fatal = new CompletableFuture<Throwable>();
        var handler = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> fatal.complete(e));
        try {
            var failing = loop.submit(() -> {
                throw new SystemExit(3);
            });
            assertEquals(3, assertThrows(SystemExit.class, failing::await).code());
            assertThrows(CancellationException.class, forever::await);
            assertEquals(SystemExit.class, fatal.join().getClass());
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(handler);
        }
        loop.close();
        assertTrue(made.isClosed());
        assertThrows(IllegalStateException.class, () -> loop.submit(() -> "late"));
    }

    @Test
    @DisplayName("when the memory is exhausted all futures are done, with the error where nothing else can be said")
    void outOfMemory() {
        var full = new OutOfMemoryError("of the test");
        var loop = open();
        var ended = new CompletableFuture<Throwable>();
        var handler = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> ended.complete(e));
        try {
            var waiting = loop.submit(() -> sleep(LONG).await());
            // It meets the cancellation with the same error again, as one that cannot be made anew: nobody waits for the third then.
            var failingTwice = loop.submit(() -> {
                try {
                    return sleep(LONG).await();
                } catch (CancellationException e) {
                    throw full;
                }
            });
            var stubborn = loop.submit(() -> {
                while (true) {
                    try {
                        sleep(LONG).await();
                    } catch (CancellationException e) {
                        // It never ends by itself.
                    }
                }
            });
            var failing = loop.submit(() -> {
                throw full;
            });
            assertSame(full, assertThrows(OutOfMemoryError.class, failing::await));
            assertThrows(CancellationException.class, waiting::await);
            assertSame(full, assertThrows(OutOfMemoryError.class, failingTwice::await));
            assertSame(full, assertThrows(OutOfMemoryError.class, stubborn::await));
            assertSame(full, ended.join());
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(handler);
        }
        loop.close();
    }

    @Test
    @DisplayName("a loop in the background takes debug mode and a loop factory")
    void variants() {
        var made = Asyncio.newEventLoop();
        try (var loop = open(true, () -> made)) {
            assertSame(made, loop.getLoop());
            assertTrue(loop.submit(() -> getRunningLoop().getDebug()).join());
        }
        assertTrue(made.isClosed());
    }

    @Test
    @DisplayName("8 threads submit 1,000 bodies each: nothing is lost, nor reordered within a thread")
    void manyThreads() throws Exception {
        var order = new ArrayList<List<Integer>>();
        var submitters = new ArrayList<Thread>();
        var sums = new ArrayList<CompletableFuture<Integer>>();
        try (var loop = open()) {
            for (int i = 0; i < 8; i++) {
                List<Integer> mine = new ArrayList<>();
                order.add(mine);
                var sum = new CompletableFuture<Integer>();
                sums.add(sum);
                submitters.add(new Thread(() -> {
                    var futures = new ArrayList<Future<Integer>>();
                    for (int number = 0; number < 1000; number++) {
                        int submitted = number;
                        futures.add(loop.submit(() -> {
                            mine.add(submitted);
                            return 1;
                        }));
                    }
                    sum.complete(futures.stream().mapToInt(Future::join).sum());
                }));
            }
            submitters.forEach(Thread::start);
            for (var sum : sums) {
                assertEquals(1000, sum.get());
            }
        }
        for (var mine : order) {
            assertEquals(java.util.stream.IntStream.range(0, 1000).boxed().toList(), mine);
        }
    }

    @Test
    @DisplayName("a body of one loop awaits a future of another, and cancels it when it is cancelled")
    void twoLoops() {
        try (var other = open()) {
            Asyncio.run(() -> {
                assertEquals("far", other.submit(() -> sleep(Duration.ofMillis(1), "far").await()).await());
                var wrapped = wrapFuture(other.submit(() -> "wrapped"));
                assertSame(getRunningLoop(), wrapped.getLoop());
                assertEquals("wrapped", wrapped.await());
                var forever = other.submit(() -> sleep(LONG).await());
                var waiting = createTask(() -> forever.await());
                sleep(Duration.ZERO).await();
                waiting.cancel("here");
                assertThrows(CancellationException.class, waiting::await);
                assertThrows(CancellationException.class, forever::join);
                var gate = new CompletableFuture<String>();
                var slow = other.submit(() -> Asyncio.await(gate));
                assertThrows(
                        java.util.concurrent.TimeoutException.class,
                        () -> slow.get(1, java.util.concurrent.TimeUnit.NANOSECONDS));
                gate.complete("slow");
                assertEquals("slow", slow.get());
            });
        }
    }
}
