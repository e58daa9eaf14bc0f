// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import com.github.ajalt.mordant.rendering.TextColors.cyan
import com.github.ajalt.mordant.rendering.TextColors.green
import com.github.ajalt.mordant.rendering.TextColors.yellow

/** What a task waits for, or what it does instead. */
internal fun doing(task: TaskSnapshot): String = task.waitingFor?.let { "waiting for ${printable(it)}" } ?: printable(task.state)

/** How often it was asked to cancel; empty if it was not. */
internal fun askedToCancel(task: TaskSnapshot): String =
    if (task.cancelling == 0) "" else "asked to cancel ${plural(task.cancelling, "time")}"

/** What became of these requests, and the stack if [stacks] are to be shown, to stand below the task. */
internal fun detailsOf(
    task: TaskSnapshot,
    stacks: Boolean,
): List<String> = task.cancellation.map { "+ ${printable(it)}" } + if (stacks) task.stack.map { "|   ${printable(it)}" } else emptyList()

/** The line of a task, in the color of its state; one that was asked to cancel and goes on is the one to look at. */
internal fun Palette.paintTask(
    task: TaskSnapshot,
    line: String,
): String =
    when {
        task.cancelling > 0 -> paint(yellow, line)
        task.state == "running" -> paint(green, line)
        task.state == "ready" -> paint(cyan, line)
        else -> line
    }
