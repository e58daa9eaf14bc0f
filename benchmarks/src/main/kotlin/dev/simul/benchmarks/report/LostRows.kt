// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import java.util.Locale

/** The list of a table's rows that Simul has lost: who is ahead, by which factor, and why. */
internal object LostRows {
    fun render(
        part: String,
        lost: List<LostRow>,
    ): String {
        if (lost.isEmpty()) return ""
        val byReason = lost.groupBy { Reasons.of(part, it) }.entries.sortedBy { it.key == null }
        return "Rows that Simul loses, and by which factor:\n\n" +
            byReason.joinToString("") { (reason, rows) -> "- ${describe(rows)}. ${reason ?: "Nobody has looked into why."}\n" }
    }

    /** By row, and in it by Simul's program. */
    private fun describe(rows: List<LostRow>) =
        rows
            .groupBy { it.row.text }
            .map { (row, same) ->
                val all =
                    same.groupBy { it.ours.text }.map { (ours, others) ->
                        "$ours to " + others.joinToString { "${it.other.text} (%.2f)".format(Locale.ROOT, it.factor) }
                    }
                "**$row**: ${all.joinToString("; ")}"
            }.joinToString("; ")
}
