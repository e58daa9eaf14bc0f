// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TaskTest {
    private final List<String> events = new ArrayList<>();

    @Test
    @DisplayName("a request to cancel needs no message")
    void withoutMessage() {
        VirtualTime.run(() -> {
            var task = createTask(() -> sleep(seconds(10)).await());
            sleep(Duration.ZERO).await();
            assertTrue(task.cancel());
            assertNull(assertThrows(CancellationException.class, task::await).getMessage());
            assertFalse(task.cancel());
        });
    }

    @Test
    @DisplayName("a cancellation is thrown once: a body may catch it and go on")
    void cancelIsSwallowed() {
        String result = VirtualTime.run(() -> {
            var task = createTask(() -> {
                try {
                    return sleep(seconds(10), "slept").await();
                } catch (CancellationException e) {
                    events.add(e.getMessage());
                }
                return sleep(seconds(1), "went on").await();
            });
            sleep(seconds(1)).await();
            assertTrue(task.cancel("stop"));
            String went = task.await();
            assertFalse(task.isCancelled());
            assertFalse(task.cancel("too late"));
            return went;
        });
        assertEquals("went on", result);
        assertEquals(List.of("stop"), events);
    }

    @Test
    @DisplayName("a task that lets the cancellation pass ends cancelled, and its finally blocks may await")
    void cancelled() {
        VirtualTime.run(() -> {
            var task = createTask(() -> {
                try {
                    return sleep(seconds(10)).await();
                } finally {
                    sleep(seconds(1)).await();
                    events.add("cleaned up");
                }
            });
            sleep(Duration.ZERO).await();
            assertTrue(task.cancel(true));
            assertThrows(CancellationException.class, task::await);
            assertTrue(task.isCancelled());
            assertTrue(task.isCompletedExceptionally());
        });
        assertEquals(List.of("cleaned up"), events);
    }

    @Test
    @DisplayName("a task that is cancelled before its first turn never starts")
    void cancelledBeforeStart() {
        VirtualTime.run(() -> {
            var task = createTask(() -> events.add("started"));
            task.cancel(null);
            return assertThrows(CancellationException.class, task::await);
        });
        assertEquals(List.of(), events);
    }

    @Test
    @DisplayName("cancelling a waiting task cancels what it waits for")
    void cancelReachesTheAwaited() {
        VirtualTime.run(() -> {
            var inner = createTask(() -> sleep(seconds(10)).await());
            var outer = createTask(inner::await);
            sleep(seconds(1)).await();
            outer.cancel("both");
            assertThrows(CancellationException.class, outer::await);
            assertTrue(inner.isCancelled());
        });
    }

    @Test
    @DisplayName("run cancels the tasks that its body leaves behind")
    void runEndsTheRest() {
        VirtualTime.run(() -> {
            createTask(() -> {
                try {
                    return sleep(seconds(10)).await();
                } finally {
                    events.add("ended");
                }
            });
            return sleep(seconds(1)).await();
        });
        assertEquals(List.of("ended"), events);
    }

    @Test
    @DisplayName("a task has the name it was given, or a number")
    void names() {
        VirtualTime.run(() -> {
            var named = createTask("worker", () -> "named");
            assertEquals("worker", named.getName());
            named.setName("renamed");
            assertEquals("renamed", named.getName());
            assertTrue(createTask(() -> "numbered").getName().matches("Task-\\d+"));
            return named.await();
        });
    }

    @Test
    @DisplayName("a task counts the requests to cancel it, and takes them back")
    void uncancel() {
        VirtualTime.run(() -> {
            var task = createTask(() -> {
                assertThrows(CancellationException.class, () -> sleep(seconds(10)).await());
                assertEquals(1, currentTask().cancelling());
                assertEquals(0, currentTask().uncancel());
                return sleep(seconds(1), "went on").await();
            });
            sleep(seconds(1)).await();
            task.cancel("stop");
            assertEquals(1, task.cancelling());
            assertEquals("went on", task.await());
            assertEquals(0, task.cancelling());
        });
    }

    @Test
    @DisplayName("a callback of the loop makes tasks too")
    void madeInACallback() {
        VirtualTime.run(() -> {
            Future<Task<String>> made = Asyncio.createFuture();
            Asyncio.getRunningLoop().callSoon(() -> made.setResult(createTask(() -> "made")));
            assertEquals("made", made.await().await());
        });
    }
}
