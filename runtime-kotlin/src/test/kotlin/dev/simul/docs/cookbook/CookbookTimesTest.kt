// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.cookbook

import dev.simul.Child
import dev.simul.IgnoredSignals
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.timeout
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Instant
import java.time.InstantSource
import java.time.LocalTime
import java.time.ZoneId
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.toJavaDuration

class CookbookTimesTest :
    FunSpec({
        loopTest("a task runs at its time of day, also on days of 25 hours, once") {
            runs("2026-10-23T12:00:00Z", LocalTime.of(2, 30), limit = 3.days) shouldContainExactly
                listOf("2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z")
        }

        loopTest("a time that the clocks leave out is an hour later on that day") {
            runs("2026-03-28T12:00:00Z", LocalTime.of(2, 30), limit = 2.days) shouldContainExactly
                listOf("2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z")
        }

        loopTest("a run that takes longer than a day skips the times that it has missed") {
            runs("2026-06-01T12:00:00Z", LocalTime.of(18, 0), limit = 4.days) { sleep(30.hours) } shouldContainExactly
                listOf("2026-06-01T16:00:00Z", "2026-06-03T16:00:00Z")
        }

        val signals = { _: Any -> IgnoredSignals.obstacle?.let(Enabled::disabled) ?: Enabled.enabled }
        test("Ctrl-C saves the notes").config(enabledOrReasonIf = signals) {
            Child("dev.simul.docs.cookbook.NotesKt", "").use { program ->
                program.line() shouldBe "press Ctrl-C"
                program.signal("INT")
                program.rest() shouldContain "saved 1 notes"
                program.exitStatus() shouldBe 130
            }
        }
    })

/** When a daily task in Berlin begins, within [limit] after [start]. */
private suspend fun runs(
    start: String,
    at: LocalTime,
    limit: Duration,
    work: suspend () -> Unit = {},
): List<String> {
    val loop = getRunningLoop()
    val clock = InstantSource { Instant.parse(start).plus(loop.time().toJavaDuration()) }
    val begun = mutableListOf<String>()
    shouldThrow<TimeoutException> {
        timeout(limit) {
            daily(at, ZoneId.of("Europe/Berlin"), clock) {
                begun += clock.instant().toString()
                work()
            }
        }
    }
    return begun
}
