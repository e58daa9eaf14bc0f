// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.knownbugs

import dev.simul.house.Soak
import dev.simul.simulation.ExplorationFailure
import dev.simul.simulation.Latency
import dev.simul.simulation.Schedule
import dev.simul.simulation.Simulation
import dev.simul.simulation.explore
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import java.io.File
import kotlin.time.Duration.Companion.milliseconds

/** Mistakes that other libraries have had are found, and Simul does not have them. `-Dknownbugs.update` writes the shrunk runs anew. */
class KnownBugsTest :
    FunSpec({
        val rows = File("../docs/guide/simulation.md").readLines().filter { it.startsWith("| ") && "/issues/" in it }

        test("the guide has a row for each") { rows shouldHaveSize knownBugs.size }

        for ((bug, row) in knownBugs.zip(rows)) {
            test("${bug.name}: found within ${bug.seeds} seeds, and shrunk to the same run everywhere") {
                val failure = shouldThrow<ExplorationFailure> { explore(bug.seeds, block = meeting(bug.wrong)) }
                val file = File("src/test/resources/knownbugs/${bug.name.replace(' ', '-')}.txt")
                val shown = shown(failure)
                if (System.getProperty("knownbugs.update") != null) file.apply { parentFile.mkdirs() }.writeText(shown)
                shown shouldBe file.readText()
                row shouldContain " | ${failure.seed} | ${NEEDED.find(failure.message!!)!!.groupValues[1]} |"
            }

            test("${bug.name}: found within ${bug.seeds} seeds of CHAOS, too") {
                val failure = shouldThrow<ExplorationFailure> { explore(bug.seeds, schedule = Schedule.CHAOS, block = meeting(bug.wrong)) }
                row shouldEndWith " | ${failure.seed} |"
            }

            test("${bug.name}: found within 2,000 seeds with latencies as they are by default") {
                shouldThrow<ExplorationFailure> { explore(2_000, block = bug.wrong) }
            }

            for (schedule in listOf(Schedule.RANDOM, Schedule.CHAOS)) {
                test("${bug.name}: not with Simul's own, in any of many seeds with Schedule.$schedule") {
                    explore(Soak.of(10_000), schedule = schedule, block = meeting(bug.right))
                }
            }
        }
    })

/** With latencies that make equal moments likely. */
private fun meeting(program: suspend Simulation.() -> Unit): suspend Simulation.() -> Unit =
    {
        network.conditions.latency = Latency(1.milliseconds)
        program()
    }

/** All that does not depend on the machine's speed. */
private fun shown(failure: ExplorationFailure): String {
    val transcript = failure.message!!.substringAfter("Transcript of the shrunk run:\n").trimIndent()
    return "Seed ${failure.seed} fails, and so does ${failure.replay}: ${failure.cause!!.message}\n\n$transcript\n"
}

private val NEEDED = Regex("needs (\\d+) of them")
