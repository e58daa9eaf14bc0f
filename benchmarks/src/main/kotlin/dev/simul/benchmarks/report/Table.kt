// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import java.util.Locale

/** A table of the page: what is measured in one direction, and by whom in the other one. */
internal class Table(
    /** What stands in the corner. */
    val corner: String,
    val rows: List<Label>,
    val programs: List<Label>,
    /** Which programs are compared with which: those of Simul with those of others. */
    val rivals: List<Pair<String, List<String>>>,
    val lowerIsBetter: Boolean = true,
    /** Whether each program has a row, and not a column. */
    val programsDown: Boolean = false,
    /** Whether a column says by how much the first rival is beaten. */
    val ratio: Boolean = false,
    val format: (Double) -> String = ::threeDigits,
) {
    /** Empty if nothing of it has been measured. A value is bold that is the best of its row, or within a few percent of it. */
    fun render(result: PartResult): String {
        val measured = programs.filter { program -> rows.any { result[it.key, program.key] != null } }
        val lines = rows.filter { row -> measured.any { result[row.key, it.key] != null } }
        if (lines.isEmpty()) return ""
        val cells = lines.map { row -> cellsOf(result, row, measured) }
        if (programsDown) {
            return markdown(
                listOf(corner) + lines.map { it.text },
                measured.mapIndexed {
                    i,
                    it,
                    ->
                    listOf(it.text) + cells.map { row -> row[i] }
                },
            )
        }
        val ratios = if (ratio) listOf("ratio") else emptyList()
        val head = listOf(corner) + measured.map { it.text } + ratios
        return markdown(head, lines.zip(cells) { row, values -> listOf(row.text) + values + ratios.map { ratioOf(result, row) } })
    }

    private fun cellsOf(
        result: PartResult,
        row: Label,
        measured: List<Label>,
    ): List<String> {
        val values = measured.map { result[row.key, it.key] }
        val best = values.filterNotNull().run { if (lowerIsBetter) min() else max() }
        return values.map { value ->
            when {
                value == null -> "–"
                advantage(value, best) >= EVEN && values.count { it != null } > 1 -> "**${format(value)}**"
                else -> format(value)
            }
        }
    }

    private fun ratioOf(
        result: PartResult,
        row: Label,
    ): String {
        val (ours, others) = rivals.first()
        val mine = result[row.key, ours] ?: return "–"
        val other = result[row.key, others.first()] ?: return "–"
        return "%.1f".format(Locale.ROOT, advantage(mine, other))
    }

    /** By which factor [ours] is better than [other]. */
    fun advantage(
        ours: Double,
        other: Double,
    ): Double = if (lowerIsBetter) other / ours else ours / other

    /** The rows in which a rival is better by more than a few percent. */
    fun lost(result: PartResult): List<LostRow> =
        rivals.flatMap { (ours, others) ->
            rows.flatMap { row ->
                val mine = result[row.key, ours]
                others.mapNotNull { other ->
                    val theirs = result[row.key, other]
                    if (mine == null || theirs == null) return@mapNotNull null
                    val advantage = advantage(mine, theirs)
                    if (advantage >= EVEN) null else LostRow(row, labelOf(ours), labelOf(other), 1 / advantage)
                }
            }
        }

    private fun labelOf(program: String) = programs.first { it.key == program }

    companion object {
        /** Less than that is what two runs differ by. */
        const val EVEN = 0.95

        private fun markdown(
            head: List<String>,
            lines: List<List<String>>,
        ) = (listOf(head, listOf("---") + List(head.size - 1) { "---:" }) + lines).joinToString("") { "| ${it.joinToString(" | ")} |\n" }
    }
}

/** A row in which [other] is better than [ours], by [factor]. */
internal class LostRow(
    val row: Label,
    val ours: Label,
    val other: Label,
    val factor: Double,
)

/** Three digits that count, with commas. */
internal fun threeDigits(value: Double): String {
    if (value < 10) return "%.1f".format(Locale.ROOT, value)
    var unit = 1.0
    while (value / unit >= 1_000) unit *= 10
    return "%,d".format(Locale.ROOT, Math.round(value / unit) * unit.toLong())
}
