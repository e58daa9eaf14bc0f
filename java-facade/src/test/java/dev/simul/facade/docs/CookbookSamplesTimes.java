// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.Action;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofMinutes;

/** The cookbook's block about times of day; {@link CookbookTimesTest} runs it, {@link DocsTest} compares. */
final class CookbookSamplesTimes {
    private CookbookSamplesTimes() {}

    static void daily(LocalTime at, ZoneId zone, InstantSource clock, Action work) throws Exception {
        var next = clock.instant().atZone(zone).with(at);
        while (true) {
            if (next.toInstant().isAfter(clock.instant())) {
                sleepUntil(next.toInstant(), clock);
                work.run();
            }
            next = next.plusDays(1).with(at);
        }
    }

    static void sleepUntil(Instant time, InstantSource clock) {
        while (true) {
            var left = Duration.between(clock.instant(), time);
            if (left.isNegative() || left.isZero()) {
                return;
            }
            // Somebody may set the machine's clock meanwhile.
            await(sleep(left.compareTo(ofMinutes(1)) < 0 ? left : ofMinutes(1)));
        }
    }
}
