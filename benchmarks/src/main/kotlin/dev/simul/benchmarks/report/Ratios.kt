// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import java.util.Locale

/** A part's results as lines for a terminal: Simul's value, a peer's, and by which factor Simul is better. */
internal class Ratios(
    private val result: PartResult,
) {
    override fun toString(): String =
        buildString {
            append("${result.part}: ${result.machine}\n")
            for (table in Sections.of(result).tables) append(lines(table))
            for (failure in result.failed) append("  failed: $failure\n")
        }

    private companion object {
        val MARKUP = Regex("[`*]")
    }

    private fun lines(table: Table): String {
        val names = table.programs.associate { it.key to it.text }
        return table.rivals.joinToString("") { (ours, others) ->
            table.rows.joinToString("") { row ->
                others.joinToString("") { other -> line(table, row, ours, other, names).orEmpty() }
            }
        }
    }

    private fun line(
        table: Table,
        row: Label,
        ours: String,
        other: String,
        names: Map<String, String>,
    ): String? {
        val mine = result[row.key, ours] ?: return null
        val theirs = result[row.key, other] ?: return null
        return "  %-58s %10s to %10s %8.2f\n".format(
            Locale.ROOT,
            "${row.text}: ${names[ours]} beside ${names[other]}".replace(MARKUP, ""),
            table.format(mine),
            table.format(theirs),
            table.advantage(mine, theirs),
        )
    }
}
