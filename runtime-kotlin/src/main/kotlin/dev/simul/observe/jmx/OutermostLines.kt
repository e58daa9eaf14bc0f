// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.Task
import dev.simul.bodies.Body
import dev.simul.inShort
import dev.simul.observe.CallStack
import dev.simul.observe.FrameCallGraphEntry
import java.util.WeakHashMap

/**
 * The lines where tasks stand in their outermost frames.
 *
 * For bodies, these are on the stacks of threads. To read such a stack takes a tenth of a millisecond, in which older JVMs stop all threads;
 * so a look reads a few of them, first those that were never read, then those that were read longest ago, and tells of the others what
 * earlier looks have found.
 */
internal object OutermostLines {
    /** How many stacks of threads a look reads. */
    const val MOST_READ = 200
    private const val MOST_NANOS = 20_000_000L

    private class Known(
        val line: String,
        val look: Long,
    )

    private val known = WeakHashMap<Task<*>, Known>()
    private var looks = 0L

    /** Those of [tasks], which are empty as long as they are not known; [stacks] are those that were read already. */
    @Synchronized
    fun of(
        tasks: List<Task<*>>,
        stacks: Map<Task<*>, List<FrameCallGraphEntry>>,
        framesOf: (Body<*>) -> List<StackTraceElement>,
    ): Map<Task<*>, String> {
        looks++
        val lines = HashMap<Task<*>, String>()
        val onThreads = ArrayList<Task<*>>()
        for (task in tasks) {
            val stack = stacks[task].orEmpty()
            val line = if (stack.isEmpty()) lineOffThreads(task) else lineOf(stack)
            if (stack.any { !it.isAsync }) known[task] = Known(line.orEmpty(), looks)
            if (line == null) onThreads += task else lines[task] = line
        }
        readSome(onThreads, framesOf)
        return onThreads.associateWithTo(lines) { known[it]?.line.orEmpty() }
    }

    private fun lineOf(stack: List<FrameCallGraphEntry>): String =
        orElse("") { CallStack.outermostOf(stack.asReversed().asSequence())?.inShort().orEmpty() }

    /** Null if that is on the stack of a thread. */
    private fun lineOffThreads(task: Task<*>): String? {
        var isOnThread = false
        val frame =
            orElse(null) {
                CallStack.outermostOf(task) {
                    isOnThread = true
                    emptyList()
                }
            }
        return if (isOnThread) null else frame?.inShort().orEmpty()
    }

    private fun readSome(
        tasks: List<Task<*>>,
        framesOf: (Body<*>) -> List<StackTraceElement>,
    ) {
        val began = System.nanoTime()
        for (task in tasks.sortedBy { known[it]?.look ?: 0 }.take(MOST_READ)) {
            val line = orElse(null) { CallStack.outermostOf(task, framesOf)?.inShort() }
            known[task] = Known(line ?: known[task]?.line.orEmpty(), looks)
            if (System.nanoTime() - began > MOST_NANOS) return
        }
    }
}
