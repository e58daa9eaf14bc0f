// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.replay

import dev.simul.simulation.Choices
import dev.simul.simulation.Schedule
import dev.simul.simulation.SimulatedProgram
import dev.simul.simulation.SimulationRun
import dev.simul.simulation.search.kindOf
import java.nio.file.Path
import kotlin.io.path.bufferedWriter

/** Runs the program of [type], and writes its steps to [file], a line each; the last one is how it has ended. */
internal fun recordSteps(
    type: Class<out SimulatedProgram>,
    seed: Long,
    schedule: Schedule,
    file: Path,
) {
    val program = instanceOf(type)
    file.bufferedWriter().use { writer ->
        var last = 0L

        fun write(step: Step) = writer.appendLine(step.line).also { last = step.nanos }
        val run = SimulationRun(Choices(seed), schedule) { nanos, host, what -> write(Step(nanos, host, what)) }
        val failure = run.run { with(program) { run() } }.exceptionOrNull()
        write(Step(last, "main", if (failure == null) "the program has returned" else "the program has failed: ${kindOf(failure)}"))
    }
}

private fun instanceOf(type: Class<out SimulatedProgram>): SimulatedProgram =
    try {
        type.getDeclaredConstructor().apply { trySetAccessible() }.newInstance()
    } catch (e: ReflectiveOperationException) {
        throw IllegalArgumentException(
            "${type.name} cannot be made by name: it needs a constructor without parameters that can be called",
            e,
        )
    }
