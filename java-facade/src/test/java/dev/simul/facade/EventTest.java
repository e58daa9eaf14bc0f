// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class EventTest {
    private final List<String> events = new ArrayList<>();
    private final Event event = new Event();

    private boolean waitAs(String name) {
        boolean result = event.waitUntilSet().await();
        events.add(name);
        return result;
    }

    @Test
    @DisplayName("setting it wakes all that wait, in the order they came")
    void set() {
        VirtualTime.run(() -> {
            var a = createTask(() -> waitAs("a"));
            var b = createTask(() -> waitAs("b"));
            sleep(seconds(1)).await();
            assertFalse(event.isSet());
            assertEquals("<Event [unset, waiters:2]>", event.toString());
            event.set();
            assertEquals(List.of(true, true), gather(a, b).await());
            assertTrue(event.waitUntilSet().await());
        });
        assertEquals(List.of("a", "b"), events);
    }

    @Test
    @DisplayName("clearing it makes tasks wait again")
    void clear() {
        VirtualTime.run(() -> {
            event.set();
            event.clear();
            var waiting = createTask(() -> waitAs("a"));
            sleep(seconds(1)).await();
            assertFalse(waiting.isDone());
            event.set();
            return waiting.await();
        });
    }
}
