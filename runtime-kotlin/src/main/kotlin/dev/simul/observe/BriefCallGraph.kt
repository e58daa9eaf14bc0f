// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Future
import dev.simul.Task
import java.util.Collections
import java.util.IdentityHashMap

/**
 * The call graph of a task as text of bounded length, for a reader that has not been asked, such as the watchdog.
 *
 * [captureCallGraph] follows each path of awaiters to its end, as asyncio does, and there may be exponentially many. This shows each future
 * once, [MOST_FUTURES] in all and [MOST_LEVELS] deep, and says how many it leaves out.
 *
 * It may be read while the loop runs: what changes under its hands is left out.
 */
internal class BriefCallGraph {
    private val text = CallGraphText()
    private val seen = Collections.newSetFromMap(IdentityHashMap<Future<*>, Boolean>())
    private var left = MOST_FUTURES

    /** @param running the stack of the thread that runs [task]; null if it does not run. */
    fun of(
        task: Task<*>,
        running: List<StackTraceElement>?,
    ): String {
        seen += task
        add(task, running, "", MOST_LEVELS)
        return text.toString()
    }

    private fun add(
        future: Future<*>,
        running: List<StackTraceElement>?,
        indent: String,
        levels: Int,
    ) {
        left--
        readable { text.addTo(future, emptyList(), indent) }
        addStack(future, running, indent)
        val awaiters = readable { awaitersOf(future) }.orEmpty()
        if (awaiters.isEmpty()) return
        text.add("$indent  + Awaited by:")
        val inner = "$indent     "
        for ((index, awaiter) in awaiters.withIndex()) {
            if (left <= 0 || levels == 0) {
                text.add("$inner* and ${awaiters.size - index} more")
                return
            }
            if (seen.add(awaiter)) add(awaiter, null, inner, levels - 1) else addAgain(awaiter, inner)
        }
    }

    private fun addAgain(
        future: Future<*>,
        indent: String,
    ) {
        left--
        text.add("$indent* ${future.describeBriefly()}, as above")
    }

    private fun addStack(
        future: Future<*>,
        running: List<StackTraceElement>?,
        indent: String,
    ) {
        if (future !is Task<*>) return
        val most = if (running == null) MOST_FRAMES_OF_AWAITER else MOST_FRAMES
        val stack =
            if (running == null) {
                readable { CallStack.of(future, most + 1) }.orEmpty()
            } else {
                readable { CallStack.ofRunning(future, running, most + 1) } ?: CallStack.ofCallback(running)
            }
        text.addStack(stack.take(most), indent)
        if (stack.size > most) text.add("$indent  |   and more")
    }

    /** Null if it changes meanwhile. */
    private inline fun <R> readable(read: () -> R): R? = runCatching(read).getOrNull()

    companion object {
        const val MOST_FUTURES = 50
        const val MOST_LEVELS = 20

        /** Of the stack that runs. */
        const val MOST_FRAMES = 256
        const val MOST_FRAMES_OF_AWAITER = 20
    }
}
