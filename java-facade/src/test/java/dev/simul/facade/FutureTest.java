// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.context.ContextVar;
import dev.simul.exceptions.InvalidStateException;
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
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
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
            });
            sleep(seconds(1)).await();
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

    @Test
    @DisplayName("a created future is completed by anybody, once")
    void created() {
        VirtualTime.run(() -> {
            Future<String> future = createFuture();
            assertSame(getRunningLoop(), future.getLoop());
            assertThrows(InvalidStateException.class, future::result);
            assertThrows(InvalidStateException.class, future::exception);
            createTask(() -> {
                future.setResult("set");
            });
            assertEquals("set", future.await());
            assertEquals("set", future.result());
            assertNull(future.exception());
            assertThrows(InvalidStateException.class, () -> future.setResult("again"));
            assertThrows(InvalidStateException.class, () -> future.setException(new IOException()));
            assertFalse(future.complete("again"));
            assertFalse(future.completeExceptionally(new IOException()));
            assertEquals("<Future finished result=set>", future.toString());

            Future<String> failed = createFuture();
            failed.setException(new IOException("set"));
            assertThrows(IOException.class, failed::await);
            assertThrows(IOException.class, failed::result);
            assertEquals("set", failed.exception().getMessage());

            Future<String> cancelled = createFuture();
            assertTrue(cancelled.completeExceptionally(new CancellationException("given up")));
            assertTrue(cancelled.isCancelled());
            assertEquals("given up", assertThrows(CancellationException.class, cancelled::exception).getMessage());
            assertFalse(cancelled.complete("late"));
        });
    }

    @Test
    @DisplayName("a created future is completed from other threads, by all that CompletableFuture has for it")
    void completedFromElsewhere() {
        Asyncio.run(() -> {
            Future<String> completed = createFuture();
            var first = CompletableFuture.supplyAsync(() -> completed.complete("elsewhere"));
            assertEquals("elsewhere", completed.await());
            assertTrue(Asyncio.await(first));

            Future<String> failed = createFuture();
            CompletableFuture.runAsync(() -> failed.completeExceptionally(new IOException("elsewhere")));
            assertThrows(IOException.class, failed::await);

            Future<String> async = createFuture();
            assertSame(async, async.completeAsync(() -> "supplied"));
            assertEquals("supplied", async.await());
            Future<String> elsewhere = createFuture();
            var executors = new ArrayList<String>();
            elsewhere.completeAsync(() -> "supplied elsewhere", work -> {
                executors.add("mine");
                work.run();
            });
            assertEquals("supplied elsewhere", elsewhere.await());
            assertEquals(List.of("mine"), executors);
            assertEquals(CompletableFuture.class, elsewhere.newIncompleteFuture().getClass());
            Future<String> failing = createFuture();
            failing.completeAsync(() -> {
                throw new IllegalArgumentException("supplied");
            });
            assertThrows(IllegalArgumentException.class, failing::await);

        });
    }

    @Test
    @DisplayName("of many threads that complete a future one does")
    void oneCompletes() {
        Asyncio.run(() -> {
            Future<Integer> future = createFuture();
            var won = new ArrayList<CompletableFuture<Boolean>>();
            for (int i = 0; i < 8; i++) {
                int number = i;
                won.add(CompletableFuture.supplyAsync(() -> future.complete(number)));
            }
            int winner = future.await();
            for (int i = 0; i < 8; i++) {
                assertEquals(i == winner, Asyncio.await(won.get(i)));
            }
        });
    }

    @Test
    @DisplayName("a future whose loop has closed can still be completed, for who blocks on it")
    void completedAfterTheLoop() {
        Future<String> future = Asyncio.run(() -> createFuture());
        assertTrue(future.complete("after all"));
        assertEquals("after all", future.join());
        assertEquals("after all", future.result());
        Future<String> failed = Asyncio.run(() -> createFuture());
        assertTrue(failed.completeExceptionally(new IOException("after all")));
        assertEquals("after all", failed.exception().getMessage());
    }

    @Test
    @DisplayName("done callbacks are called in their order, in a turn of their own, and can be removed")
    void doneCallbacks() {
        var variable = new ContextVar<>("variable", "none");
        var context = new Context();
        context.run(() -> variable.set("given"));
        VirtualTime.run(() -> {
            Future<String> future = createFuture();
            Runnable removed = () -> events.add("removed");
            Consumer<Future<String>> alsoRemoved = it -> events.add("removed");
            future.addDoneCallback(() -> events.add("first"));
            future.addDoneCallback(removed);
            future.addDoneCallback(alsoRemoved);
            future.addDoneCallback(removed);
            future.addDoneCallback(it -> {
                assertSame(future, it);
                events.add(it.result());
            });
            future.addDoneCallback(context, it -> events.add(variable.get()));
            assertEquals(2, future.removeDoneCallback(removed));
            assertEquals(1, future.removeDoneCallback(alsoRemoved));
            future.setResult("result");
            events.add("set");
            sleep(seconds(1)).await();
            future.addDoneCallback(() -> events.add("late"));
            return sleep(seconds(1)).await();
        });
        assertEquals(List.of("set", "first", "result", "given", "late"), events);
    }

    @Test
    @DisplayName("other threads add done callbacks too")
    void doneCallbackFromElsewhere() {
        Asyncio.run(() -> {
            Future<String> called = createFuture();
            var task = createTask(() -> sleep(Duration.ofMillis(5), "task").await());
            CompletableFuture.runAsync(() -> task.addDoneCallback(it -> called.setResult(it.result())));
            return assertDoesEqual("task", called.await());
        });
    }

    @Test
    @DisplayName("a created future that is awaited is cancelled with who awaits it")
    void cancelledWithItsWaiter() {
        VirtualTime.run(() -> {
            Future<String> future = createFuture();
            var waiting = createTask(future::await);
            sleep(seconds(1)).await();
            waiting.cancel(null);
            assertThrows(CancellationException.class, waiting::await);
            assertTrue(future.isCancelled());
        });
    }

    @Test
    @DisplayName("a result is final, and a task's is its body's")
    void refusals() {
        VirtualTime.run(() -> {
            var task = createTask(() -> "task");
            assertThrows(UnsupportedOperationException.class, () -> task.setResult("sooner"));
            assertThrows(UnsupportedOperationException.class, () -> task.setException(new IOException()));
            assertThrows(UnsupportedOperationException.class, () -> task.completeAsync(() -> "sooner"));
            assertThrows(
                    UnsupportedOperationException.class, () -> task.completeOnTimeout("sooner", 1, TimeUnit.SECONDS));
            assertThrows(UnsupportedOperationException.class, () -> task.obtrudeValue("changed"));
            assertThrows(UnsupportedOperationException.class, () -> task.obtrudeException(new IOException()));
            return assertDoesEqual("task", task.await());
        });
    }
}
