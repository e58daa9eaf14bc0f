// SPDX-License-Identifier: Apache-2.0
package dev.simul.kotest

import dev.simul.simulation.ExplorationFailure
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf

class SimulatedExtensionTest :
    FunSpec({
        beforeTest { runs.clear() }
        afterTest { System.clearProperty("simul.seed") }

        test("each test is run with many seeds, and fails by the smallest run that was found") {
            val outcomes = outcomesOf(SimulatedSpec::class)
            outcomes.filterValues { it != null }.keys shouldContainExactlyInAnyOrder
                setOf("an update is lost", "soft assertions are collected", "fails in two ways")

            val lost = outcomes.getValue("an update is lost").shouldBeInstanceOf<ExplorationFailure>()
            lost.cause!!.message shouldBe "an update is lost"
            lost.message!! shouldStartWith "Seed ${lost.seed} fails: java.lang.IllegalStateException: an update is lost\n"
            lost.message!! shouldContain "\nTranscript of the shrunk run:\n"
            runs.count { it == "right" } shouldBe 500
            runs.count { it == "before right" } shouldBe 1

            val soft = outcomes.getValue("soft assertions are collected").shouldBeInstanceOf<ExplorationFailure>()
            soft.message!! shouldContain "2) expected:<4> but was:<3>"

            val both = outcomes.getValue("fails in two ways").shouldBeInstanceOf<ExplorationFailure>()
            listOf(both, *both.suppressed).mapNotNull { it.cause?.message } shouldContainExactlyInAnyOrder listOf("the one", "the other")
        }

        test("the narrowest extension counts, be it for simulations or for a loop") {
            outcomesOf(SimulatedSpec::class)
            runs.filter { it.startsWith("narrower") }.toSet().size shouldBe 3
            runs.filter { it.startsWith("1s") } shouldContainExactly
                listOf("1s: the test 'on a loop' runs in no simulation: register a SimulatedExtension for it")
        }

        test("it serves other styles of specs, and counts if it is registered after one for a loop") {
            outcomesOf(SimulatedStrings::class).values.filterNotNull() shouldBe emptyList()
            runs shouldContainExactly listOf("string at 1s", "string at 1s")
        }

        test("a run is replayed by what its failure says, and no other is made") {
            val found = outcomesOf(SimulatedSpec::class).getValue("an update is lost").shouldBeInstanceOf<ExplorationFailure>()
            runs.clear()
            System.setProperty("simul.seed", found.replay)
            val replayed = outcomesOf(SimulatedSpec::class).getValue("an update is lost").shouldBeInstanceOf<ExplorationFailure>()
            replayed.seed shouldBe null
            replayed.cause!!.message shouldBe "an update is lost"
            runs.count { it == "right" } shouldBe 1
        }
    })
