// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.TaskRegistryKt;
import dev.simul.context.ContextVar;
import dev.simul.exceptions.GeneratorExit;
import dev.simul.exceptions.StopIteration;
import dev.simul.loop.RunningLoopKt;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static dev.simul.facade.Asyncio.generator;
import static dev.simul.facade.Asyncio.generatorReturning;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.loop.RunningLoopKt.getRunningLoop;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@Timeout(60)
class GeneratorTest {
    private final List<String> events = new CopyOnWriteArrayList<>();

    private Generator<Integer, Integer, Integer> summing(int n) {
        return generatorReturning(gen -> {
            int sum = 0;
            try {
                for (int i = 1; i <= n; i++) {
                    Integer sent = gen.yield(i);
                    sum += sent == null ? i : sent;
                }
            } finally {
                events.add("cleans up");
            }
            return sum;
        });
    }

    @Test
    @DisplayName("a for loop goes through it, without a loop of events")
    void forLoop() {
        for (int i : summing(3)) {
            events.add("got " + i);
        }
        assertEquals(List.of("got 1", "got 2", "got 3", "cleans up"), events);
    }

    @Test
    @DisplayName("next and send run its body up to the next value, and the end tells what it returned")
    void nextAndSend() {
        var generator = summing(2);
        assertEquals(Generator.State.CREATED, generator.state());
        assertThrows(IllegalArgumentException.class, () -> generator.send(5));
        assertEquals(1, generator.next());
        assertEquals(Generator.State.SUSPENDED, generator.state());
        assertEquals("<Generator suspended>", generator.toString());
        assertEquals(2, generator.send(10));
        assertEquals(12, assertThrows(StopIteration.class, generator::next).value());
        assertEquals(Generator.State.CLOSED, generator.state());
        assertNull(assertThrows(StopIteration.class, generator::next).value());
    }

    @Test
    @DisplayName("functions that the body calls may yield as well")
    void deepYield() {
        Generator<Integer, Void, Void> generator = generator(gen -> walk(3, gen));
        List<Integer> depths = new ArrayList<>();
        generator.forEach(depths::add);
        assertEquals(List.of(3, 2, 1, 0, 1, 2, 3), depths);
    }

    private static void walk(int depth, Generator.Scope<Integer, Void> gen) {
        gen.yield(depth);
        if (depth > 0) {
            walk(depth - 1, gen);
            gen.yield(depth);
        }
    }

    @Test
    @DisplayName("yield throws what was thrown in, checked or not")
    void throwIn() {
        Generator<String, Void, Void> generator = generator(gen -> {
            try {
                gen.yield("first");
            } catch (IllegalStateException e) {
                gen.yield("caught " + e.getMessage());
            }
        });
        generator.next();
        assertEquals("caught boom", generator.throwIn(new IllegalStateException("boom")));
        var failure = new IOException("gone");
        assertSame(failure, assertThrows(IOException.class, () -> generator.throwIn(failure)));
        assertEquals(Generator.State.CLOSED, generator.state());
    }

    @Test
    @DisplayName("what the body throws reaches the caller as it is")
    void failure() {
        var failure = new IOException("boom");
        Generator<Integer, Void, Void> generator = generator(gen -> {
            throw failure;
        });
        assertSame(failure, assertThrows(IOException.class, generator::next));
    }

    @Test
    @DisplayName("a StopIteration that escapes from the body is a mistake")
    void stopIteration() {
        Generator<Integer, Void, Void> generator = generator(gen -> {
            throw new StopIteration();
        });
        assertThrows(IllegalStateException.class, generator::next);
    }

    @Test
    @DisplayName("try-with-resources closes it, and close returns what a body does that catches the exit")
    void close() {
        try (var generator = summing(3)) {
            generator.next();
        }
        assertEquals(List.of("cleans up"), events);

        Generator<Integer, Void, String> generator = generatorReturning(gen -> {
            try {
                gen.yield(1);
            } catch (GeneratorExit e) {
                return "closed";
            }
            return "ended";
        });
        generator.next();
        assertEquals("closed", generator.closeAndReturn());
        assertNull(generator.closeAndReturn());
    }

    @Test
    @DisplayName("a body that has not begun never will when it is closed")
    void closeBeforeTheBeginning() {
        var generator = summing(3);
        generator.close();
        assertThrows(StopIteration.class, generator::next);
        assertEquals(List.of(), events);
    }

    @Test
    @DisplayName("a body that yields when it is closed is refused")
    void ignoresExit() {
        Generator<Integer, Void, Void> generator = generator(gen -> {
            while (true) {
                try {
                    gen.yield(1);
                } catch (GeneratorExit e) {
                    gen.yield(2);
                    break;
                }
            }
        });
        generator.next();
        assertThrows(IllegalStateException.class, generator::close);
        assertThrows(GeneratorExit.class, () -> generator.throwIn(new GeneratorExit()));
    }

    @Test
    @DisplayName("it cannot be asked while it runs")
    void reentrant() {
        List<Generator<Integer, Void, Void>> self = new ArrayList<>();
        Generator<Integer, Void, Void> generator = generator(gen -> {
            assertEquals(Generator.State.RUNNING, self.get(0).state());
            self.get(0).next();
        });
        self.add(generator);
        assertThrows(IllegalStateException.class, generator::next);
    }

    @Test
    @DisplayName("yieldFrom hands everything on to another generator, and returns what that returned")
    void yieldFromGenerator() {
        var inner = summing(2);
        Generator<Integer, Integer, String> outer = generatorReturning(gen -> "sum " + gen.yieldFrom(inner));
        assertNull(outer.delegate());
        assertEquals(1, outer.next());
        assertSame(inner, outer.delegate());
        assertEquals(2, outer.send(20));
        assertEquals("sum 22", assertThrows(StopIteration.class, outer::next).value());
        assertNull(outer.delegate());
    }

    @Test
    @DisplayName("closing a generator closes the one it delegates to")
    void closeDelegate() {
        var inner = summing(2);
        Generator<Integer, Integer, Integer> outer = generatorReturning(gen -> gen.yieldFrom(inner));
        outer.next();
        outer.close();
        assertEquals(Generator.State.CLOSED, inner.state());
        assertEquals(List.of("cleans up"), events);
    }

    @Test
    @DisplayName("yieldFrom yields what iterators and iterables have")
    void yieldFromIterator() {
        Iterator<Integer> iterator = List.of(1, 2).iterator();
        Generator<Integer, String, Void> generator = generator(gen -> {
            assertNull(gen.yieldFrom(iterator));
            gen.yieldFrom(List.of(3, 4));
        });
        assertEquals(1, generator.next());
        assertSame(iterator, generator.delegate());
        assertEquals(List.of(2, 3, 4), drain(generator));
    }

    private static <T> List<T> drain(Iterable<T> iterable) {
        List<T> items = new ArrayList<>();
        iterable.forEach(items::add);
        return items;
    }

    @Test
    @DisplayName("its body sees the running loop, the task and the context variables of its caller")
    void standsForItsCaller() {
        var variable = new ContextVar<String>("variable", "unset");
        Generator<String, Void, Void> generator = generator(gen -> {
            while (true) {
                gen.yield(variable.get() + " " + (RunningLoopKt.getRunningLoopOrNull() == null ? "no loop" : currentName()));
                variable.set("set by the generator");
            }
        });
        assertEquals("unset no loop", generator.next());
        VirtualTime.run(() -> {
            assertEquals("set by the generator " + currentName(), generator.next());
            assertEquals("set by the generator", variable.get());
        });
        assertEquals("unset", variable.get());
        generator.close();
        assertNull(RunningLoopKt.getRunningLoopOrNull());
    }

    private static String currentName() {
        return TaskRegistryKt.currentTask(null).getName();
    }

    @Test
    @DisplayName("its body cannot await")
    void cannotAwait() {
        Generator<Integer, Void, Void> generator = generator(gen -> sleep(Duration.ZERO).await());
        VirtualTime.run(() -> {
            assertThrows(IllegalStateException.class, generator::next);
            return sleep(Duration.ZERO).await();
        });
    }

    @Test
    @DisplayName("one that was dropped is closed when it is collected")
    void collected() throws InterruptedException {
        var closed = new CountDownLatch(1);
        dropOne(closed);
        do {
            System.gc();
        } while (!closed.await(10, TimeUnit.MILLISECONDS));
    }

    private static void dropOne(CountDownLatch closed) {
        Generator<Integer, Void, Void> generator = generator(gen -> {
            try {
                gen.yield(1);
            } finally {
                closed.countDown();
            }
        });
        generator.next();
    }

    @Test
    @DisplayName("one that was dropped while its loop runs is closed by the loop")
    void collectedByTheLoop() {
        Asyncio.run(() -> {
            Generator<Integer, Void, Void> generator = generator(gen -> {
                try {
                    gen.yield(1);
                } finally {
                    events.add("on a loop: " + (RunningLoopKt.getRunningLoopOrNull() != null));
                }
            });
            generator.next();
            generator = null;
            while (events.isEmpty()) {
                System.gc();
                sleep(Duration.ofMillis(5)).await();
            }
        });
        assertEquals(List.of("on a loop: true"), events);
    }

    @Test
    @DisplayName("what one that was dropped throws while it is closed is reported to its loop")
    void collectedWithAFailure() {
        Asyncio.run(() -> {
            getRunningLoop().setExceptionHandler((loop, context) -> events.add(context.toString()));
            Generator<Integer, Void, Void> generator = generator(gen -> {
                try {
                    gen.yield(1);
                } finally {
                    throwUnchecked(new IOException("boom"));
                }
            });
            generator.next();
            generator = null;
            while (events.isEmpty()) {
                System.gc();
                sleep(Duration.ofMillis(5)).await();
            }
        });
        assertEquals(List.of("Exception ignored in a generator that was dropped before its end"), events);
    }

    private static void throwUnchecked(Exception exception) {
        throw Sneaky.rethrow(exception);
    }

    @Test
    @DisplayName("a thousand of them may be open at once")
    void many() {
        List<Generator<Integer, Integer, Integer>> generators = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            var generator = summing(2);
            generator.next();
            generators.add(generator);
        }
        generators.forEach(Generator::close);
        assertEquals(1_000, events.size());
        assertFalse(generators.stream().anyMatch(generator -> generator.state() != Generator.State.CLOSED));
    }

    @Test
    @DisplayName("an interrupt of the caller stays the caller's")
    void interrupt() {
        Generator<Boolean, Void, Void> generator = generator(gen -> gen.yield(Thread.currentThread().isInterrupted()));
        Thread.currentThread().interrupt();
        assertFalse(generator.next());
        assertTrue(Thread.interrupted());
    }
}
