// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.newEventLoop;
import static dev.simul.facade.Asyncio.sleep;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CarrierTest {
    private static final int FEATURE = Runtime.version().feature();

    static Stream<Carrier> available() {
        return Carrier.available().stream();
    }

    private static EventLoop loopOn(Carrier carrier) {
        var loop = newEventLoop();
        loop.setCarrier(carrier);
        return loop;
    }

    private static <T> T run(Carrier carrier, Callable<T> main) {
        return Asyncio.run(null, () -> loopOn(carrier), main);
    }

    private static void run(Carrier carrier, Action main) {
        Asyncio.run(null, () -> loopOn(carrier), main);
    }

    @Test
    @DisplayName("the JDK's version says which carriers there are, and the fastest is taken")
    void availableHere() {
        var expected = FEATURE >= 24
                ? List.of(Carrier.PLATFORM, Carrier.VIRTUAL, Carrier.PUMPED)
                : FEATURE >= 21 ? List.of(Carrier.PLATFORM, Carrier.VIRTUAL) : List.of(Carrier.PLATFORM);
        assertEquals(expected, Carrier.available());
        try (var loop = newEventLoop()) {
            assertEquals(expected.get(expected.size() - 1), loop.carrier());
            loop.setCarrier(Carrier.PLATFORM);
            assertEquals(Carrier.PLATFORM, loop.carrier());
            for (var carrier : Carrier.values()) {
                if (!expected.contains(carrier)) {
                    assertThrows(IllegalArgumentException.class, () -> loop.setCarrier(carrier));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("as many bodies as the JDK is made for are asleep at once")
    void manyAsleep(Carrier carrier) {
        int bodies = carrier == Carrier.PLATFORM ? 2_000 : 100_000;
        int woken = run(carrier, () -> {
            var asleep = new AtomicInteger();
            var most = new AtomicInteger();
            var gate = Asyncio.<Integer>createFuture();
            var tasks = IntStream.range(0, bodies).mapToObj(i -> createTask(() -> {
                most.accumulateAndGet(asleep.incrementAndGet(), Math::max);
                sleep(Duration.ofMillis(1)).await();
                int one = gate.await();
                asleep.decrementAndGet();
                return one;
            })).toList();
            createTask(() -> {
                gate.setResult(1);
            });
            int sum = gather(tasks).await().stream().mapToInt(Integer::intValue).sum();
            assertEquals(bodies, most.get());
            assertEquals(0, asleep.get());
            return sum;
        });
        assertEquals(bodies, woken);
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("interrupts, eight threads that submit, and bodies that block leave the order of turns as it is")
    void disturbed(Carrier carrier) throws Exception {
        var events = new ArrayList<String>();
        var bodies = ConcurrentHashMap.<Thread>newKeySet();
        var over = new AtomicBoolean();
        Queue<Future<Integer>> submitted = new ConcurrentLinkedQueue<>();
        var disturbers = new ArrayList<Thread>();
        try (var background = Asyncio.open(null, () -> loopOn(carrier))) {
            for (int i = 0; i < 8; i++) {
                var disturber = new Thread(() -> {
                    for (int left = 200; left > 0 && !over.get(); left--) {
                        submitted.add(background.submit(() -> 1));
                        bodies.forEach(Thread::interrupt);
                        Thread.yield();
                    }
                });
                disturber.start();
                disturbers.add(disturber);
            }
            background.submit(() -> gather(List.of(
                    createTask(() -> count("a", events, bodies)),
                    createTask(() -> count("b", events, bodies)),
                    createTask(() -> count("c", events, bodies)))).await()).get();
            over.set(true);
            for (var disturber : disturbers) {
                disturber.join();
            }
            for (var future : submitted) {
                assertEquals(1, future.get());
            }
        }
        var expected = IntStream.range(0, 100).boxed().flatMap(turn -> Stream.of("a" + turn, "b" + turn, "c" + turn)).toList();
        assertEquals(expected, events);
    }

    private static void count(String name, List<String> events, java.util.Set<Thread> bodies) {
        bodies.add(Thread.currentThread());
        for (int turn = 0; turn < 100; turn++) {
            events.add(name + turn);
            if (turn % 40 == 7) {
                blockByMistake();
            }
            sleep(Duration.ZERO).await();
        }
        bodies.remove(Thread.currentThread());
    }

    private static void blockByMistake() {
        try {
            Thread.sleep(2);
        } catch (InterruptedException e) {
            // Somebody has interrupted this body, which is its own affair.
        }
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("a loop that is closed with a thousand waiting bodies has run every finally, and leaves no thread")
    void closedWhileWaiting(Carrier carrier) throws Exception {
        var threads = ConcurrentHashMap.<Thread>newKeySet();
        int[] counts = new int[2];
        var loop = loopOn(carrier);
        loop.setExceptionHandler((ignored, context) -> {});
        for (int i = 0; i < 1000; i++) {
            loop.createTask(() -> {
                threads.add(Thread.currentThread());
                counts[0]++;
                try {
                    return createFuture().await();
                } finally {
                    counts[1]++;
                }
            });
        }
        loop.stop();
        loop.runForever();
        assertEquals(1000, counts[0]);
        assertEquals(0, counts[1]);
        loop.close();
        assertEquals(1000, counts[1]);
        for (var thread : threads) {
            if (carrier == Carrier.PLATFORM) {
                assertTrue(Stream.of(thread.getStackTrace()).noneMatch(it -> it.getClassName().endsWith("CarrierTest")));
            } else {
                thread.join();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("the loop's own carrier is asked for inside it")
    void asked(Carrier carrier) {
        assertEquals(carrier, run(carrier, () -> getRunningLoop().carrier()));
    }
}
