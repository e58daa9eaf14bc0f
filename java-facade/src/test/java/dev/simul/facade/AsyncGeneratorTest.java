// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.TaskRegistryKt;
import dev.simul.context.ContextVar;
import dev.simul.exceptions.GeneratorExit;
import dev.simul.exceptions.StopAsyncIteration;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static dev.simul.facade.Asyncio.asyncGenerator;
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

class AsyncGeneratorTest {
    private final List<String> events = new ArrayList<>();

    /** Counts to {@code n}, a second apart, and cleans up for a second. */
    private AsyncGenerator<Integer, String> count(int n) {
        return asyncGenerator(gen -> {
            try {
                for (int i = 1; i <= n; i++) {
                    sleep(seconds(1)).await();
                    String sent = gen.yield(i);
                    if (sent != null) {
                        events.add("sent " + sent);
                    }
                }
            } finally {
                events.add("cleans up");
                sleep(seconds(1)).await();
                events.add("clean");
            }
        });
    }

    @Test
    @DisplayName("a for loop awaits each item in place")
    void forLoop() {
        var clock = new VirtualClock();
        clock.run(() -> {
            for (int i : count(3)) {
                events.add(i + " after " + clock.now().toSeconds());
            }
            return events.add("end after " + clock.now().toSeconds());
        });
        assertEquals(List.of("1 after 1", "2 after 2", "3 after 3", "cleans up", "clean", "end after 4"), events);
    }

    @Test
    @DisplayName("nothing runs until the first item is asked for")
    void lazy() {
        VirtualTime.run(() -> {
            var generator = count(1);
            sleep(seconds(5)).await();
            assertEquals("<AsyncGenerator created>", generator.toString());
            assertNull(generator.aclose().await());
        });
        assertEquals(List.of(), events);
    }

    @Test
    @DisplayName("yield returns what was sent")
    void asend() {
        VirtualTime.run(() -> {
            var generator = count(2);
            assertThrows(IllegalArgumentException.class, () -> generator.asend("too early").await());
            assertEquals(1, generator.asend(null).await());
            assertEquals(2, generator.asend("hello").await());
            assertThrows(StopAsyncIteration.class, () -> generator.asend("bye").await());
        });
        assertEquals(List.of("sent hello", "sent bye", "cleans up", "clean"), events);
    }

    @Test
    @DisplayName("yield throws what was thrown in, checked or not")
    void athrow() {
        VirtualTime.run(() -> {
            AsyncGenerator<String, Void> generator = asyncGenerator(gen -> {
                try {
                    gen.yield("first");
                } catch (IllegalStateException e) {
                    gen.yield("caught " + e.getMessage());
                }
            });
            assertEquals("first", generator.anext().await());
            assertEquals("caught boom", generator.athrow(new IllegalStateException("boom")).await());
            var failure = new IOException("gone");
            assertSame(failure, assertThrows(IOException.class, () -> generator.athrow(failure).await()));
            assertNull(generator.athrow(failure).await());
        });
    }

    @Test
    @DisplayName("anext gives the items one by one, and a default at the end")
    void anext() {
        VirtualTime.run(() -> {
            var generator = count(2);
            assertEquals(1, generator.anext().await());
            assertEquals(2, generator.anext(-1).await());
            assertEquals(-1, generator.anext(-1).await());
            assertThrows(StopAsyncIteration.class, () -> generator.anext().await());
        });
    }

    @Test
    @DisplayName("what the body throws reaches the loop as it is")
    void failure() {
        var failure = new IOException("boom");
        VirtualTime.run(() -> {
            AsyncIterable<Integer> generator = asyncGenerator(gen -> {
                gen.yield(1);
                throw failure;
            });
            assertSame(failure, assertThrows(IOException.class, () -> {
                for (int i : generator) {
                    events.add("got " + i);
                }
            }));
        });
        assertEquals(List.of("got 1"), events);
    }

    @Test
    @DisplayName("a loop that is left early leaves the generator open, and another goes on")
    void breakLeavesItOpen() {
        VirtualTime.run(() -> {
            var generator = count(3);
            for (int i : generator) {
                events.add("first " + i);
                break;
            }
            for (int i : generator) {
                events.add("second " + i);
            }
        });
        assertEquals(List.of("first 1", "second 2", "second 3", "cleans up", "clean"), events);
    }

    @Test
    @DisplayName("try-with-resources closes it, and awaits that")
    void tryWithResources() {
        VirtualTime.run(() -> {
            try (var generator = count(3)) {
                for (int i : generator) {
                    events.add("got " + i);
                    break;
                }
            }
            return events.add("after");
        });
        assertEquals(List.of("got 1", "cleans up", "clean", "after"), events);
    }

    @Test
    @DisplayName("one that is left open is closed when the loop shuts down")
    void shutdown() {
        VirtualTime.run(() -> {
            count(3).anext().await();
            return events.add("main ends");
        });
        assertEquals(List.of("main ends", "cleans up", "clean"), events);
    }

    @Test
    @Timeout(60)
    @DisplayName("one that nobody refers to any more is closed by the loop")
    void collected() {
        Asyncio.run(() -> {
            count(3).anext().await();
            while (!events.contains("cleans up")) {
                System.gc();
                sleep(Duration.ofMillis(5)).await();
            }
        });
    }

    @Test
    @DisplayName("a body that yields when it is closed is refused")
    void ignoresExit() {
        var reported = new ArrayList<String>();
        VirtualTime.run(() -> {
            // What refuses to close is closed once more with the loop.
            getRunningLoop().setExceptionHandler((loop, context) -> reported.add(context.message()));
            AsyncGenerator<Integer, Void> generator = asyncGenerator(gen -> {
                try {
                    gen.yield(1);
                } catch (GeneratorExit e) {
                    gen.yield(2);
                }
            });
            generator.anext().await();
            assertThrows(IllegalStateException.class, () -> generator.aclose().await());
        });
        assertEquals(1, reported.size());
        assertTrue(reported.get(0).startsWith("an error occurred during closing of asynchronous generator"), reported.get(0));
    }

    @Test
    @DisplayName("cancelling the task that waits for an item throws at the body's await")
    void cancelled() {
        VirtualTime.run(() -> {
            AsyncGenerator<Integer, Void> generator = asyncGenerator(gen -> {
                try {
                    sleep(seconds(10)).await();
                } catch (CancellationException e) {
                    events.add("cancelled");
                    throw e;
                }
            });
            var task = createTask(() -> generator.anext().await());
            sleep(seconds(1)).await();
            task.cancel(false);
            assertThrows(CancellationException.class, task::await);
        });
        assertEquals(List.of("cancelled"), events);
    }

    @Test
    @DisplayName("its body runs as a part of the task that asks, with its context variables")
    void runsInTheAskingTask() {
        var variable = new ContextVar<String>("variable", "unset");
        VirtualTime.run(() -> {
            AsyncGenerator<Object, Void> generator = asyncGenerator(gen -> {
                while (true) {
                    gen.yield(List.of(TaskRegistryKt.currentTask(null).getName(), variable.get()));
                    sleep(seconds(1)).await();
                }
            });
            for (String name : List.of("a", "b")) {
                createTask(name, () -> {
                    variable.set(name);
                    assertEquals(List.of(name, name), generator.anext().await());
                }).await();
            }
            return generator.aclose().await();
        });
    }

    @Test
    @DisplayName("a call that its body makes and does not await starts when it yields")
    void pendingCall() {
        VirtualTime.run(() -> {
            AsyncIterable<Integer> generator = asyncGenerator(gen -> {
                createTask(() -> events.add("task"));
                gen.yield(1);
            });
            for (int i : generator) {
                events.add("got " + i);
                sleep(seconds(1)).await();
            }
        });
        assertEquals(List.of("got 1", "task"), events);
    }

    @Test
    @DisplayName("only one task at a time can ask")
    void busy() {
        VirtualTime.run(() -> {
            var generator = count(1);
            var first = createTask(() -> generator.anext().await());
            sleep(Duration.ZERO).await();
            assertThrows(IllegalStateException.class, () -> generator.anext().await());
            return first.await();
        });
    }

    @Test
    @DisplayName("an iterator looks ahead by one item, and no further")
    void iterator() {
        VirtualTime.run(() -> {
            var items = count(2).iterator();
            assertTrue(items.hasNext());
            assertTrue(items.hasNext());
            assertEquals(1, items.next());
            assertEquals(2, items.next());
            assertFalse(items.hasNext());
            assertThrows(NoSuchElementException.class, items::next);
        });
    }

    @Test
    @DisplayName("generators feed on each other")
    void pipeline() {
        List<Integer> squares = VirtualTime.run(() -> {
            AsyncIterable<Integer> squared = asyncGenerator(gen -> {
                for (int i : count(3)) {
                    gen.yield(i * i);
                }
            });
            List<Integer> items = new ArrayList<>();
            squared.forEach(items::add);
            return items;
        });
        assertEquals(List.of(1, 4, 9), squares);
    }

    @Test
    @DisplayName("outside a body nothing can be asked for")
    void outside() {
        assertThrows(IllegalStateException.class, () -> count(1).iterator().hasNext());
        assertThrows(IllegalStateException.class, () -> count(1).anext());
    }

    @Test
    @DisplayName("anything with aclose can be a resource")
    void asyncCloseable() {
        VirtualTime.run(() -> {
            AsyncCloseable closeable = () -> sleep(seconds(1));
            try (closeable) {
                events.add("open");
            }
        });
        assertEquals(List.of("open"), events);
    }
}
