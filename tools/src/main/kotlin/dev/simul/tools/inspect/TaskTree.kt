// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import com.github.ajalt.mordant.rendering.TextColors.red
import com.github.ajalt.mordant.rendering.TextColors.yellow
import com.github.ajalt.mordant.rendering.TextStyles.bold
import com.github.ajalt.mordant.rendering.TextStyles.dim

/**
 * The tasks of all loops as trees: below each task are those that it awaits. A task that several others await is shown below each, but what
 * it awaits only once. A task that awaits itself by a detour is said to do so, before the trees and where its cycle closes.
 *
 * Source: `python -m asyncio pstree`, which shows no tree where there is a cycle.
 */
internal class TaskTree(
    private val width: Int? = null,
    private val stacks: Boolean = false,
    private val palette: Palette = Palette.PLAIN,
) {
    private val lines = ArrayList<String>()
    private val shown = HashSet<Long>()

    fun of(loops: List<LoopSnapshot>): List<String> {
        val graph = AwaitGraph(loops.flatMap { it.tasks })
        graph.cycles.forEach { lines += palette.paint(red, textOf(it)) }
        for (loop in loops) {
            if (lines.isNotEmpty()) lines += ""
            lines += headingOf(loop, palette)
            val own = loop.tasks.mapTo(HashSet()) { it.id }
            add(graph.roots.filter { it.id in own }, graph)
        }
        return lines
    }

    private fun textOf(cycle: List<TaskSnapshot>) = "cycle: " + (cycle + cycle.first()).joinToString(" → ") { printable(it.name) }

    /** Nodes whose lines are still to come, those that come first at the end. */
    private fun add(
        roots: List<TaskSnapshot>,
        graph: AwaitGraph,
    ) {
        val open = ArrayList(nodesOf(roots, null).reversed())
        while (open.isNotEmpty()) {
            val node = open.removeLast()
            open += add(node, graph).reversed()
        }
    }

    /** Adds the lines of a task, and returns the nodes below it. */
    private fun add(
        node: Node,
        graph: AwaitGraph,
    ): List<Node> {
        val task = node.task
        val awaited = graph.awaits(task)
        val remark =
            when {
                awaited.isEmpty() -> null
                node.isBelow(task) -> "(cycle: it is also above)"
                task.id in shown -> "(what it awaits is shown above)"
                node.depth == DEEPEST -> "(more below: 'simul ps' lists all tasks)"
                else -> null
            }
        lines += node.indent + node.branch +
            fit(textOf(task, remark), width?.let { it - node.indent.length - node.branch.length } ?: Int.MAX_VALUE)
                .let { painted(task, it) }
        val below = if (remark == null && shown.add(task.id)) nodesOf(awaited, node) else emptyList()
        val margin = node.margin + if (below.isEmpty()) "" else "│"
        detailsOf(task, stacks && remark == null).forEach { lines += palette.paint(dim, "${pad(margin, node.margin.length + 1)} $it") }
        return below
    }

    private fun textOf(
        task: TaskSnapshot,
        remark: String?,
    ): String =
        listOf("(T) ${printable(task.name)}", printable(short(task.coroutine)), doing(task), askedToCancel(task), remark.orEmpty())
            .filter { it.isNotEmpty() }
            .joinToString("  ")

    private fun painted(
        task: TaskSnapshot,
        line: String,
    ): String {
        val name = "(T) ${printable(task.name)}"
        return when {
            task.cancelling > 0 -> palette.paint(yellow, line)
            line.startsWith(name) -> palette.paint(bold, name) + line.removePrefix(name)
            else -> line
        }
    }

    private fun nodesOf(
        tasks: List<TaskSnapshot>,
        parent: Node?,
    ): List<Node> = tasks.mapIndexed { index, task -> Node(task, parent, isLast = index == tasks.lastIndex) }

    private class Node(
        val task: TaskSnapshot,
        val parent: Node?,
        private val isLast: Boolean,
    ) {
        val depth: Int = (parent?.depth ?: 0) + 1
        val indent: String = parent?.margin.orEmpty()
        val branch: String get() = if (isLast) "└── " else "├── "
        val margin: String = indent + if (isLast) "    " else "│   "

        fun isBelow(task: TaskSnapshot): Boolean = generateSequence(parent) { it.parent }.any { it.task.id == task.id }
    }

    private companion object {
        private const val DEEPEST = 200
    }
}
