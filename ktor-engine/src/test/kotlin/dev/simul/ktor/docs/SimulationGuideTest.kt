// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.docs

import dev.simul.simulation.ExplorationFailure
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.io.File

/** What the guide to simulations shows of Ktor is what its samples print. */
class SimulationGuideTest :
    FunSpec({
        val block = Regex("```text\n(.*?)\n```", RegexOption.DOT_MATCHES_ALL)
        val shown = block.findAll(File("../docs/guide/simulation.md").readText()).map { it.groupValues[1] }.single { "ada is told" in it }

        fun timeless(text: String) = text.lines().filterNot { it.startsWith("Runs: ") || it.startsWith("It made ") }.joinToString("\n")

        test("of many runs one loses the answer and not the sale, as the guide explains") {
            val failure = shouldThrow<ExplorationFailure> { manyRunsOnline() }
            timeless(failure.message!!) shouldBe timeless(shown)
        }

        test("an office that knows its customers again answers well") {
            manyRunsOfThePatientOne().runs shouldBeGreaterThan 100
            theSameOnlineInAnotherJvm()
        }
    })
