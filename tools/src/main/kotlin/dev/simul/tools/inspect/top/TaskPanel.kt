// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import com.github.ajalt.mordant.rendering.TextStyles.dim
import com.github.ajalt.mordant.rendering.TextStyles.inverse
import dev.simul.tools.inspect.AwaitGraph
import dev.simul.tools.inspect.Column
import dev.simul.tools.inspect.Palette
import dev.simul.tools.inspect.TaskSnapshot
import dev.simul.tools.inspect.askedToCancel
import dev.simul.tools.inspect.detailsOf
import dev.simul.tools.inspect.doing
import dev.simul.tools.inspect.duration
import dev.simul.tools.inspect.fit
import dev.simul.tools.inspect.lineOf
import dev.simul.tools.inspect.namesOf
import dev.simul.tools.inspect.pad
import dev.simul.tools.inspect.paintTask
import dev.simul.tools.inspect.printable
import dev.simul.tools.inspect.short
import dev.simul.tools.inspect.widthsOf

/** The tasks of a [TopView], a line each, with what is known of it below one that is expanded. */
internal class TaskPanel(
    private val width: Int?,
    private val palette: Palette,
) {
    fun all(view: TopView): List<String> = Table(view).let { table -> listOf(table.title) + table.blocks.flatMap { it.lines } }

    /** As many lines as there is [room] for, so that the selected task is among them. */
    fun visible(
        view: TopView,
        room: Int,
    ): List<String> {
        val table = Table(view)
        val lines = maxOf(room - 1, 1)
        val selected = table.blocks.indexOfFirst { it.isSelected }
        val before = table.blocks.take(maxOf(selected, 0)).sumOf { it.height }
        val end = before + (table.blocks.getOrNull(selected)?.height ?: 0)
        return listOf(table.title) + linesFrom((end - lines).coerceIn(0, before), table.blocks).take(lines)
    }

    private fun linesFrom(
        start: Int,
        blocks: List<Block>,
    ): Sequence<String> {
        var first = 0
        var skipped = 0
        while (first < blocks.size && skipped + blocks[first].height <= start) skipped += blocks[first++].height
        return blocks.asSequence().drop(first).flatMap { it.lines }.drop(start - skipped)
    }

    /** The lines of a task, which are made only if they are shown: there may be thousands of tasks. */
    private class Block(
        val isSelected: Boolean,
        private val isExpanded: Boolean,
        draw: () -> List<String>,
    ) {
        val lines: List<String> by lazy(LazyThreadSafetyMode.NONE, draw)
        val height: Int get() = if (isExpanded) lines.size else 1
    }

    private inner class Table(
        private val view: TopView,
    ) {
        private val state = view.state
        private val shown = COLUMNS.filter { column -> column.isKnown(view) && (width == null || width >= column.from) }
        private val columns = shown.map { it.column.copy(title = titleOf(it.column)) }
        private val widths = if (width == null) widthsOf(columns, view.rows.map(::cellsOf), null) else fixedWidths(shown, width)
        private val graph by lazy { AwaitGraph(view.sample.loops.flatMap { it.tasks }) }

        val title: String = palette.paint(inverse, whole(lineOf(columns, columns.map { it.title }, widths)))

        val blocks: List<Block> =
            view.rows.map { row ->
                Block(row.task.id == state.selected, row.task.id in state.expanded) { listOf(lineOf(row)) + linesBelow(row.task) }
            }

        private fun titleOf(column: Column): String =
            when {
                column.title != state.order.title -> column.title
                state.isReversed -> "${column.title}▲"
                else -> "${column.title}▼"
            }

        private fun cellsOf(row: TopRow) = shown.map { it.cell(row) }

        private fun lineOf(row: TopRow): String {
            val line = lineOf(columns, cellsOf(row), widths)
            return if (row.task.id == state.selected) palette.paint(inverse, whole(line)) else palette.paintTask(row.task, cut(line))
        }

        private fun linesBelow(task: TaskSnapshot): List<String> =
            if (task.id in state.expanded) about(task).map { palette.paint(dim, cut("      $it")) } else emptyList()

        private fun about(task: TaskSnapshot): List<String> =
            factsOf(task, graph.awaitedBy(task)) + detailsOf(task, stacks = true) + pending(task)

        private fun pending(task: TaskSnapshot): List<String> {
            val isRead = task.stack.isNotEmpty() || task.id in view.sample.stacksOf
            return if (isRead) emptyList() else listOf("|   (its stack comes with the next look)")
        }
    }

    private fun factsOf(
        task: TaskSnapshot,
        awaiters: List<TaskSnapshot>,
    ): List<String> {
        val facts =
            listOf(
                if (task.coroutine.isEmpty()) "" else "runs ${printable(task.coroutine)}",
                doing(task),
                if (awaiters.isEmpty()) "" else "awaited by ${namesOf(awaiters)}",
                askedToCancel(task),
            )
        return facts.filter { it.isNotEmpty() }.map { "+ $it" }
    }

    private fun whole(line: String) = if (width == null) line else pad(cut(line), width)

    private fun cut(line: String): String = if (width == null) line else fit(line, width)

    /**
     * A column of the table.
     *
     * @property cells how wide it is; a text has that share of what the numbers leave.
     * @property from how wide a screen must be to have it.
     */
    private class TaskColumn(
        val column: Column,
        val cells: Int,
        val from: Int = 0,
        val isKnown: (TopView) -> Boolean = { true },
        val cell: (TopRow) -> String,
    )

    private companion object {
        private const val GAP = 2
        private const val LEAST_TEXT = 6
        private const val WIDE = 110

        private val COLUMNS =
            listOf(
                TaskColumn(Column("task id", isNumber = true), 7) { "${it.task.id}" },
                TaskColumn(Column("loop", isNumber = true), 4, isKnown = { it.sample.loops.size > 1 }) { "${it.loop.id}" },
                TaskColumn(Column(Order.NAME.title), 2) { printable(it.task.name) },
                known(Order.SHARE, 6, { it.timeOnLoopNanos }) { percent(it.share) },
                known(Order.TIME, 7, { it.timeOnLoopNanos }) { duration(it.task.timeOnLoopNanos) },
                known(Order.AGE, 7, { it.ageNanos }) { duration(it.task.ageNanos) },
                known(Order.WAITED, 7, { it.waitingNanos }) { duration(it.task.waitingNanos) },
                TaskColumn(Column("waiting for"), 4) { waitOf(it.task) },
                TaskColumn(Column("coroutine", keepsEnd = true), 4, from = WIDE) { printable(short(it.task.coroutine)) },
            )

        /** What it waits for, or in brackets what it does instead. */
        private fun waitOf(task: TaskSnapshot): String {
            val wait = task.waitingFor?.let(::printable) ?: "(${printable(task.state)})"
            return listOf(askedToCancel(task), wait).filter { it.isNotEmpty() }.joinToString()
        }

        /** A column that takes no room where the program's version does not tell [nanos]. */
        private fun known(
            order: Order,
            cells: Int,
            nanos: (TaskSnapshot) -> Long?,
            cell: (TopRow) -> String,
        ): TaskColumn {
            val isKnown: (TopView) -> Boolean = { view -> view.rows.any { nanos(it.task) != null } }
            return TaskColumn(Column(order.title, isNumber = true), cells, isKnown = isKnown, cell = cell)
        }

        /** Columns stay where they are, whatever is in them. */
        private fun fixedWidths(
            columns: List<TaskColumn>,
            width: Int,
        ): List<Int> {
            val (numbers, texts) = columns.partition { it.column.isNumber }
            val left = width - numbers.sumOf { it.cells } - GAP * (columns.size - 1)
            val shares = texts.sumOf { it.cells }
            return columns.map { if (it.column.isNumber) it.cells else maxOf(left * it.cells / shares, LEAST_TEXT) }
        }
    }
}
