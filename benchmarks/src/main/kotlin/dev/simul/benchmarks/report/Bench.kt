// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import dev.simul.benchmarks.peers.Processes

/** What a part of the report measures with. */
internal class Bench(
    val settings: Settings,
    val tools: Toolchain,
    val processes: Processes,
) {
    /** What could not be measured. */
    val failed = ArrayList<String>()

    /** The figures that [command] prints; if it fails, the report goes on without it. */
    fun figures(
        program: String,
        command: List<String>,
        vararg environment: Pair<String, String>,
        mostSeconds: Int = MOST_SECONDS,
    ): List<Figure> =
        attempt(program) {
            val output = processes.run(command, *environment, mostSeconds = mostSeconds)
            if (!output.succeeded) failed += "$program: its program failed"
            output.lines.mapNotNull { Figure.ofLine(it, program) }
        }.orEmpty()

    /** What [measure] returns; null, and an entry of [failed], if it throws. */
    fun <T> attempt(
        what: String,
        measure: () -> T,
    ): T? =
        try {
            measure()
        } catch (exception: Exception) {
            System.err.println("$what: ${exception.message}")
            failed += "$what: ${exception.message.orEmpty().lineSequence().first()}"
            null
        }

    /** Each round measures all, so that what slows the machine down slows all of them; the best of the rounds counts. */
    fun inRounds(
        lowerIsBetter: Boolean = true,
        measure: () -> List<Figure>,
    ): List<Figure> =
        List(settings.rounds) { measure() }.flatten().groupBy { it.row to it.program }.values.map { same ->
            if (lowerIsBetter) same.minBy { it.value } else same.maxBy { it.value }
        }

    companion object {
        const val MOST_SECONDS = 300
    }
}
