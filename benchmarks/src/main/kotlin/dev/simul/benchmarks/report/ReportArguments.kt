// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import java.nio.file.Path

/** The arguments of `./simul bench report` and of its parts. */
internal class ReportArguments private constructor(
    val only: Set<String>?,
    val rounds: Int?,
    val full: Boolean,
    val renderOnly: Boolean,
    val output: Path?,
    val json: Boolean,
) {
    val settings: Settings get() = if (full) Settings.full(rounds) else Settings.standard(rounds)

    companion object {
        private val VALUES = setOf("--only", "--rounds", "--output")
        private val FLAGS = setOf("--full", "--render", "--json")

        fun of(args: List<String>): ReportArguments {
            val values = HashMap<String, String>()
            val flags = HashSet<String>()
            val rest = args.iterator()
            for (argument in rest) {
                when (argument) {
                    in FLAGS -> flags += argument
                    in VALUES -> values[argument] = if (rest.hasNext()) rest.next() else error("$argument needs a value")
                    else -> error("'$argument' is not an option: there are ${(VALUES + FLAGS).joinToString()}")
                }
            }
            return ReportArguments(
                values["--only"]?.split(',')?.toSet(),
                values["--rounds"]?.toInt(),
                "--full" in flags,
                "--render" in flags,
                values["--output"]?.let(Path::of),
                "--json" in flags,
            )
        }
    }
}
