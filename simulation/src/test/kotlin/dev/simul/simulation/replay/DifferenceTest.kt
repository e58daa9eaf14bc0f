// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.replay

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith

class DifferenceTest :
    FunSpec({
        val steps = List(10) { RecordedStep(it * 1_000L, "db", "step of Task-$it") }

        fun difference(
            here: List<RecordedStep>,
            fresh: List<RecordedStep>,
        ) = firstDifference(here.asSequence().map { it.line }, fresh.asSequence().map { it.line })?.toString()

        test("equal runs have none") {
            difference(steps, steps).shouldBeNull()
            difference(emptyList(), emptyList()).shouldBeNull()
        }

        test("it names the step, what differs in it, and the steps before") {
            val other = steps.toMutableList().also { it[7] = it[7].copy(nanos = 7_250) }
            difference(steps, other)!! shouldStartWith
                """
                step 8 differs, in its time:
                  here:      7us  db  step of Task-7
                  fresh JVM: 7.25us  db  step of Task-7
                Before it, both made the same steps, at last:
                  2us  db  step of Task-2
                  3us  db  step of Task-3
                  4us  db  step of Task-4
                  5us  db  step of Task-5
                  6us  db  step of Task-6
                A time that differs comes from a clock
                """.trimIndent()
        }

        test("another host, another deed and an early end are told apart") {
            difference(steps, listOf(steps[0].copy(host = "web")))!! shouldStartWith "step 1 differs, in its host:\n"
            difference(
                steps,
                listOf(steps[0], steps[1].copy(what = "step of Task-5")),
            )!! shouldStartWith "step 2 differs, in what it did:\n"
            difference(steps, steps.take(9))!!.let {
                it shouldStartWith "step 10 differs, one run made fewer steps:\n"
                it shouldContain "  fresh JVM: none, the run had ended\n"
            }
        }

        test("the steps are those of one seed") {
            val lines = listOf(lineOf(3)) + steps.map { it.line } + lineOf(4) + steps.map { it.line }
            val other = lines.dropLast(1) + steps[0].line
            val difference = firstDifference(lines.asSequence(), other.asSequence())!!
            difference.seed shouldBe 4
            difference.toString() shouldStartWith "step 10 differs, in its time:\n"
        }

        test("a step is one line, whatever it says") {
            val step = RecordedStep(3, "a\tb", "log: \"x\\n\"\r\n\ty\\")
            step.line.lines().size shouldBe 1
            stepOf(step.line) shouldBe step
        }
    })
