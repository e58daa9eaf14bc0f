// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Task
import dev.simul.bodies.Body
import dev.simul.bodies.framesOfWait
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/** The frames of tasks, the innermost first. */
internal object CallStack {
    /** Of a task that does not run: it waits, is about to continue, or has not begun. */
    fun of(task: Task<*>): List<FrameCallGraphEntry> = outwards(task.step.suspendedFrame).flatMap(::entriesOf).toList()

    /** Of the current task: what is on this thread's stack, and from where that was resumed, the frames that wait for it. */
    fun ofCaller(task: Task<*>): List<FrameCallGraphEntry> {
        val stack = Throwable().stackTrace.dropWhile { it.className in OBSERVERS }
        val end = stack.indexOfFirst { it.isResumption || it.isBeginOfBody }.takeIf { it >= 0 } ?: stack.size
        val entries = stack.take(end).entries(isAsync = false)
        return when {
            end == stack.size -> entries
            stack[end].isResumption -> entries + callersOf(task) { it.javaClass.name == stack.getOrNull(end - 1)?.className }
            else -> entries + callersOf(task) { it is Body<*> }
        }
    }

    /**
     * The frames that wait for the one that runs, which [isRunning] tells. A coroutine that has ended stays at the head of the chain of [task]
     * while its callers run, so the chain is followed from the frame that runs.
     */
    private fun callersOf(
        task: Task<*>,
        isRunning: (CoroutineStackFrame) -> Boolean,
    ): List<FrameCallGraphEntry> =
        outwards(task.step.lastSuspension as? CoroutineStackFrame).dropWhile { !isRunning(it) }.drop(1).flatMap(::entriesOf).toList()

    private fun outwards(frame: CoroutineStackFrame?): Sequence<CoroutineStackFrame> = generateSequence(frame) { it.callerFrame }

    private fun entriesOf(frame: CoroutineStackFrame): List<FrameCallGraphEntry> =
        when (frame) {
            is Body<*> -> frame.framesOfWait().entries(isAsync = false)
            else -> listOfNotNull(frame.getStackTraceElement()).entries(isAsync = true)
        }

    private fun List<StackTraceElement>.entries(isAsync: Boolean) =
        filterNot { it.isMachinery || (it.isSynthetic && !isAsync) }.map { FrameCallGraphEntry(it, isAsync) }

    private val StackTraceElement.isResumption: Boolean get() = className == CONTINUATION && methodName == "resumeWith"

    private val StackTraceElement.isBeginOfBody: Boolean get() = className == Body::class.java.name && methodName == "run"

    /** Whether a compiler or the JVM has made it, for a frame that is shown beside it. */
    private val StackTraceElement.isSynthetic: Boolean
        get() = lineNumber <= 0 && (LAMBDA in className || fileName?.endsWith(".kt") == true)

    /** Whether it only shows how this library calls a body. */
    private val StackTraceElement.isMachinery: Boolean
        get() = MACHINERY.any(className::startsWith) || (className.startsWith(FACADE) && LibraryCode.contains(this))

    /** The classes that lie between the caller and here. */
    private val OBSERVERS = listOf("CallGraphs", "Capture", "CallStack").mapTo(HashSet()) { "dev.simul.observe.$it" }
    private const val CONTINUATION = "kotlin.coroutines.jvm.internal.BaseContinuationImpl"
    private const val LAMBDA = "\$\$Lambda"
    private const val FACADE = "dev.simul.facade."
    private val MACHINERY = listOf("dev.simul.bodies.", "dev.simul.interop.")
}
