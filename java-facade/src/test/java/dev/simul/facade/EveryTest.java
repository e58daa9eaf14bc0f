// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.repeating.MissedTicks;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.every;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class EveryTest {
    private final List<Duration> times = new ArrayList<>();

    /** The first run takes 2.4 seconds, the fifth fails. */
    private void work() throws IOException {
        times.add(getRunningLoop().time());
        if (times.size() == 1) {
            sleep(Duration.ofMillis(2400)).await();
        }
        if (times.size() == 5) {
            throw new IOException();
        }
    }

    private List<Long> millis() {
        return times.stream().map(Duration::toMillis).toList();
    }

    @Test
    @DisplayName("it begins at once, skips the ticks that it misses, and ends with the body's failure")
    void skips() {
        assertThrows(IOException.class, () -> VirtualTime.run(() -> every(seconds(1), this::work).await()));
        assertEquals(List.of(0L, 3000L, 4000L, 5000L, 6000L), millis());
    }

    @Test
    @DisplayName("it may begin later, and make up for the ticks that it missed")
    void burst() {
        assertThrows(
                IOException.class,
                () -> VirtualTime.run(() -> every(seconds(1), seconds(1), MissedTicks.BURST, this::work).await()));
        assertEquals(List.of(1000L, 3400L, 3400L, 4000L, 5000L), millis());
    }

    @Test
    @DisplayName("its ticks may count anew from the run that was late")
    void delay() {
        assertThrows(
                IOException.class,
                () -> VirtualTime.run(() -> every(seconds(1), Duration.ZERO, MissedTicks.DELAY, this::work).await()));
        assertEquals(List.of(0L, 2400L, 3400L, 4400L, 5400L), millis());
    }

    @Test
    @DisplayName("it ends when its task is cancelled, in a run and between two")
    void cancelled() {
        VirtualTime.run(() -> {
            for (int when : List.of(1, 4)) {
                times.clear();
                var task = createTask(() -> every(seconds(2), this::work).await());
                sleep(seconds(when)).await();
                task.cancel();
                assertThrows(CancellationException.class, task::await);
            }
            assertEquals(seconds(5), getRunningLoop().time());
            return null;
        });
    }

    @Test
    @DisplayName("a period must be positive")
    void period() {
        VirtualTime.run(
                () -> assertThrows(IllegalArgumentException.class, () -> every(Duration.ZERO, () -> {}).await()));
    }
}
