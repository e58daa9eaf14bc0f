// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import com.github.ajalt.mordant.rendering.TextColors.yellow
import com.github.ajalt.mordant.rendering.TextStyles.bold
import com.github.ajalt.mordant.rendering.TextStyles.dim
import dev.simul.tools.inspect.Palette
import dev.simul.tools.inspect.fit
import dev.simul.tools.inspect.plural
import dev.simul.tools.inspect.printable
import dev.simul.tools.inspect.widthOf

/**
 * Draws a [TopView] as lines: a title, the loops, the tasks or the help, and the keys.
 *
 * @property rows how many lines there are; null for as many as it takes, without the line of keys.
 * @property columns how many cells a line has; null for as many as it takes.
 */
internal class TopScreen(
    private val rows: Int?,
    private val columns: Int?,
    private val palette: Palette = Palette.PLAIN,
) {
    private val loops = LoopPanel(columns, palette)
    private val tasks = TaskPanel(columns, palette)

    fun draw(view: TopView): List<String> {
        val head = listOf(titleOf(view)) + loopLines(view) + ""
        if (rows == null) return head + tasks.all(view)
        val body = if (view.state.showsHelp) HELP.map(::cut) else tasks.visible(view, maxOf(rows - head.size - 1, 1))
        val above = (head + body).take(rows - 1)
        return above + List(rows - 1 - above.size) { "" } + palette.paint(dim, cut(footOf(view.state)))
    }

    /** How many tasks the screen has room for. */
    fun page(view: TopView): Int = maxOf((rows ?: Int.MAX_VALUE) - loopLines(view).size - OTHER_LINES, 1)

    private fun loopLines(view: TopView) = loops.draw(view, most = rows?.let { maxOf(it / LOOPS_SHARE, 1) } ?: Int.MAX_VALUE)

    private fun titleOf(view: TopView): String {
        val state = view.state
        val count = plural(view.rows.size, "task") + if (state.filter.isEmpty()) "" else " with '${printable(state.filter)}'"
        val title = listOf("simul top", printable(view.program), count, "every ${view.every}").joinToString(GAP)
        val signs =
            listOfNotNull("PAUSED".takeIf { state.isPaused }, "times sampled".takeIf { view.isSampled }, view.notice?.let(::printable))
                .joinToString(GAP)
        if (signs.isEmpty()) return palette.paint(bold, cut(title))
        val room = columns?.let { maxOf(it - widthOf(signs) - GAP.length, 0) } ?: Int.MAX_VALUE
        val begin = fit(title, room)
        return palette.paint(bold, begin) + palette.paint(yellow, if (begin.isEmpty()) cut(signs) else GAP + signs)
    }

    private fun footOf(state: TopState) =
        if (state.isTyping) "filter: ${printable(state.filter)}_   (enter keeps it, esc drops it)" else KEYS

    private fun cut(line: String): String = if (columns == null) line else fit(line, columns)

    private companion object {
        private const val GAP = "   "
        private const val LOOPS_SHARE = 4

        /** The title, an empty line, the title of the tasks and the keys. */
        private const val OTHER_LINES = 4
        private const val KEYS =
            "q quit  ? help  ↑↓ select  enter stack  / filter  p pause   sort by: l %loop  t time  a age  w waiting  n name  r reverse"

        private val HELP =
            """
            q, Ctrl-C      quit                           l   sort by the share of the loop's time, since the last look
            up, down       select a task; j and k, too    t   sort by the time on the loop, in all
            page up, down  select a task a page away      a   sort by age
            home, end      select the first or last one   w   sort by the time it has waited
            enter, space   show a task's stack, or not    n   sort by name
            /              show only tasks with a text    r   turn the order round
            esc            drop the filter                p   pause, and go on
                                                          ?   leave this help

            busy    the share of the time for which tasks held the loop     lag    how late the loop runs what is ready
            conns   connections that are open                               -      not known
            """.trimIndent().lines()
    }
}
