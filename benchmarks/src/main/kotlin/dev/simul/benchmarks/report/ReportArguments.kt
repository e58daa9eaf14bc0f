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

    /** What follows a command that measures as these arguments say. */
    val measuring: String get() = (if (rounds == null) "" else " --rounds $rounds") + if (full) " --full" else ""

    companion object {
        private val VALUES = setOf("--only", "--rounds", "--output")
        private val FLAGS = setOf("--full", "--render", "--json")

        /** Which options each command knows; a part's name is a command, too. */
        private val REPORT = setOf("--only", "--rounds", "--full", "--render", "--output")
        private val QUICK = setOf("--only", "--rounds", "--json")
        private val PART = setOf("--rounds", "--full", "--json")

        /** @throws UsageError if an option is unknown, has no value or a wrong one, or would change nothing */
        fun of(
            command: String,
            args: List<String>,
        ): ReportArguments {
            val known =
                if (command == "report") {
                    REPORT
                } else if (command == "quick") {
                    QUICK
                } else {
                    PART
                }
            val values = valuesOf(args, known)
            val idle = values.keys - setOf("--render", "--output")
            if ("--render" in values && idle.isNotEmpty()) throw UsageError("--render measures nothing, so ${idle.first()} has no meaning")
            return ReportArguments(
                values["--only"]?.split(',')?.toSet()?.also { checkParts(it, if (command == "quick") Part.QUICK else Part.ALL) },
                values["--rounds"]?.let(::roundsOf),
                "--full" in values,
                "--render" in values,
                values["--output"]?.let(Path::of),
                "--json" in values,
            )
        }

        /** A flag's value is empty. */
        private fun valuesOf(
            args: List<String>,
            known: Set<String>,
        ): Map<String, String> {
            val values = LinkedHashMap<String, String>()
            val rest = args.iterator()
            for (argument in rest) {
                if (argument !in known) {
                    val why = if (argument in VALUES + FLAGS) "has no meaning here" else "is not an option"
                    throw UsageError("'$argument' $why: there are ${known.joinToString()}")
                }
                if (argument in values) throw UsageError("$argument is there twice")
                if (argument in VALUES && !rest.hasNext()) throw UsageError("$argument needs a value")
                values[argument] = if (argument in VALUES) rest.next() else ""
            }
            return values
        }

        private fun roundsOf(value: String): Int =
            value.toIntOrNull()?.takeIf { it >= 1 } ?: throw UsageError("'$value' is no number of rounds: it is 1 or more")

        private fun checkParts(
            names: Set<String>,
            parts: List<Part>,
        ) {
            val unknown = names.firstOrNull { name -> parts.none { it.name == name } } ?: return
            throw UsageError("'$unknown' is no part that is measured here: there are ${parts.joinToString { it.name }}")
        }
    }
}
