// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RateLimiterTest {
    private final List<String> events = new ArrayList<>();

    private Void enter(RateLimiter limiter, String name) {
        limiter.acquire().await();
        events.add(name + " at " + getRunningLoop().time());
        return null;
    }

    @Test
    @DisplayName("as many enter at once as a window has, and the others in their order")
    void order() {
        VirtualTime.run(() -> {
            var limiter = new RateLimiter(2, seconds(1));
            return gather(
                    createTask(() -> enter(limiter, "a")),
                    createTask(() -> enter(limiter, "b")),
                    createTask(() -> enter(limiter, "c"))).await();
        });
        assertEquals(List.of("a at PT0S", "b at PT0S", "c at PT1S"), events);
    }

    @Test
    @DisplayName("a cancelled waiter gives its place to the next")
    void cancelled() {
        VirtualTime.run(() -> {
            var limiter = new RateLimiter(1, seconds(5));
            assertFalse(limiter.locked());
            enter(limiter, "a");
            assertTrue(limiter.locked());
            var b = createTask(() -> enter(limiter, "b"));
            var c = createTask(() -> enter(limiter, "c"));
            sleep(seconds(1)).await();
            assertEquals("<RateLimiter [1 per 5s, waiters:2]>", limiter.toString());
            b.cancel();
            return c.await();
        });
        assertEquals(List.of("a at PT0S", "c at PT5S"), events);
    }

    @Test
    @DisplayName("it is an async context manager")
    void manager() {
        VirtualTime.run(() -> {
            var limiter = new RateLimiter(1, seconds(1));
            assertEquals("first", asyncWith(limiter, nothing -> "first").await());
            limiter.aenter();
            assertFalse(limiter.aexit(null));
            assertEquals(seconds(1), getRunningLoop().time());
            return null;
        });
    }

    @Test
    @DisplayName("a window without entries or length is refused")
    void refused() {
        assertThrows(IllegalArgumentException.class, () -> new RateLimiter(0, seconds(1)));
        assertThrows(IllegalArgumentException.class, () -> new RateLimiter(1, Duration.ZERO));
    }
}
