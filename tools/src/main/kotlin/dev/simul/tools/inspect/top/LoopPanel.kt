// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import com.github.ajalt.mordant.rendering.TextColors.green
import com.github.ajalt.mordant.rendering.TextColors.red
import com.github.ajalt.mordant.rendering.TextStyles.dim
import dev.simul.tools.inspect.Column
import dev.simul.tools.inspect.LoopSnapshot
import dev.simul.tools.inspect.Palette
import dev.simul.tools.inspect.busyLines
import dev.simul.tools.inspect.duration
import dev.simul.tools.inspect.fit
import dev.simul.tools.inspect.lineOf
import dev.simul.tools.inspect.plural
import dev.simul.tools.inspect.printable
import dev.simul.tools.inspect.short
import dev.simul.tools.inspect.widthsOf
import java.util.Locale

/** The loops of a [TopView], a line each, and below one that does not answer, what its thread does. */
internal class LoopPanel(
    private val width: Int?,
    private val palette: Palette,
) {
    /** The lines of the [most] busy loops, in the order in which they began. */
    fun draw(
        view: TopView,
        most: Int,
    ): List<String> {
        val all = view.sample.loops
        val busiest = all.sortedByDescending { view.activity.busyShareOf(it) ?: 0.0 }.take(most)
        val shown = all.filter { it in busiest }
        val cells = shown.map { cellsOf(it, view.activity) }
        val widths = widthsOf(COLUMNS, cells, width)
        val title = palette.paint(dim, cut(lineOf(COLUMNS, COLUMNS.map { it.title }, widths)))
        val lines = shown.indices.flatMap { listOf(painted(shown[it], lineOf(COLUMNS, cells[it], widths))) + busy(shown[it]) }
        val more = all.size - shown.size
        val rest = if (more == 0) emptyList() else listOf(palette.paint(dim, cut("and ${plural(more, "loop")} more, which are less busy")))
        return listOf(title) + lines + rest
    }

    private fun cellsOf(
        loop: LoopSnapshot,
        activity: Activity,
    ): List<String> =
        with(loop.metrics) {
            listOf(
                "${loop.id}",
                printable(loop.thread),
                printable(loop.state),
                percent(activity.busyShareOf(loop)),
                duration(lagNanos),
                count(activity.turnsPerSecondOf(loop)),
                count(ready),
                count(tasks ?: loop.tasks.size.toLong()),
                count(timers),
                count(connections),
            )
        }

    private fun painted(
        loop: LoopSnapshot,
        line: String,
    ) = palette.paint(if (loop.answered) green else red, cut(line))

    /** The innermost frames suffice here; `simul ps` shows all. */
    private fun busy(loop: LoopSnapshot): List<String> =
        busyLines(loop).map { palette.paint(red, cut(it)) } +
            if (loop.answered) emptyList() else loop.busyStack.take(FRAMES).map { palette.paint(dim, cut("  |   ${printable(short(it))}")) }

    private fun cut(line: String): String = if (width == null) line else fit(line, width)

    private companion object {
        private const val FRAMES = 3
        private val COLUMNS =
            listOf(
                Column("loop", isNumber = true),
                Column("thread", least = 6),
                Column("state"),
                Column("busy", isNumber = true),
                Column("lag", isNumber = true),
                Column("turns/s", isNumber = true),
                Column("ready", isNumber = true),
                Column("tasks", isNumber = true),
                Column("timers", isNumber = true),
                Column("conns", isNumber = true),
            )
    }
}

internal fun percent(share: Double?): String = if (share == null) "-" else "%.1f%%".format(Locale.ROOT, share * 100)

private fun count(number: Long?): String = number?.toString() ?: "-"
