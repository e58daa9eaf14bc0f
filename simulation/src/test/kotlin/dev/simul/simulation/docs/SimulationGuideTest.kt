// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.docs

import dev.simul.simulation.ExplorationFailure
import dev.simul.simulation.InvariantViolation
import dev.simul.simulation.explore
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.File

/** What the guide shows is what its samples print. */
class SimulationGuideTest :
    FunSpec({
        val block = Regex("```text\n(.*?)\n```", RegexOption.DOT_MATCHES_ALL)
        val shown = block.findAll(File("../docs/guide/simulation.md").readText()).map { it.groupValues[1] }.toList()

        // How long it took, and how many runs other processors had begun meanwhile, is another matter each time.
        fun timeless(text: String) =
            text.replace(Regex("in [0-9.]+m?s\\."), "in 0ms.").replace(Regex("Runs: \\d+, different interleavings: [1-9]\\d?,"), "Runs: 6,")

        fun found(run: () -> Unit) = timeless(shouldThrow<ExplorationFailure>(run).message!!)

        test("one run passes, and of many one fails in the way that the guide explains") {
            oneRun()
            found { manyRuns() } shouldBe timeless(shown[0])
        }

        test("with a lock, no run fails in whatever order") {
            timeless("${manyRunsOfTheCarefulOne()}") shouldBe timeless(shown[1])
        }

        test("the faults are survived") {
            explore(seeds = 100) { aCableIsPulled(BoxOffice()) }
            explore(seeds = 100) { theOfficeLosesPower(CarefulOffice()) }
            explore(seeds = 100) { aWorkerHangs() }
        }

        test("the invariant fails where the mistake is made") {
            val failure = shouldThrow<ExplorationFailure> { explore { neverTwoTickets(BoxOffice()) } }
            failure.cause.shouldBeInstanceOf<InvariantViolation>()
            explore(seeds = 100) { neverTwoTickets(CarefulOffice()) }
        }

        test("the history is explained, and that of the careful office is linearizable") {
            found { explore { manyCustomers(BoxOffice()) } }.substringBefore("\nRuns:") shouldBe shown[2]
            explore(seeds = 100) { manyCustomers(CarefulOffice()) }
        }

        test("a program runs in the same way in a fresh JVM") {
            theSameInAnotherJvm()
        }
    })
