// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.ArrayList;
import java.util.List;
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

class SemaphoreTest {
    private final List<String> events = new ArrayList<>();

    private void work(Semaphore semaphore, String name) {
        try (var held = semaphore.hold()) {
            events.add(name);
            sleep(seconds(1)).await();
        }
        events.add(name + " done");
    }

    @Test
    @DisplayName("as many tasks at a time hold it as it has permits")
    void hold() {
        VirtualTime.run(() -> {
            var semaphore = new Semaphore(2);
            return gather(
                    createTask(() -> work(semaphore, "a")),
                    createTask(() -> work(semaphore, "b")),
                    createTask(() -> work(semaphore, "c"))).await();
        });
        assertEquals(List.of("a", "b", "a done", "b done", "c", "c done"), events);
    }

    @Test
    @DisplayName("it has one permit unless told otherwise, and more when more are released")
    void acquireAndRelease() {
        VirtualTime.run(() -> {
            var semaphore = new Semaphore();
            assertTrue(semaphore.acquire().await());
            assertTrue(semaphore.locked());
            semaphore.release();
            semaphore.release();
            assertFalse(semaphore.locked());
            assertEquals("<Semaphore [unlocked, value:2]>", semaphore.toString());
        });
    }

    @Test
    @DisplayName("a bounded one refuses more releases than acquisitions")
    void bounded() {
        VirtualTime.run(() -> {
            var semaphore = new BoundedSemaphore();
            try (var held = semaphore.hold()) {
                assertTrue(semaphore.locked());
            }
            assertThrows(IllegalArgumentException.class, semaphore::release);
            var two = new BoundedSemaphore(2);
            two.acquire().await();
            two.release();
            assertThrows(IllegalArgumentException.class, two::release);
        });
    }

    @Test
    @DisplayName("a bounded one is refused by its own release also at the end of a block")
    void boundedInABlock() {
        VirtualTime.run(() -> {
            var semaphore = new BoundedSemaphore();
            var held = semaphore.hold();
            semaphore.release();
            assertThrows(IllegalArgumentException.class, held::close);
        });
    }

    @Test
    @DisplayName("it is a context manager")
    void contextManager() {
        VirtualTime.run(() -> {
            var semaphore = new Semaphore(1);
            assertTrue(asyncWith(semaphore, nothing -> semaphore.locked()).await());
            assertNull(semaphore.aenter());
            assertFalse(semaphore.aexit(null));
            assertFalse(semaphore.locked());
        });
    }

    @Test
    @DisplayName("it cannot have less than no permits")
    void negative() {
        assertThrows(IllegalArgumentException.class, () -> new Semaphore(-1));
        assertThrows(IllegalArgumentException.class, () -> new BoundedSemaphore(-1));
    }
}
