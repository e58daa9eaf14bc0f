// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.replay

import dev.simul.simulation.Choices
import dev.simul.simulation.Schedule
import dev.simul.simulation.SimulatedProgram
import dev.simul.simulation.SimulationRun
import dev.simul.simulation.search.kindOf
import java.nio.file.Path
import kotlin.io.path.bufferedWriter

/** Runs the program that [source] makes with each of [seeds], and writes the steps to [file], a line each. */
internal fun recordSteps(
    source: ProgramSource,
    seeds: LongRange,
    schedule: Schedule,
    file: Path,
) = file.bufferedWriter().use { writer ->
    for (seed in seeds) {
        writer.appendLine(lineOf(seed))
        val last = recordRun(source.make(), Choices(seed), schedule) { writer.appendLine(it.line) }
        writer.appendLine(last.line)
    }
}

/** Tells of each step of the run; returns the last one, which is how it has ended. */
private fun recordRun(
    program: SimulatedProgram,
    choices: Choices,
    schedule: Schedule,
    tell: (RecordedStep) -> Unit,
): RecordedStep {
    var end = 0L
    val run =
        SimulationRun(choices, schedule) { nanos, host, what ->
            end = nanos
            tell(RecordedStep(nanos, host, what))
        }
    val failure = run.run { with(program) { run() } }.exceptionOrNull()
    return RecordedStep(end, "main", if (failure == null) "the program has returned" else "the program has failed: ${kindOf(failure)}")
}
