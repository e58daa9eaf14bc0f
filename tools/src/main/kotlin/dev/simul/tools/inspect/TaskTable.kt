// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import com.github.ajalt.mordant.rendering.TextStyles.bold
import com.github.ajalt.mordant.rendering.TextStyles.dim

/**
 * The tasks of all loops, a line each.
 *
 * Source: `python -m asyncio ps`, which has the threads in a column; here each loop has a table of its own.
 *
 * @property width the columns of a terminal, in which long cells are cut; null to cut none.
 */
internal class TaskTable(
    private val width: Int? = null,
    private val stacks: Boolean = false,
    private val palette: Palette = Palette.PLAIN,
) {
    fun of(loops: List<LoopSnapshot>): List<String> {
        val graph = AwaitGraph(loops.flatMap { it.tasks })
        return loops.flatMapIndexed { index, loop ->
            (if (index == 0) emptyList() else listOf("")) + headingOf(loop, palette) + tableOf(loop.tasks, graph)
        }
    }

    private fun tableOf(
        tasks: List<TaskSnapshot>,
        graph: AwaitGraph,
    ): List<String> {
        if (tasks.isEmpty()) return emptyList()
        val known = COLUMNS.filter { it.column.title != AGE || tasks.any { task -> task.ageNanos != null } }
        val columns = known.map { it.column }
        val rows = tasks.map { task -> known.map { it.cell(task, graph) } }
        val widths = widthsOf(columns, rows, width)
        val title = palette.paint(bold, lineOf(columns, columns.map { it.title }, widths))
        return listOf(title) +
            tasks.indices.flatMap { listOf(palette.paintTask(tasks[it], lineOf(columns, rows[it], widths))) + details(tasks[it]) }
    }

    private fun details(task: TaskSnapshot): List<String> = detailsOf(task, stacks).map { palette.paint(dim, "  $it") }

    private class TaskColumn(
        val column: Column,
        val cell: (TaskSnapshot, AwaitGraph) -> String,
    )

    private companion object {
        private const val AGE = "age"
        private val COLUMNS =
            listOf(
                TaskColumn(Column("task id", isNumber = true)) { task, _ -> "${task.id}" },
                TaskColumn(Column("task name", least = 9)) { task, _ -> printable(task.name) },
                TaskColumn(Column("state")) { task, _ -> printable(task.state) },
                TaskColumn(Column(AGE, isNumber = true)) { task, _ -> duration(task.ageNanos) },
                TaskColumn(Column("coroutine", least = 16, keepsEnd = true)) { task, _ -> printable(short(task.coroutine)) },
                TaskColumn(Column("waiting for", least = 10)) { task, _ -> printable(task.waitingFor.orEmpty()) },
                TaskColumn(Column("awaiter name", least = 8)) { task, graph -> namesOf(graph.awaitedBy(task)) },
                TaskColumn(Column("cancelling", isNumber = true)) { task, _ -> if (task.cancelling == 0) "" else "${task.cancelling}" },
            )
    }
}

/** The first of them by name; a lock or an event may be awaited by thousands. */
internal fun namesOf(tasks: List<TaskSnapshot>): String {
    val more = tasks.size - NAMES
    return tasks.take(NAMES).joinToString { printable(it.name) } + if (more > 0) " and $more more" else ""
}

private const val NAMES = 3
