package dev.simul.facade;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class FutureTest {
    private final List<String> events = new ArrayList<>();

    @Test
    @DisplayName("get and join in a body await, and let others run")
    void getAndJoinAwait() {
        VirtualTime.run(() -> {
            var other = createTask(() -> {
                events.add("other");
                return sleep(seconds(2), "result").await();
            });
            assertEquals("got", sleep(seconds(1), "got").get());
            events.add("main");
            assertEquals("result", other.join());
            assertEquals("result", other.get(1, TimeUnit.SECONDS));
            return null;
        });
        assertEquals(List.of("other", "main"), events);
    }

    @Test
    @DisplayName("get with a timeout gives up waiting, and the call goes on")
    void getWithTimeout() {
        VirtualTime.run(() -> {
            var slow = createTask(() -> sleep(seconds(2), "slow").await());
            assertThrows(TimeoutException.class, () -> slow.get(1, TimeUnit.SECONDS));
            return assertDoesEqual("slow", slow.await());
        });
    }

    private static String assertDoesEqual(String expected, String actual) {
        assertEquals(expected, actual);
        return actual;
    }

    @Test
    @DisplayName("await, get and join throw what the body threw, with the body's frames")
    void unwrapped() {
        VirtualTime.run(() -> {
            var failing = createTask(this::fail);
            var thrown = assertThrows(IOException.class, failing::await);
            assertSame(thrown, assertThrows(IOException.class, failing::get));
            assertSame(thrown, assertThrows(IOException.class, failing::join));
            assertTrue(
                    Arrays.stream(thrown.getStackTrace()).anyMatch(frame -> frame.getMethodName().equals("fail")
                            && frame.getClassName().equals(FutureTest.class.getName())),
                    () -> Arrays.toString(thrown.getStackTrace()));
            return null;
        });
    }

    private String fail() throws IOException {
        sleep(Duration.ZERO).await();
        throw new IOException("the body's");
    }

    @Test
    @DisplayName("run throws what its body threw")
    void runThrows() {
        var thrown = assertThrows(IOException.class, () -> Asyncio.run(this::fail));
        assertEquals("the body's", thrown.getMessage());
    }

    @Test
    @DisplayName("a future that was awaited in place keeps its result")
    void keepsItsResult() {
        VirtualTime.run(() -> {
            var slept = sleep(seconds(1), "slept");
            assertFalse(slept.isDone());
            assertEquals("slept", slept.await());
            assertTrue(slept.isDone());
            assertFalse(slept.isCompletedExceptionally());
            assertEquals("slept", slept.await());
            assertEquals("slept", slept.getNow("absent"));
            return null;
        });
    }

    @Test
    @DisplayName("one body may await what another awaits in place")
    void sharedInPlace() {
        VirtualTime.run(() -> {
            var shared = new ArrayList<Future<String>>();
            var other = createTask(() -> shared.get(0).await());
            shared.add(sleep(seconds(1), "shared"));
            assertEquals("shared", shared.get(0).await());
            return assertDoesEqual("shared", other.await());
        });
    }

    @Test
    @DisplayName("cancelling what a body awaits in place throws at that await, once")
    void cancelInPlace() {
        VirtualTime.run(() -> {
            var slept = new ArrayList<Future<String>>();
            createTask(() -> slept.get(0).cancel("enough"));
            slept.add(sleep(seconds(1), "slept"));
            var thrown = assertThrows(CancellationException.class, () -> slept.get(0).await());
            assertEquals("enough", thrown.getMessage());
            assertTrue(slept.get(0).isCancelled());
            return assertDoesEqual("goes on", sleep(seconds(1), "goes on").await());
        });
    }

    @Test
    @DisplayName("another thread may block on a future, and gets what CompletableFuture gives")
    void otherThreads() {
        Asyncio.run(() -> {
            var slept = createTask(() -> sleep(Duration.ofMillis(5), "slept").await());
            var failing = createTask(this::fail);
            var outside = CompletableFuture.supplyAsync(() -> {
                assertEquals("slept", slept.join());
                assertThrows(IOException.class, failing::await);
                var wrapped = assertThrows(ExecutionException.class, failing::get);
                return wrapped.getCause().getMessage();
            });
            return assertDoesEqual("the body's", Asyncio.await(outside));
        });
    }

    @Test
    @DisplayName("another thread may cancel a future")
    void cancelFromOtherThread() {
        Asyncio.run(() -> {
            var forever = createTask(() -> sleep(Duration.ofDays(1)).await());
            var outside = CompletableFuture.supplyAsync(() -> forever.cancel("from outside"));
            var thrown = assertThrows(CancellationException.class, forever::await);
            assertEquals("from outside", thrown.getMessage());
            return Asyncio.await(outside);
        });
    }

    @Test
    @DisplayName("dependents run in a turn of their own")
    void dependents() {
        VirtualTime.run(() -> {
            var task = createTask(() -> {
                events.add("body");
                return "result";
            });
            task.thenAccept(result -> events.add("dependent"));
            createTask(() -> {
                events.add("other");
                return null;
            });
            sleep(seconds(1)).await();
            return null;
        });
        assertEquals(List.of("body", "other", "dependent"), events);
    }

    @Test
    @DisplayName("nobody but its call completes a future")
    void completionIsRefused() {
        VirtualTime.run(() -> {
            var slept = sleep(seconds(1), "slept");
            assertThrows(UnsupportedOperationException.class, () -> slept.complete("sooner"));
            assertThrows(UnsupportedOperationException.class, () -> slept.completeExceptionally(new IOException()));
            assertThrows(UnsupportedOperationException.class, () -> slept.orTimeout(1, TimeUnit.SECONDS));
            return assertDoesEqual("slept", slept.await());
        });
    }
}
