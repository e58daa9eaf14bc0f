// SPDX-License-Identifier: Apache-2.0
@file:JvmName("DumpTasks")

package dev.simul.observe

import dev.simul.allTasks
import dev.simul.currentTask
import dev.simul.inLines
import dev.simul.loop.EventLoop
import dev.simul.loop.addSignalReceiver
import dev.simul.loop.getRunningLoop
import dev.simul.loop.getRunningLoopOrNull
import java.io.PrintStream
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import java.util.concurrent.atomic.AtomicBoolean

/**
 * Prints the pending tasks of [loop], in the order of their creation: what each waits for, its stack, and who awaits it.
 *
 * What can be known, and from which thread, is told at [captureCallGraph]. asyncio has no equivalent in a program; its
 * `python -m asyncio ps` looks from outside.
 *
 * @param loop null for the running one.
 * @throws IllegalStateException if no loop is given and none is running.
 */
@JvmOverloads
public fun dumpTasks(
    out: PrintStream = System.err,
    loop: EventLoop? = null,
) {
    out.println(describeTasks(loop ?: getRunningLoop()))
}

/**
 * Has the tasks of this loop printed by [dumpTasks] whenever the process gets [signal], also while a task keeps the loop busy.
 *
 * The loop prints them in a turn of its own. If it does not come to that within 200 ms, or does not run, the thread of the signal prints
 * what it finds, and says so: with the stack of the thread that the loop is busy in, and states that may never have been all at once. It
 * takes the place of a handler of this loop for the signal, and [dev.simul.loop.removeSignalHandler] removes it.
 *
 * asyncio has no equivalent; compare `faulthandler.register(signum)`.
 *
 * @param signal its name, as `"USR1"`: see [dev.simul.loop.addSignalHandler], which also tells which signals there are.
 * @param out null for the standard error stream of that moment.
 * @throws IllegalArgumentException if this system knows no signal of that name.
 * @throws IllegalStateException if no program can catch that signal, or the JVM reserves it; if the loop is closed; in debug mode also if
 *   another thread runs the loop.
 */
@JvmOverloads
public fun EventLoop.dumpTasksOn(
    signal: String,
    out: PrintStream? = null,
): Unit = addSignalReceiver(signal, "dumpTasksOn") { (out ?: System.err).println(describeTasksFromOutside(this)) }

internal fun describeTasks(loop: EventLoop): String {
    val tasks = allTasks(loop)
    val text = CallGraphText().add("${tasks.size} task${if (tasks.size == 1) "" else "s"} of $loop${if (tasks.isEmpty()) "" else ":"}")
    val current = getRunningLoopOrNull()?.let { currentTask(it) }
    for (task in tasks) {
        text.addTo(task, CallStack.of(task, current))
        val awaiters = awaitersOf(task)
        if (awaiters.isNotEmpty()) text.add("  + Awaited by: ${awaiters.joinToString { it.describeBriefly() }}")
    }
    return text.toString()
}

/** As [describeTasks], for a thread that does not run [loop]. */
private fun describeTasksFromOutside(loop: EventLoop): String {
    if (!loop.isRunning) return "The loop does not run.\n${describeTasks(loop)}"
    val described = CompletableFuture<String>()
    val isTaken = AtomicBoolean()
    loop.handInSurely {
        if (isTaken.compareAndSet(false, true)) {
            described.complete(runCatching { describeTasks(loop) }.getOrElse { it.stackTraceToString() })
        }
    }
    return try {
        described.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
    } catch (_: TimeoutException) {
        if (isTaken.compareAndSet(false, true)) describeBusy(loop) else described.join()
    }
}

private fun describeBusy(loop: EventLoop): String {
    val thread = loop.stacks.holder?.thread
    val where = if (thread == null) "" else " It is busy in thread '${thread.name}':${thread.stackTrace.asList().inLines()}"
    val tasks = runCatching { describeTasks(loop) }.getOrElse { "Its tasks cannot be read while it runs: $it" }
    return "The loop has not answered for $PATIENCE_MILLIS ms; what follows was read while it ran.$where\n$tasks"
}

private const val PATIENCE_MILLIS = 200L
