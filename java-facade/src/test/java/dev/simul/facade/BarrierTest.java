// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.sync.BrokenBarrierException;
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

class BarrierTest {
    private final Barrier barrier = new Barrier(3);

    @Test
    @DisplayName("a round ends when all have come, and tells each how many came before")
    void round() {
        VirtualTime.run(() -> {
            var first = createTask(() -> barrier.waitForParties().await());
            var second = createTask(() -> asyncWith(barrier, index -> index * 10).await());
            sleep(seconds(1)).await();
            assertEquals(2, barrier.nWaiting());
            assertEquals(3, barrier.parties());
            assertEquals("<Barrier [filling, waiters:2/3]>", barrier.toString());
            int last = barrier.waitForParties().await();
            assertEquals(2, last);
            assertEquals(0, first.await());
            assertEquals(10, second.await());
        });
    }

    @Test
    @DisplayName("a reset sends those away who wait, and an abort everybody until the next reset")
    void resetAndAbort() {
        VirtualTime.run(() -> {
            var waiting = createTask(() -> barrier.waitForParties().await());
            sleep(seconds(1)).await();
            assertNull(barrier.reset().await());
            assertThrows(BrokenBarrierException.class, waiting::await);
            assertFalse(barrier.broken());
            Void nothing = barrier.abort().await();
            assertNull(nothing);
            assertTrue(barrier.broken());
            assertThrows(BrokenBarrierException.class, () -> barrier.waitForParties().await());
            barrier.reset().await();
            assertFalse(barrier.broken());
        });
    }

    @Test
    @DisplayName("it is a context manager")
    void contextManager() {
        VirtualTime.run(() -> {
            var entered = createTask(barrier::aenter);
            gather(createTask(() -> barrier.waitForParties().await()), createTask(() -> barrier.waitForParties().await())).await();
            assertEquals(0, entered.await());
            assertFalse(barrier.aexit(new RuntimeException()));
        });
    }

    @Test
    @DisplayName("it needs a party")
    void noParties() {
        assertThrows(IllegalArgumentException.class, () -> new Barrier(0));
    }
}
