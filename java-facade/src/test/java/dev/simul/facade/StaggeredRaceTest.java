// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.staggeredRace;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

class StaggeredRaceTest {
    private final List<String> events = new ArrayList<>();

    private Callable<String> attempt(String name, long duration, boolean fails) {
        return () -> {
            try {
                events.add(name + " at " + getRunningLoop().time().toSeconds());
                sleep(seconds(duration)).await();
                if (fails) {
                    throw new IOException(name);
                }
                return name;
            } catch (CancellationException e) {
                events.add(name + " cancelled");
                throw e;
            }
        };
    }

    @Test
    @DisplayName("bodies race, each beginning a while after the one before it or when that has failed, and one wins")
    void race() {
        VirtualTime.run(() -> {
            var race = staggeredRace(
                            List.of(attempt("a", 1, true), attempt("b", 100, false), attempt("c", 3, false), attempt("d", 1, false)),
                            seconds(5))
                    .await();
            assertEquals("c", race.result());
            assertEquals(2, race.winner());
            assertInstanceOf(IOException.class, race.exceptions().get(0));
            assertInstanceOf(CancellationException.class, race.exceptions().get(1));
            assertNull(race.exceptions().get(2));
        });
        assertEquals(List.of("a at 0", "b at 1", "c at 6", "b cancelled"), events);
    }

    @Test
    @DisplayName("a race that is cancelled ends its attempts, and what an attempt returns all the same is discarded")
    void cancelled() {
        VirtualTime.run(() -> {
            var discarded = new ArrayList<String>();
            List<Callable<String>> attempts = List.of(() -> {
                try {
                    return sleep(seconds(10), "in time").await();
                } catch (CancellationException e) {
                    return "too late";
                }
            });
            var racing = createTask(() -> staggeredRace(attempts, null, discarded::add).await());
            sleep(seconds(1)).await();
            racing.cancel("enough");
            assertThrows(CancellationException.class, racing::await);
            assertEquals(List.of("too late"), discarded);
        });
    }
}
