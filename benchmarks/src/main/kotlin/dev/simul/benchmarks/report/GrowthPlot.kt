// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** The plot of the part `growth`. */
internal object GrowthPlot {
    fun of(result: PartResult): LogPlot {
        val table = Sections.of(result).tables.single()
        val lines =
            table.programs.mapNotNull { program ->
                val points = table.rows.mapNotNull { row -> result[row.key, program.key]?.let { row.key.toDouble() to it } }
                if (points.isEmpty()) null else LogPlot.Line(program.text, points)
            }
        return LogPlot("tasks", "ns a task", lines)
    }
}
