// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.ReturnWhen;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.asCompleted;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.gatherResults;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.shield;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.waitFor;
import static dev.simul.facade.Asyncio.waitOn;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class WaitingTest {
    private final List<String> events = new ArrayList<>();

    private Task<String> after(long seconds, String result) {
        return createTask(() -> {
            String slept = sleep(seconds(seconds), result).await();
            events.add(slept);
            return slept;
        });
    }

    private static Task<String> failingAfter(long seconds) {
        return createTask(() -> {
            sleep(seconds(seconds)).await();
            throw new IOException("after " + seconds);
        });
    }

    // gatherResults

    @Test
    @DisplayName("gatherResults gives the futures it was given, all of them done, and throws nothing")
    void gatherResultsOfAllKinds() {
        VirtualTime.run(() -> {
            var fine = after(1, "fine");
            var failing = failingAfter(2);
            var cancelled = after(9, "never");
            cancelled.cancel("no need");
            List<Task<String>> ended = gatherResults(fine, failing, cancelled).await();
            assertEquals(List.of(fine, failing, cancelled), ended);
            assertSame(fine, ended.get(0));
            assertEquals("fine", ended.get(0).result());
            assertNull(ended.get(0).exception());
            assertEquals("after 2", ended.get(1).exception().getMessage());
            assertThrows(IOException.class, ended.get(1)::result);
            assertTrue(ended.get(2).isCancelled());
        });
    }

    @Test
    @DisplayName("gatherResults takes a list, also of calls, and the same one twice")
    void gatherResultsOfAList() {
        VirtualTime.run(() -> {
            var call = sleep(seconds(1), "call");
            var ended = gatherResults(List.of(call, call)).await();
            assertEquals(List.of("call", "call"), List.of(ended.get(0).result(), ended.get(1).result()));
        });
    }

    @Test
    @DisplayName("cancelling gatherResults cancels all, and is thrown when they have ended")
    void gatherResultsCancelled() {
        VirtualTime.run(() -> {
            var slow = after(9, "slow");
            var all = gatherResults(slow);
            createTask(() -> all.cancel("enough"));
            assertThrows(CancellationException.class, all::await);
            assertTrue(slow.isCancelled());
        });
    }

    @Test
    @DisplayName("cancelling gather cancels all that are not done")
    void gatherCancelled() {
        VirtualTime.run(() -> {
            var slow = after(9, "slow");
            var all = gather(List.of(slow));
            sleep(seconds(1)).await();
            assertTrue(all.cancel(null));
            assertThrows(CancellationException.class, all::await);
            assertTrue(slow.isCancelled());
        });
    }

    @Test
    @DisplayName("gather runs bodies as tasks, in the order of the arguments")
    void gatherBodies() {
        VirtualTime.run(() -> {
            var results = gather(() -> after(2, "slow").await(), () -> after(1, "fast").await(), () -> "none").await();
            assertEquals(List.of("slow", "fast", "none"), results);
        });
        assertEquals(List.of("fast", "slow"), events);
    }

    // waitOn

    @Test
    @DisplayName("waitOn waits for all, and gives the futures it was given in their order")
    void waitOnAll() {
        VirtualTime.run(() -> {
            var slow = after(2, "slow");
            var fast = after(1, "fast");
            WaitResult<Task<String>> found = waitOn(List.of(slow, fast)).await();
            assertEquals(List.of(slow, fast), List.copyOf(found.done()));
            assertEquals(Set.of(), found.pending());
            assertEquals(List.of("fast", "slow"), events);
        });
    }

    @Test
    @DisplayName("waitOn ends with the first that is done, or with the first that fails")
    void waitOnFirst() {
        VirtualTime.run(() -> {
            var fast = after(1, "fast");
            var failing = failingAfter(2);
            var slow = after(3, "slow");
            var all = List.of(fast, failing, slow);
            assertEquals(Set.of(fast), waitOn(all, ReturnWhen.FIRST_COMPLETED).await().done());
            var found = waitOn(all, ReturnWhen.FIRST_EXCEPTION).await();
            assertEquals(Set.of(fast, failing), found.done());
            assertEquals(Set.of(slow), found.pending());
            assertEquals("after 2", failing.exception().getMessage());
            return slow.await();
        });
    }

    @Test
    @DisplayName("waitOn gives up when the time has passed, which is no error and cancels nothing")
    void waitOnWithTimeout() {
        VirtualTime.run(() -> {
            var slow = after(3, "slow");
            var found = waitOn(List.of(slow), seconds(1)).await();
            assertEquals(Set.of(slow), found.pending());
            assertFalse(slow.isDone());
            return slow.await();
        });
        assertEquals(List.of("slow"), events);
    }

    @Test
    @DisplayName("waitOn nothing is refused")
    void waitOnNothing() {
        VirtualTime.run(() -> assertThrows(
                IllegalArgumentException.class, () -> waitOn(List.<Future<String>>of()).await()));
    }

    // asCompleted

    @Test
    @DisplayName("asCompleted loops over the futures it was given as they are done")
    void asCompletedInALoop() {
        VirtualTime.run(() -> {
            var tasks = List.of(after(3, "late"), after(1, "early"), failingAfter(2));
            var order = new ArrayList<Task<String>>();
            for (Task<String> done : asCompleted(tasks)) {
                assertTrue(done.isDone());
                order.add(done);
            }
            assertEquals(List.of(tasks.get(1), tasks.get(2), tasks.get(0)), order);
            assertEquals("after 2", tasks.get(2).exception().getMessage());
        });
    }

    @Test
    @DisplayName("asCompleted goes on where it stopped, and throws when its time has passed")
    void asCompletedWithTimeout() {
        VirtualTime.run(() -> {
            var fast = after(1, "fast");
            var slow = after(5, "slow");
            var completed = asCompleted(List.of(slow, fast), seconds(2));
            assertSame(fast, completed.iterator().next());
            assertTrue(completed.iterator().hasNext());
            assertThrows(TimeoutException.class, () -> completed.iterator().next());
            assertFalse(completed.iterator().hasNext());
            return slow.await();
        });
    }

    // waitFor

    @Test
    @DisplayName("waitFor gives the result in time, or cancels and waits for the end")
    void waitForAFuture() {
        VirtualTime.run(() -> {
            assertEquals("fast", waitFor(after(1, "fast"), seconds(2)).await());
            assertEquals("any", waitFor(after(1, "any"), null).await());
            var stubborn = createTask(() -> {
                try {
                    return sleep(seconds(9), "never").await();
                } finally {
                    sleep(seconds(3)).await();
                    events.add("cleaned up");
                }
            });
            var start = getRunningLoop().time();
            assertThrows(TimeoutException.class, () -> waitFor(stubborn, seconds(1)).await());
            assertEquals(seconds(4), getRunningLoop().time().minus(start));
            assertTrue(stubborn.isCancelled());
        });
        assertEquals(List.of("fast", "any", "cleaned up"), events);
    }

    @Test
    @DisplayName("waitFor runs a body in place, and does not start one that has no time")
    void waitForABody() {
        VirtualTime.run(() -> {
            var task = currentTask();
            assertSame(task, waitFor(() -> currentTask(), seconds(1)).await());
            assertThrows(TimeoutException.class, () -> waitFor(() -> sleep(seconds(2)).await(), seconds(1)).await());
            assertThrows(TimeoutException.class, () -> waitFor(() -> events.add("begun"), Duration.ZERO).await());
        });
        assertEquals(List.of(), events);
    }

    // shield

    @Test
    @DisplayName("what is shielded outlives the cancellation of who waits for it")
    void shieldAFuture() {
        VirtualTime.run(() -> {
            var inner = after(2, "inner");
            var outer = createTask(() -> shield(inner).await());
            sleep(seconds(1)).await();
            outer.cancel("outer only");
            assertThrows(CancellationException.class, outer::await);
            assertFalse(inner.isDone());
            assertEquals("inner", inner.await());
        });
    }

    @Test
    @DisplayName("a shielded body runs as a task")
    void shieldABody() {
        VirtualTime.run(() -> {
            var shielded = shield(() -> {
                events.add("task");
                return sleep(seconds(1), "shielded").await();
            });
            events.add("main");
            assertEquals("shielded", shielded.await());
        });
        assertEquals(List.of("main", "task"), events);
    }
}
