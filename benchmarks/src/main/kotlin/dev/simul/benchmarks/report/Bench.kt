// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import dev.simul.benchmarks.peers.Processes

/** What a part of the report measures with. */
internal class Bench(
    val settings: Settings,
    val tools: Toolchain,
    val processes: Processes,
) {
    private val reasons = LinkedHashMap<String, String>()
    private val worked = HashSet<String>()

    /** What could not be measured in any round, with the reason. */
    val failed: List<String> get() = reasons.filterKeys { it !in worked }.map { (what, reason) -> "$what: $reason" }

    fun failed(
        what: String,
        reason: String,
    ) {
        reasons[what] = reason
    }

    /** There is a figure of [what], even if another round has none. */
    fun worked(what: String) {
        worked += what
    }

    /** The figures that [command] prints; if it fails, the report goes on without it. */
    fun figures(
        program: String,
        command: List<String>,
        vararg environment: Pair<String, String>,
        mostSeconds: Int = MOST_SECONDS,
    ): List<Figure> =
        attempt(program) {
            val output = processes.run(command, *environment, mostSeconds = mostSeconds)
            if (output.succeeded) worked(program) else failed(program, "its program failed")
            output.lines.mapNotNull { Figure.ofLine(it, program) }
        }.orEmpty()

    /** What [measure] returns; null, and an entry of [failed], if it throws. */
    fun <T> attempt(
        what: String,
        measure: () -> T,
    ): T? =
        try {
            measure()
        } catch (stopped: Processes.Stopped) {
            throw stopped
        } catch (exception: Exception) {
            System.err.println("$what: ${exception.message}")
            failed(what, exception.message.orEmpty().lineSequence().first())
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
