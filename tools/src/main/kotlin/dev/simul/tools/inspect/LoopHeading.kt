// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import com.github.ajalt.mordant.rendering.TextColors.red
import com.github.ajalt.mordant.rendering.TextStyles.bold
import com.github.ajalt.mordant.rendering.TextStyles.dim

/** The lines above the tasks of a loop: what it does, and its live stack if it did not answer. */
internal fun headingOf(
    loop: LoopSnapshot,
    palette: Palette,
): List<String> {
    val tasks = plural(loop.tasks.size, "task")
    val name = palette.paint(bold, "loop ${loop.id}")
    val headline = "$name in thread ${printable(loop.thread)}: ${printable(loop.state)}, $tasks${figuresOf(loop.metrics)}"
    val busy = busyLines(loop).map { palette.paint(red, it) }
    return listOf(headline) + busy + loop.busyStack.map { palette.paint(dim, "  |   ${printable(it)}") }
}

private fun figuresOf(metrics: LoopMetrics): String =
    listOfNotNull(
        metrics.ready?.let { ", $it ready" },
        metrics.timers?.let { ", ${plural(it.toInt(), "timer")}" },
        metrics.connections?.let { ", ${plural(it.toInt(), "connection")}" },
        metrics.lagNanos?.let { ", lag ${duration(it)}" },
    ).joinToString("")

/** Says so where the loop did not answer. */
internal fun busyLines(loop: LoopSnapshot): List<String> {
    if (loop.answered) return emptyList()
    val task = loop.tasks.find { it.id == loop.busyTask }?.let { " in ${printable(it.name)}" }.orEmpty()
    val busy =
        when {
            loop.state != "running" -> ""
            loop.busyNanos == null -> ": it is busy$task"
            else -> ": it has been busy for ${duration(loop.busyNanos)}$task"
        }
    return listOf("  + it did not answer within 200 ms$busy; this was read while it ran, and may be a state that never was")
}
