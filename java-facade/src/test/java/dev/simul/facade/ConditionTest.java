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

class ConditionTest {
    private final List<String> events = new ArrayList<>();
    private final Condition condition = new Condition();
    private int stock;

    private void waitAs(String name) {
        try (var held = condition.hold()) {
            assertTrue(condition.waitUntilNotified().await());
            assertTrue(condition.locked());
            events.add(name);
        }
    }

    @Test
    @DisplayName("it wakes one, some or all that wait")
    void notifies() {
        VirtualTime.run(() -> {
            List<Future<Void>> waiting = new ArrayList<>();
            for (String name : List.of("a", "b", "c", "d", "e")) {
                waiting.add(createTask(() -> waitAs(name)));
            }
            sleep(seconds(1)).await();
            events.add(condition.toString());
            try (var held = condition.hold()) {
                condition.notifyWaiter();
            }
            sleep(seconds(1)).await();
            events.add("one");
            try (var held = condition.hold()) {
                condition.notifyWaiters(2);
            }
            sleep(seconds(1)).await();
            events.add("two");
            try (var held = condition.hold()) {
                condition.notifyAllWaiters();
            }
            return gather(waiting).await();
        });
        assertEquals(List.of("<Condition [unlocked, waiters:5]>", "a", "one", "b", "c", "two", "d", "e"), events);
    }

    @Test
    @DisplayName("waitFor asks its predicate with the lock held")
    void waitFor() {
        VirtualTime.run(() -> {
            var taker = createTask(() -> {
                try (var held = condition.hold()) {
                    condition.waitFor(() -> condition.locked() && stock > 1).await();
                    return stock;
                }
            });
            for (int i = 0; i < 2; i++) {
                sleep(seconds(1)).await();
                assertFalse(taker.isDone());
                try (var held = condition.hold()) {
                    stock++;
                    condition.notifyWaiter();
                }
            }
            assertEquals(2, taker.await());
        });
    }

    @Test
    @DisplayName("conditions may share a lock")
    void sharedLock() {
        VirtualTime.run(() -> {
            var lock = new Lock();
            var first = new Condition(lock);
            var second = new Condition(lock);
            assertTrue(first.acquire().await());
            assertTrue(second.locked());
            second.release();
            assertFalse(first.locked());
        });
    }

    @Test
    @DisplayName("a cancelled task holds the lock when it goes on")
    void cancelled() {
        VirtualTime.run(() -> {
            var waiting = createTask(() -> {
                try (var held = condition.hold()) {
                    condition.waitUntilNotified().await();
                } catch (CancellationException e) {
                    events.add("cancelled");
                    throw e;
                }
            });
            sleep(seconds(1)).await();
            waiting.cancel(false);
            assertThrows(CancellationException.class, waiting::await);
            assertFalse(condition.locked());
        });
        assertEquals(List.of("cancelled"), events);
    }

    @Test
    @DisplayName("without the lock nobody waits or notifies")
    void refuses() {
        VirtualTime.run(() -> {
            assertThrows(IllegalStateException.class, () -> condition.waitUntilNotified().await());
            assertThrows(IllegalStateException.class, condition::notifyWaiter);
            assertThrows(IllegalStateException.class, () -> condition.notifyWaiters(2));
            assertThrows(IllegalStateException.class, condition::release);
        });
    }

    @Test
    @DisplayName("it is a context manager")
    void contextManager() {
        VirtualTime.run(() -> {
            assertTrue(asyncWith(condition, nothing -> condition.locked()).await());
            assertNull(condition.aenter());
            assertFalse(condition.aexit(null));
            assertFalse(condition.locked());
        });
    }
}
