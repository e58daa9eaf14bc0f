// SPDX-License-Identifier: Apache-2.0
@file:JvmName("DumpTasks")

package dev.simul.observe

import dev.simul.allTasks
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import java.io.PrintStream

/**
 * Prints the pending tasks of [loop], in the order of their creation: what each waits for, its stack, and who awaits it.
 *
 * What can be known, and from which thread, is told at [captureCallGraph]. asyncio has no equivalent in a program; its `python -m asyncio ps`
 * looks from outside.
 *
 * @param loop null for the running one.
 * @throws IllegalStateException if no loop is given and none is running.
 */
@JvmOverloads
public fun dumpTasks(
    out: PrintStream = System.err,
    loop: EventLoop? = null,
) {
    val of = loop ?: getRunningLoop()
    val tasks = allTasks(of)
    val text = CallGraphText().add("${tasks.size} task${if (tasks.size == 1) "" else "s"} of $of${if (tasks.isEmpty()) "" else ":"}")
    for (task in tasks) {
        val graph = captureCallGraph(task)!!
        text.addTo(task, graph.callStack)
        if (graph.awaitedBy.isNotEmpty()) text.add("  + Awaited by: ${graph.awaitedBy.joinToString { it.future.describeBriefly() }}")
    }
    out.println(text)
}
