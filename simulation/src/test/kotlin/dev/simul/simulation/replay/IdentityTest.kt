// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.replay

import dev.simul.house.Soak
import dev.simul.simulation.Choices
import dev.simul.simulation.Fnv
import dev.simul.simulation.Schedule
import dev.simul.simulation.Simulation
import dev.simul.simulation.SimulationRun
import dev.simul.simulation.hashOf
import dev.simul.simulation.replayCheck
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.io.File

/** A seed is a run: here, again, in another JVM and with another JDK. `-Didentity.update` writes the hashes anew. */
class IdentityTest :
    FunSpec({
        test("the runs have all kinds of events") {
            val seen = HashSet<String>()
            for (seed in 1L..100) {
                SimulationRun(Choices(seed), Schedule.RANDOM) { _, _, what -> seen += KINDS.filter { it in what } }.run(town).getOrThrow()
            }
            KINDS.filter { it !in seen }.shouldBeEmpty()
        }

        for (schedule in Schedule.entries) {
            test("many runs with Schedule.$schedule are the same again") {
                (1L..Soak.of(1_000)).forEach { seed -> hashOf(seed, schedule, town) shouldBe hashOf(seed, schedule, town) }
            }

            test("many runs with Schedule.$schedule are the same, step by step, in another JVM") {
                replayCheck<Town>(seed = 1, schedule, seeds = Soak.of(1_000))
            }

            test("many runs with Schedule.$schedule have these hashes with every JDK") {
                val file = File("src/test/resources/identity/$schedule.txt")
                val hashes = (0 until Soak.of(1_000) / PART).map { hashOfPart(1L + it * PART, schedule) }
                if (System.getProperty("identity.update") != null) {
                    file.apply { parentFile.mkdirs() }.writeText(hashes.joinToString("") { "$it\n" })
                }
                hashes shouldBe file.readLines().take(hashes.size)
            }
        }
    })

private val town: suspend Simulation.() -> Unit = { with(Town()) { run() } }

private fun hashOfPart(
    first: Long,
    schedule: Schedule,
): String {
    val hash = (first..<first + PART).fold(Fnv.BASIS) { hash, seed -> (hash xor hashOf(seed, schedule, town)) * Fnv.PRIME }
    return "seeds $first to ${first + PART - 1}: ${hash.toULong().toString(16)}"
}

/** Parts of events, of which many runs together have each. */
private val KINDS =
    listOf(
        "crashes",
        "pauses for",
        "the clock is ahead by",
        "cut off from",
        "reaches",
        "SYN is lost",
        "bytes is lost",
        "FIN",
        "RST",
        "the network resets the connection",
        "this direction is dead",
        "gives up",
        "datagram",
        "a client is gone",
        ": sum ",
        ": timeout",
        ": failure",
    )

private const val PART = 100
