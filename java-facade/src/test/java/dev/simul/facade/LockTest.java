// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LockTest {
    private final List<String> events = new ArrayList<>();
    private final Lock lock = new Lock();

    private String work(String name) {
        try (var held = lock.hold()) {
            events.add(name + " begins");
            sleep(seconds(1)).await();
            events.add(name + " ends");
        }
        return name;
    }

    @Test
    @DisplayName("try-with-resources holds the lock to its end, and tasks get it in the order they asked")
    void hold() {
        VirtualTime.run(() -> gather(createTask(() -> work("a")), createTask(() -> work("b"))).await());
        assertEquals(List.of("a begins", "a ends", "b begins", "b ends"), events);
    }

    @Test
    @DisplayName("what is held is released once, also when the block throws")
    void heldIsReleasedOnce() {
        VirtualTime.run(() -> {
            var held = lock.hold();
            held.close();
            var other = lock.hold();
            held.close();
            assertTrue(lock.locked());
            other.close();
            assertThrows(IllegalArgumentException.class, () -> {
                try (var third = lock.hold()) {
                    throw new IllegalArgumentException("boom");
                }
            });
            assertFalse(lock.locked());
        });
    }

    @Test
    @DisplayName("closing what is held tells when somebody else has released it")
    void heldIsReleasedBySomebodyElse() {
        VirtualTime.run(() -> {
            var held = lock.hold();
            lock.release();
            assertThrows(IllegalStateException.class, held::close);
        });
    }

    @Test
    @DisplayName("acquire and release are asyncio's")
    void acquireAndRelease() {
        VirtualTime.run(() -> {
            assertFalse(lock.locked());
            assertTrue(lock.acquire().await());
            assertTrue(lock.locked());
            var second = createTask(() -> lock.acquire().await());
            sleep(seconds(0)).await();
            assertEquals("<Lock [locked, waiters:1]>", lock.toString());
            lock.release();
            assertTrue(second.await());
            lock.release();
            assertThrows(IllegalStateException.class, lock::release);
        });
    }

    @Test
    @DisplayName("a task that is cancelled while it waits does not get the lock")
    void cancelled() {
        VirtualTime.run(() -> {
            try (var held = lock.hold()) {
                var waiting = createTask(() -> work("late"));
                sleep(seconds(1)).await();
                waiting.cancel(false);
                assertThrows(CancellationException.class, waiting::await);
            }
            assertFalse(lock.locked());
        });
        assertEquals(List.of(), events);
    }

    @Test
    @DisplayName("it is a context manager")
    void contextManager() {
        VirtualTime.run(() -> {
            boolean held = asyncWith(lock, nothing -> {
                assertNull(nothing);
                return lock.locked();
            }).await();
            assertTrue(held);
            assertFalse(lock.locked());
            assertNull(lock.aenter());
            assertFalse(lock.aexit(null));
        });
    }

    @Test
    @DisplayName("holding it needs a body")
    void needsABody() {
        assertThrows(IllegalStateException.class, lock::hold);
    }
}
