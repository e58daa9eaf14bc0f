// SPDX-License-Identifier: Apache-2.0
@file:JvmName("CallGraphs")

package dev.simul.observe

import dev.simul.Future
import dev.simul.Task
import dev.simul.currentTask
import dev.simul.loop.getRunningLoopOrNull
import java.io.PrintStream

/**
 * Where a future stands: in which lines its task waits, and who awaits it, and so on up to those that nobody awaits.
 *
 * Source: `asyncio.FutureCallGraph`.
 *
 * @property future a future or a task.
 * @property callStack the frames of a task, the innermost first; empty for a future that is no task.
 * @property awaitedBy those that go on, or may be done, when [future] is done.
 */
public data class FutureCallGraph(
    public val future: Future<*>,
    public val callStack: List<FrameCallGraphEntry>,
    public val awaitedBy: List<FutureCallGraph>,
)

/**
 * A frame of a task.
 *
 * Source: `asyncio.FrameCallGraphEntry`.
 *
 * @property frame its class, method, file and line. A call in tail position has no frame.
 * @property isAsync whether it is that of a suspended function, kept in the heap; other frames lie on the stack of a thread.
 */
public data class FrameCallGraphEntry(
    public val frame: StackTraceElement,
    public val isAsync: Boolean,
)

/**
 * The call graph of [future], or of the current task. Whom a future awaits is told by the graphs of those.
 *
 * It shows what the futures and coroutines know by themselves, and costs nothing before it is asked for: frames of suspended coroutines of
 * Kotlin, stacks of bodies in Java, and the waits of this library's own futures, tasks, groups and `gather`. While a task is suspended in
 * other libraries' code, only the frames around it are known.
 *
 * Call it in the loop's thread, or while the loop does not run; in another thread, it may show a state that never was. A future that awaits
 * itself by a detour is shown once on each way. As in asyncio, a future that is awaited on several paths is shown on each of them: of tasks
 * that gather each other layer by layer, the graph grows exponentially with the layers.
 *
 * Source: `asyncio.capture_call_graph(future=None, /, *, depth=1, limit=None)`.
 *
 * @param depth how many frames to leave out of the current task's stack, beginning with this call.
 * @param limit how many frames to keep of each stack: the innermost ones; if negative, the outermost; null for all.
 * @return null if no future is given and there is no current task.
 * @throws IllegalStateException if no future is given and no loop is running.
 */
@JvmOverloads
public fun captureCallGraph(
    future: Future<*>? = null,
    depth: Int = 1,
    limit: Int? = null,
): FutureCallGraph? {
    val loop = getRunningLoopOrNull()
    check(future != null || loop != null) { "no loop is running here: name the future whose call graph you want" }
    val current = loop?.let { currentTask(it) }
    val asked = future ?: current ?: return null
    return Capture(limit, current, depth).of(asked)
}

/**
 * The call graph as text; empty if there is none. See [captureCallGraph].
 *
 * Source: `asyncio.format_call_graph(future=None, /, *, depth=1, limit=None)`.
 */
@JvmOverloads
public fun formatCallGraph(
    future: Future<*>? = null,
    depth: Int = 1,
    limit: Int? = null,
): String = captureCallGraph(future, depth, limit)?.let { CallGraphText().add(it).toString() }.orEmpty()

/**
 * Prints the call graph. See [captureCallGraph].
 *
 * Source: `asyncio.print_call_graph(future=None, /, *, file=None, depth=1, limit=None)`.
 */
@JvmOverloads
public fun printCallGraph(
    future: Future<*>? = null,
    file: PrintStream = System.out,
    depth: Int = 1,
    limit: Int? = null,
) {
    val text = formatCallGraph(future, depth, limit)
    if (text.isNotEmpty()) file.println(text)
}

/** Makes one call graph. */
private class Capture(
    private val limit: Int?,
    private val current: Task<*>?,
    private val depth: Int,
) {
    private val path = ArrayList<Future<*>>()

    fun of(future: Future<*>): FutureCallGraph {
        path += future
        val awaitedBy = awaitersOf(future).filter { awaiter -> path.none { it === awaiter } }.map(::of)
        path.removeLast()
        return FutureCallGraph(future, stackOf(future).limited(), awaitedBy)
    }

    private fun stackOf(future: Future<*>): List<FrameCallGraphEntry> =
        if (future is Task<*>) CallStack.of(future, current).drop(if (future === current) depth - 1 else 0) else emptyList()

    private fun List<FrameCallGraphEntry>.limited(): List<FrameCallGraphEntry> =
        when {
            limit == null -> this
            limit >= 0 -> take(limit)
            else -> takeLast(-limit)
        }
}
