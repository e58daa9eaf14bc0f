// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import dev.simul.observe.Stalling;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import kotlin.Unit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.newEventLoop;
import static dev.simul.facade.Asyncio.sleep;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StallTest {
    static List<Carrier> carriers() {
        return Carrier.available();
    }

    private static EventLoop watchedLoop(Carrier carrier) {
        var loop = newEventLoop();
        loop.setCarrier(carrier);
        loop.setStallThreshold(Duration.ofMillis(40));
        return loop;
    }

    private static void middle(Stalling stalling) {
        await(sleep(Duration.ofMillis(1)));
        innermost(stalling);
    }

    private static void innermost(Stalling stalling) {
        stalling.hold();
    }

    @ParameterizedTest
    @MethodSource("carriers")
    @DisplayName("a body that holds the loop is reported while it does, with its lines and those who await it, and when it has ended")
    void stall(Carrier carrier) {
        var log = Stalling.logOf(stalling -> {
            Asyncio.run(null, () -> watchedLoop(carrier), () -> {
                var stuck = createTask(new TaskOptions().name(Stalling.TASK), () -> middle(stalling));
                return await(createTask(new TaskOptions().name("waiting"), () -> await(stuck)));
            });
            return Unit.INSTANCE;
        });
        assertEquals(2, log.size(), log::toString);
        var stack = log.get(0).lines().filter(line -> line.contains("StallTest.java")).toList();
        assertTrue(stack.get(0).startsWith("  |   dev.simul.facade.StallTest.innermost(StallTest.java:"), stack::toString);
        assertTrue(stack.get(1).startsWith("  |   dev.simul.facade.StallTest.middle(StallTest.java:"), stack::toString);
        assertTrue(log.get(0).contains("     * Task(name='waiting', id=0x"), log::toString);
        assertFalse(log.get(0).contains("dev.simul.loop."), log::toString);
        assertFalse(log.get(0).contains("dev.simul.facade.Asyncio."), log::toString);
        assertTrue(log.get(1).startsWith("Task 'stuck' held its event loop for about "), log::toString);
    }

    private static Void keep(ReentrantLock lock) {
        lock.lock();
        try {
            return await(sleep(Duration.ofMillis(10)));
        } finally {
            lock.unlock();
        }
    }

    @Test
    @DisplayName("a lock that another body holds while it awaits is reported with its owner, where the JVM tells it")
    void lock() {
        var lock = new ReentrantLock();
        var log = Stalling.logOf(stalling -> {
            Asyncio.run(null, () -> watchedLoop(Carrier.PLATFORM), () -> {
                var keeper = createTask(new TaskOptions().name("keeper"), () -> keep(lock));
                var stuck = createTask(new TaskOptions().name(Stalling.TASK), () -> {
                    var waiting = Thread.currentThread();
                    new Thread(() -> {
                        stalling.hold();
                        waiting.interrupt();
                    }).start();
                    return assertThrows(InterruptedException.class, lock::lockInterruptibly);
                });
                await(stuck);
                return await(keeper);
            });
            return Unit.INSTANCE;
        });
        assertTrue(log.get(0).contains(", which task 'keeper' (thread 'simul-body-"), log::toString);
        assertTrue(log.get(0).contains("StallTest.keep(StallTest.java:"), log::toString);
    }

    @Test
    @DisplayName("the threshold can be set, and the reports be turned off")
    void threshold() {
        try (var loop = newEventLoop()) {
            loop.setStallThreshold(Duration.ofSeconds(2));
            assertEquals(Duration.ofSeconds(2), loop.stallThreshold());
            loop.setStallThreshold(Duration.ZERO);
            assertNull(loop.stallThreshold());
            loop.setStallThreshold(null);
            assertNull(loop.stallThreshold());
            assertThrows(IllegalArgumentException.class, () -> loop.setStallThreshold(Duration.ofSeconds(-1)));
        }
    }
}
