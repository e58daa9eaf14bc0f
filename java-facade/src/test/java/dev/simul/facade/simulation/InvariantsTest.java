// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.simulation;

import dev.simul.simulation.InvariantViolation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.simulation.Simulations.simulate;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class InvariantsTest {
    @Test
    @DisplayName("what must always hold fails in the turn that breaks it, and shows who asked")
    void always() {
        var count = new AtomicInteger();
        var violation = assertThrows(InvariantViolation.class, () -> simulate(1, sim -> {
            sim.always("at most two", () -> count.get() <= 2);
            sim.host("counter", () -> {
                while (true) {
                    await(sleep(ofSeconds(1)));
                    count.incrementAndGet();
                }
            });
            await(sleep(ofSeconds(10)));
        }));
        assertEquals("at most two", violation.invariant());
        assertEquals(3, count.get());
        var message = violation.getMessage();
        assertTrue(message.startsWith("the invariant 'at most two' does not hold at 3s, after turn "), message);
        assertEquals(InvariantsTest.class.getName(), violation.getStackTrace()[0].getClassName());
    }

    @Test
    @DisplayName("it is no longer asked once it is closed")
    void closed() {
        simulate(1, sim -> {
            var asked = new AtomicInteger();
            try (var held = sim.always(() -> asked.incrementAndGet() > 0)) {
                await(sleep(ofSeconds(1)));
            }
            int before = asked.get();
            assertTrue(before > 0);
            await(sleep(ofSeconds(1)));
            assertEquals(before, asked.get());
        });
    }

    @Test
    @DisplayName("who waits for what holds eventually goes on when it does, or fails when the time has passed")
    void eventually() {
        var seen = new ArrayList<Duration>();
        var violation = assertThrows(InvariantViolation.class, () -> simulate(1, sim -> {
            var count = new AtomicInteger();
            sim.host("counter", () -> {
                for (int i = 0; i < 3; i++) {
                    await(sleep(ofSeconds(1)));
                    count.incrementAndGet();
                }
            });
            await(sim.eventually(ofSeconds(10), () -> count.get() == 2));
            seen.add(sim.now());
            var waiting = createTask(() -> await(sim.eventually(ofSeconds(100), () -> false)));
            await(sleep(Duration.ZERO));
            waiting.cancel();
            assertThrows(CancellationException.class, () -> await(waiting));
            await(sim.eventually(ofSeconds(10), "four", () -> count.get() == 4));
        }));
        assertEquals(ofSeconds(2), seen.get(0));
        assertEquals("four", violation.invariant());
        assertEquals("'four' did not hold within 10s, until 12s", violation.getMessage());
        assertEquals(InvariantsTest.class.getName(), violation.getStackTrace()[0].getClassName());
    }
}
