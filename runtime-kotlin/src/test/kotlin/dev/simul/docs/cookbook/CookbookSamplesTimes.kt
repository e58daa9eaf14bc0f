// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.cookbook

import dev.simul.sleep
import java.time.Instant
import java.time.InstantSource
import java.time.LocalTime
import java.time.ZoneId
import kotlin.time.Duration.Companion.minutes
import kotlin.time.toKotlinDuration

// The cookbook's block about times of day; CookbookTimesTest runs it, DocsTest compares.

suspend fun daily(
    at: LocalTime,
    zone: ZoneId,
    clock: InstantSource = InstantSource.system(),
    work: suspend () -> Unit,
) {
    var next = clock.instant().atZone(zone).with(at)
    while (true) {
        if (next.toInstant() > clock.instant()) {
            sleepUntil(next.toInstant(), clock)
            work()
        }
        next = next.plusDays(1).with(at)
    }
}

suspend fun sleepUntil(
    time: Instant,
    clock: InstantSource,
) {
    while (true) {
        val left = java.time.Duration.between(clock.instant(), time).toKotlinDuration()
        if (!left.isPositive()) return
        sleep(left.coerceAtMost(1.minutes)) // Somebody may set the machine's clock meanwhile.
    }
}
