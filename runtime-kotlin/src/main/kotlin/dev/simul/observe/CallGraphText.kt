// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Future
import dev.simul.Task
import dev.simul.cancellationsInEffect
import dev.simul.inShort
import dev.simul.loop.LibraryCode

/** Call graphs as text, in the form of `asyncio.format_call_graph`. */
internal class CallGraphText {
    private val lines = ArrayList<String>()

    fun add(graph: FutureCallGraph): CallGraphText = also { add(graph, "") }

    private fun add(
        graph: FutureCallGraph,
        indent: String,
    ) {
        addTo(graph.future, graph.callStack, indent)
        if (graph.awaitedBy.isEmpty()) return
        lines += "$indent  + Awaited by:"
        for (awaiter in graph.awaitedBy) add(awaiter, "$indent     ")
    }

    /** Adds a future with its wait and its stack. */
    fun addTo(
        future: Future<*>,
        callStack: List<FrameCallGraphEntry>,
        indent: String = "",
    ) {
        lines += "$indent* ${headline(future)}"
        if (future is Task<*>) {
            lines += "$indent  + ${describe(future)}"
            future.cancellationsInEffect().forEach { lines += "$indent  + $it" }
            future.origin?.stackTrace?.filter(LibraryCode::isUsers)?.let { made ->
                if (made.isNotEmpty()) lines += "$indent  + Made at:"
                made.forEach { lines += "$indent  |   ${it.inShort()}" }
            }
        }
        addStack(callStack, indent)
    }

    fun addStack(
        callStack: List<FrameCallGraphEntry>,
        indent: String = "",
    ) {
        if (callStack.isNotEmpty()) lines += "$indent  + Call stack:"
        for (entry in callStack) lines += "$indent  |   ${if (entry.isAsync) "async " else ""}${entry.frame.inShort()}"
    }

    fun add(line: String): CallGraphText = also { lines += line }

    private fun headline(future: Future<*>): String {
        val id = "0x" + Integer.toHexString(System.identityHashCode(future))
        return if (future is Task<*>) "Task(name='${future.name}', id=$id)" else "${future.describeKind()}(id=$id)"
    }

    private fun describe(task: Task<*>): String {
        val requests = task.cancelling()
        val asked = if (requests == 0) "" else ", although asked to cancel $requests ${times(requests)}"
        return task.describeNow() + asked
    }

    override fun toString(): String = lines.joinToString("\n")
}

internal fun Future<*>.describeBriefly(): String = if (this is Task<*>) name else describeKind()
