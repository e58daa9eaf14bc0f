// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit.docs

import dev.simul.facade.simulation.SimulatedProgram
import dev.simul.facade.simulation.Simulations.explore
import dev.simul.junit.docs.SimulationSamplesInJava.BoxOffice
import dev.simul.junit.docs.SimulationSamplesInJava.CarefulOffice
import dev.simul.junit.runTestsOf
import dev.simul.simulation.ExplorationFailure
import dev.simul.simulation.InvariantViolation
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlin.io.path.Path
import kotlin.io.path.readText

/** Runs the samples of Java, and of JUnit, of the guide to simulation; what Kotlin's print is compared beside these. */
class SimulationGuideTest :
    FunSpec({
        val guide = Path("../../docs/guide/simulation.md").readText()
        val shown = Regex("```text\n(.*?)\n```", RegexOption.DOT_MATCHES_ALL).findAll(guide).map { it.groupValues[1] }.toList()

        // How long it took, and how many runs other processors had begun meanwhile, is another matter each time.
        fun timeless(text: String) =
            text.replace(Regex("in [0-9.]+m?s\\."), "in 0ms.").replace(Regex("Runs: \\d+, different interleavings: [1-9]\\d?,"), "Runs: 6,")

        fun found(run: () -> Unit) = timeless(shouldThrow<ExplorationFailure>(run).message!!)

        fun survives(program: SimulatedProgram) = explore(100, program).runs() shouldBe 100

        test("Java's program fails as Kotlin's does, in the same run") {
            SimulationSamplesInJava.oneRun()
            found { SimulationSamplesInJava.manyRuns() } shouldBe timeless(shown[0])
            timeless("${SimulationSamplesInJava.manyRunsOfTheCarefulOne()}") shouldBe timeless(shown[1])
        }

        test("the faults are survived") {
            survives { SimulationSamplesInJava.aCableIsPulled(it, BoxOffice()) }
            survives { SimulationSamplesInJava.theOfficeLosesPower(it, CarefulOffice()) }
            survives { SimulationSamplesInJava.aWorkerHangs(it) }
        }

        test("the invariant fails where the mistake is made") {
            val failure = shouldThrow<ExplorationFailure> { explore { SimulationSamplesInJava.neverTwoTickets(it, BoxOffice()) } }
            failure.cause.shouldBeInstanceOf<InvariantViolation>()
            survives { SimulationSamplesInJava.neverTwoTickets(it, CarefulOffice()) }
        }

        test("the history is explained, and that of the careful office is linearizable") {
            found { explore { SimulationSamplesInJava.manyCustomers(it, BoxOffice()) } }.substringBefore("\nRuns:") shouldBe shown[2]
            survives { SimulationSamplesInJava.manyCustomers(it, CarefulOffice()) }
        }

        test("a program runs in the same way in a fresh JVM") {
            SimulationSamplesInJava.theSameInAnotherJvm()
        }

        test("JUnit runs the tests") {
            runTestsOf(BoxOfficeTest::class).rethrow().counts shouldBe (1 to 0)
            runTestsOf(SimulationSamplesInJava.BoxOfficeTest::class).rethrow().counts shouldBe (1 to 0)
        }

        test("the artifacts that the guide names are these modules'") {
            guide shouldContain "<artifactId>simul-simulation</artifactId>"
            guide shouldContain "<artifactId>simul-junit</artifactId>"
        }
    })
