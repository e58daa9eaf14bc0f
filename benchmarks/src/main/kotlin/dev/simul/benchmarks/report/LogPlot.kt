// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import java.util.Locale
import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.log10
import kotlin.math.pow

/** Lines over two logarithmic scales, as SVG that is legible on light and on dark pages. */
internal class LogPlot(
    private val across: String,
    private val upwards: String,
    private val lines: List<Line>,
) {
    /** A line, whose points are ordered from left to right. */
    class Line(
        val name: String,
        val points: List<Pair<Double, Double>>,
    )

    private val xs = decades(lines.flatMap { line -> line.points.map { it.first } })
    private val ys = decades(lines.flatMap { line -> line.points.map { it.second } })

    fun render(): String =
        buildString {
            append(
                """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $WIDTH $HEIGHT" role="img" font-family="sans-serif" font-size="13">""",
            )
            append("\n<title>${escape("$upwards, by the number of $across")}</title>\n")
            append(STYLE)
            for (decade in xs) across(decade)
            for (decade in ys) upwards(decade)
            append(text(((LEFT + RIGHT) / 2).toDouble(), HEIGHT - 8.0, across, "middle"))
            append(text(LEFT.toDouble(), TOP - 14.0, upwards, "middle"))
            lines.zip(labelHeights()).forEachIndexed { index, (line, height) -> line(index, line, height) }
            append("</svg>\n")
        }

    private fun StringBuilder.across(decade: Int) {
        val x = x(10.0.pow(decade))
        append("""<path class="grid" d="M${n(x)} ${TOP}V$BOTTOM"/>""").append('\n')
        append(text(x, BOTTOM + 20.0, power(decade), "middle"))
    }

    private fun StringBuilder.upwards(decade: Int) {
        val y = y(10.0.pow(decade))
        append("""<path class="grid" d="M$LEFT ${n(y)}H$RIGHT"/>""").append('\n')
        append(text(LEFT - 8.0, y + 4, power(decade), "end"))
    }

    private fun StringBuilder.line(
        index: Int,
        line: Line,
        labelHeight: Double,
    ) {
        val path = line.points.joinToString(" ") { (x, y) -> "${n(x(x))},${n(y(y))}" }
        append("""<g class="c$index">""").append('\n')
        append("""<polyline points="$path"/>""").append('\n')
        for ((x, y) in line.points) append("""<circle cx="${n(x(x))}" cy="${n(y(y))}" r="3.5"/>""").append('\n')
        append(text(RIGHT + 12.0, labelHeight + 4, line.name, "start", "label"))
        append("</g>\n")
    }

    /** Each beside its line's end, and far enough from the next one to be read. */
    private fun labelHeights(): List<Double> {
        val heights = DoubleArray(lines.size)
        var last = Double.NEGATIVE_INFINITY
        for (index in lines.indices.sortedBy { y(lines[it].points.last().second) }) {
            last = maxOf(y(lines[index].points.last().second), last + LINE)
            heights[index] = last
        }
        return heights.toList()
    }

    private fun x(value: Double) = LEFT + (log10(value) - xs.first) / (xs.last - xs.first) * (RIGHT - LEFT)

    private fun y(value: Double) = BOTTOM - (log10(value) - ys.first) / (ys.last - ys.first) * (BOTTOM - TOP)

    private companion object {
        const val WIDTH = 760
        const val HEIGHT = 460
        const val LEFT = 64
        const val RIGHT = 610
        const val TOP = 40
        const val BOTTOM = 400
        const val LINE = 17.0

        /** Colours that are told apart by those who see no red or no green, in a lighter shade on dark pages. */
        val LIGHT = listOf("#0058a3", "#c44e00", "#7a3e9d", "#8a6d00", "#00796b", "#4d7c0f", "#0891b2", "#be185d")
        val DARK = listOf("#6cb6ff", "#ff9d5c", "#c99bea", "#e3c34b", "#4fd1c0", "#a3d65c", "#67e8f9", "#f78fbf")

        val STYLE =
            "<style>\ntext { fill: #333 } .grid { stroke: #8884; fill: none }\n" +
                "polyline { fill: none; stroke-width: 2 } .c0 polyline { stroke-width: 3.5 }\n" +
                ".c0 text { font-weight: bold }\n" + colours(LIGHT) +
                "@media (prefers-color-scheme: dark) {\ntext { fill: #ccc }\n${colours(DARK)}}\n</style>\n"

        fun colours(all: List<String>) =
            all.mapIndexed { i, it -> ".c$i polyline { stroke: $it } .c$i circle, .c$i .label { fill: $it }\n" }.joinToString("")

        fun decades(values: List<Double>): IntRange {
            if (values.isEmpty()) return 0..1
            val first = floor(log10(values.min())).toInt()
            return first..maxOf(ceil(log10(values.max())).toInt(), first + 1)
        }

        fun power(decade: Int) = if (decade in 0..3) "%,d".format(Locale.ROOT, 10.0.pow(decade).toInt()) else "10" + superscript(decade)

        fun superscript(number: Int) = number.toString().map { if (it == '-') '⁻' else "⁰¹²³⁴⁵⁶⁷⁸⁹"[it - '0'] }.joinToString("")

        fun n(value: Double): String = "%.1f".format(Locale.ROOT, value)

        fun text(
            x: Double,
            y: Double,
            what: String,
            anchor: String,
            style: String? = null,
        ) = """<text x="${n(
            x,
        )}" y="${n(y)}" text-anchor="$anchor"${style?.let { " class=\"$it\"" }.orEmpty()}>${escape(what)}</text>""" + "\n"

        fun escape(text: String) = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    }
}
