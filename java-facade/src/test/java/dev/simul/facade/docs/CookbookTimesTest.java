// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.Child;
import dev.simul.IgnoredSignals;
import dev.simul.facade.Action;
import dev.simul.facade.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.timeout;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class CookbookTimesTest {
    /** When a daily task in Berlin begins. */
    private static List<String> runs(String start, LocalTime at, Duration limit, Action work) {
        return VirtualClock.runTest(() -> {
            var loop = getRunningLoop();
            InstantSource clock = () -> Instant.parse(start).plus(loop.time());
            var begun = new ArrayList<String>();
            assertThrows(TimeoutException.class, () -> await(timeout(limit, () -> {
                CookbookSamplesTimes.daily(at, ZoneId.of("Europe/Berlin"), clock, () -> {
                    begun.add(clock.instant().toString());
                    work.run();
                });
            })));
            return begun;
        });
    }

    @Test
    @DisplayName("a task runs at its time of day, also on days of 25 hours, once")
    void daily() {
        assertEquals(
                List.of("2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
                runs("2026-10-23T12:00:00Z", LocalTime.of(2, 30), ofDays(3), () -> {}));
    }

    @Test
    @DisplayName("a run that takes longer than a day skips the times that it has missed")
    void missed() {
        assertEquals(
                List.of("2026-06-01T16:00:00Z", "2026-06-03T16:00:00Z"),
                runs("2026-06-01T12:00:00Z", LocalTime.of(18, 0), ofDays(4), () -> await(sleep(ofHours(30)))));
    }

    @Test
    @DisplayName("Ctrl-C saves the notes")
    void notes() {
        assumeTrue(IgnoredSignals.getObstacle() == null, IgnoredSignals::getObstacle);
        try (var program = new Child(Notes.class.getName(), "", List.of(), true, List.of())) {
            assertEquals("press Ctrl-C", program.line());
            program.signal("INT");
            assertTrue(program.rest().contains("saved 1 notes"));
            assertEquals(130, program.exitStatus());
        }
    }
}
