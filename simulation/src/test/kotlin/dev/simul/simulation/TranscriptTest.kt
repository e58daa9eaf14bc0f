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

        test("it keeps the last events, and says how many there were before") {
            val transcript = Transcript(agenda, room = 2)
            for (i in 1..5) transcript.add("a", "event $i")
            transcript.toString() shouldBe "… 3 earlier events\n1.5s  a  event 4\n1.5s  a  event 5"
            transcript.count shouldBe 5
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
