// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlin.time.Duration.Companion.milliseconds

class TranscriptTest :
    FunSpec({
        val agenda = Agenda().apply { advanceTo(1_500_000_000) }

        test("it shows who did what, and when") {
            val transcript = Transcript(agenda)
            transcript.add("a", "begins")
            transcript.add("server", "ends")
            transcript.toString() shouldBe "1.5s  a       begins\n1.5s  server  ends"
        }

        test("it keeps the first events and the last ones, and says how many there were between them") {
            fun shown(events: Int) = Transcript(agenda, room = 5).apply { for (i in 1..events) add("a", "$i") }.toString().lines()
            shown(events = 5) shouldBe (1..5).map { "1.5s  a  $it" }
            shown(events = 9) shouldBe listOf("1.5s  a  1", "1.5s  a  2", "… 4 more events", "1.5s  a  7", "1.5s  a  8", "1.5s  a  9")
        }

        test("its hash is that of all events, also of those that it no longer shows, and of their order") {
            fun hashOf(vararg events: String) = Transcript(agenda, room = 1).apply { events.forEach { add("a", it) } }.hash
            hashOf("one", "two") shouldBe hashOf("one", "two")
            hashOf("one", "two") shouldNotBe hashOf("two", "one")
            hashOf("one", "two") shouldNotBe hashOf("three", "two")
            Transcript(agenda).apply { mix(1) }.hash shouldNotBe Transcript(agenda).apply { mix(2) }.hash
        }

        test("a host's clock is ahead by its skew, never goes back, and tells when it reaches a time") {
            val time = Agenda()
            val clock = HostClock(time)
            clock.skew = 10
            clock.nanoTime() shouldBe 10
            clock.agendaTimeOf(15) shouldBe 5
            clock.skew = -20
            clock.nanoTime() shouldBe 10
            clock.agendaTimeOf(10) shouldBe 0
            clock.agendaTimeOf(11) shouldBe 31
            clock.agendaTimeOf(Long.MAX_VALUE) shouldBe Long.MAX_VALUE
            time.advanceTo(31)
            clock.nanoTime() shouldBe 11
            clock.agendaTimeOf(1.milliseconds.inWholeNanoseconds) shouldBe 1_000_020
        }
    })
