// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

/**
 * A column of a table.
 *
 * @property least null if it is always as wide as its cells; otherwise the width down to which it may be cut where the table is too wide.
 */
internal data class Column(
    val title: String,
    val least: Int? = null,
    val isNumber: Boolean = false,
    val keepsEnd: Boolean = false,
)

/** How wide each of [columns] is so that [rows] fit into [width], by cutting the widest ones; null for as wide as they are. */
internal fun widthsOf(
    columns: List<Column>,
    rows: List<List<String>>,
    width: Int?,
): List<Int> {
    val widths =
        columns.indices
            .map { index ->
                maxOf(widthOf(columns[index].title), rows.maxOfOrNull { widthOf(it[index]) } ?: 0)
            }.toMutableList()
    if (width == null) return widths
    var excess = widths.sum() + GAP.length * (widths.size - 1) - width
    while (excess > 0) {
        val widest = columns.indices.filter { widths[it] > (columns[it].least ?: Int.MAX_VALUE) }.maxByOrNull { widths[it] } ?: break
        widths[widest]--
        excess--
    }
    return widths
}

/** One line of a table: [cells] in columns of these [widths]. */
internal fun lineOf(
    columns: List<Column>,
    cells: List<String>,
    widths: List<Int>,
): String = columns.indices.joinToString(GAP) { columns[it].laidOut(cells[it], widths[it]) }.trimEnd()

private fun Column.laidOut(
    cell: String,
    width: Int,
): String {
    val fitting = if (keepsEnd) fitEnd(cell, width) else fit(cell, width)
    return if (isNumber) padStart(fitting, width) else pad(fitting, width)
}

private const val GAP = "  "
