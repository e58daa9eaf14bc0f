// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.booleans.shouldBeTrue
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe

class AgendaTest :
    FunSpec({
        val agenda = Agenda()
        val happened = ArrayList<String>()

        fun enter(
            nanos: Long,
            name: String,
        ) = agenda.at(nanos) { happened += "$name at ${agenda.nowNanos}" }

        beforeTest { happened.clear() }

        test("entries run in the order of their times, and those of one time as they were entered") {
            val agenda = Agenda()
            val order = ArrayList<Int>()
            for ((number, nanos) in listOf(20L, 10L, 20L, 10L, 15L).withIndex()) agenda.at(nanos) { order += number }
            agenda.nextNanos shouldBe 10
            agenda.advanceTo(20)
            agenda.runDue() shouldBe 5
            order shouldContainExactly listOf(1, 3, 4, 0, 2)
            agenda.nextNanos.shouldBeNull()
        }

        test("nothing runs before its time") {
            val agenda = Agenda()
            var ran = 0
            agenda.at(10) { ran++ }
            agenda.advanceTo(9)
            agenda.runDue() shouldBe 0
            agenda.advanceTo(10)
            agenda.runDue() shouldBe 1
            ran shouldBe 1
        }

        test("what has been cancelled does not run, nor does it hold the time back") {
            val agenda = Agenda()
            val order = ArrayList<String>()
            val first = agenda.at(5) { order += "first" }
            agenda.at(7) { order += "second" }
            first.cancel()
            first.isDone.shouldBeTrue()
            agenda.nextNanos shouldBe 7
            agenda.advanceTo(7)
            agenda.runDue() shouldBe 1
            order shouldContainExactly listOf("second")
        }

        test("an entry may cancel another of the same time") {
            val agenda = Agenda()
            var ran = false
            lateinit var second: Agenda.Entry
            agenda.at(1) { second.cancel() }
            second = agenda.at(1) { ran = true }
            agenda.advanceTo(1)
            agenda.runDue() shouldBe 1
            ran shouldBe false
        }

        test("an entry for a time that has passed, or for now, runs with those that are due") {
            enter(3, "past")
            agenda.advanceTo(5)
            agenda.at(5) { enter(1, "late") }
            agenda.runDue() shouldBe 3
            happened shouldContainExactly listOf("past at 5", "late at 5")
        }

        test("a duration that reaches past the end of time means the end") {
            val agenda = Agenda()
            agenda.advanceTo(10)
            agenda.after(Long.MAX_VALUE) {}.nanos shouldBe Long.MAX_VALUE
            agenda.after(-3) {}.nanos shouldBe 10
        }

        test("time does not go back") {
            val agenda = Agenda()
            agenda.advanceTo(10)
            shouldThrow<IllegalArgumentException> { agenda.advanceTo(9) }.message shouldBe "time cannot go back from 10 ns to 9 ns"
        }
    })
