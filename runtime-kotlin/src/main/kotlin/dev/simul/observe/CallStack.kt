// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Task
import dev.simul.bodies.Body
import dev.simul.bodies.framesOfWait
import dev.simul.isAccessor
import dev.simul.isBeginOfBody
import dev.simul.isCallOfBody
import dev.simul.isOfLambda
import dev.simul.isResumption
import dev.simul.loop.LibraryCode
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/** The frames of tasks, the innermost first. */
internal object CallStack {
    /** Of any task, for a caller that may be the [current] one. */
    fun of(
        task: Task<*>,
        current: Task<*>?,
    ): List<FrameCallGraphEntry> = if (task === current) ofCaller(task) else of(task)

    /** Of a task that does not run: it waits, is about to continue, or has not begun. [most] frames at most. */
    fun of(
        task: Task<*>,
        most: Int = Int.MAX_VALUE,
        framesOf: (Body<*>) -> List<StackTraceElement> = Body<*>::framesOfWait,
    ): List<FrameCallGraphEntry> = outwards(task.step.suspendedFrame).flatMap { entriesOf(it, framesOf) }.take(most).toList()

    /**
     * The frame in which [task] began, whether it runs or not; null if it is not known. [framesOf] is called only for bodies outside of
     * which there is no frame of users.
     */
    fun outermostOf(
        task: Task<*>,
        framesOf: (Body<*>) -> List<StackTraceElement>,
    ): StackTraceElement? {
        val frames = outwards(task.step.suspendedFrame ?: task.step.lastSuspension as? CoroutineStackFrame).toList()
        return outermostOf(frames.asReversed().asSequence().flatMap { entriesOf(it, framesOf).asReversed() })
    }

    /** The first of [entries] from the outermost inwards that is not of this library, if there is such a one. */
    fun outermostOf(entries: Sequence<FrameCallGraphEntry>): StackTraceElement? {
        var outermost: StackTraceElement? = null
        for (entry in entries) {
            if (!LibraryCode.contains(entry.frame)) return entry.frame
            if (outermost == null) outermost = entry.frame
        }
        return outermost
    }

    /** Of the current task: what is on this thread's stack, and from where that was resumed, the frames that wait for it. */
    private fun ofCaller(task: Task<*>): List<FrameCallGraphEntry> =
        ofRunning(task, Throwable().stackTrace.dropWhile { it.className in OBSERVERS })

    /** Of a task that runs, on a thread whose [stack] this is. [most] frames at most. */
    fun ofRunning(
        task: Task<*>,
        stack: List<StackTraceElement>,
        most: Int = Int.MAX_VALUE,
    ): List<FrameCallGraphEntry> {
        val end = stack.indexOfFirst { it.isResumption || it.isBeginOfBody || it.isOfLoop }.takeIf { it >= 0 } ?: stack.size
        val entries = stack.take(end).entries(isAsync = false).take(most)
        val left = most - entries.size
        return when {
            end == stack.size || stack[end].isOfLoop -> entries
            stack[end].isResumption -> entries + callersOf(task, left) { it.javaClass.name == stack.getOrNull(end - 1)?.className }
            else -> entries + callersOf(task, left) { it is Body<*> }
        }
    }

    /** Of a callback that runs, on a thread whose [stack] this is. */
    fun ofCallback(stack: List<StackTraceElement>): List<FrameCallGraphEntry> = stack.takeWhile { !it.isOfLoop }.entries(isAsync = false)

    /**
     * The frames that wait for the one that runs, which [isRunning] tells. A coroutine that has ended stays at the head of the chain of [task]
     * while its callers run, so the chain is followed from the frame that runs.
     */
    private fun callersOf(
        task: Task<*>,
        most: Int,
        isRunning: (CoroutineStackFrame) -> Boolean,
    ): List<FrameCallGraphEntry> =
        outwards(task.step.lastSuspension as? CoroutineStackFrame)
            .dropWhile { !isRunning(it) }
            .drop(1)
            .flatMap { entriesOf(it) }
            .take(most)
            .toList()

    /** Another thread may ask while they change. */
    private fun outwards(frame: CoroutineStackFrame?): Sequence<CoroutineStackFrame> =
        generateSequence(frame) { it.callerFrame }.take(MOST_FRAMES)

    private fun entriesOf(
        frame: CoroutineStackFrame,
        framesOf: (Body<*>) -> List<StackTraceElement> = Body<*>::framesOfWait,
    ): List<FrameCallGraphEntry> =
        when (frame) {
            is Body<*> -> framesOf(frame).entries(isAsync = false)
            else -> listOfNotNull(frame.getStackTraceElement()).entries(isAsync = true)
        }

    private fun List<StackTraceElement>.entries(isAsync: Boolean) =
        filterNot { it.isMachinery || (it.isSynthetic && !isAsync) }.map { FrameCallGraphEntry(it, isAsync) }

    /** Whether it is the loop, which calls a callback or polls. */
    private val StackTraceElement.isOfLoop: Boolean get() = className == LOOP && OF_TURN.any(methodName::startsWith)

    /** Whether a compiler or the JVM has made it, for a frame that is shown beside it. */
    private val StackTraceElement.isSynthetic: Boolean
        get() =
            if (fileName?.endsWith(".kt") == true) {
                lineNumber <= 0 || isAccessor
            } else {
                lineNumber <= 0 && isOfLambda
            }

    /** Whether it only shows how this library calls a body. */
    private val StackTraceElement.isMachinery: Boolean
        get() = isCallOfBody || (className.startsWith(FACADE) && LibraryCode.contains(this))

    /** The classes that lie between the caller and here. */
    private val OBSERVERS = listOf("CallGraphs", "Capture", "CallStack", "DumpTasks").mapTo(HashSet()) { "dev.simul.observe.$it" }
    private const val LOOP = "dev.simul.loop.EventLoop"
    private val OF_TURN = listOf("runCallback", "runReady", "beginTurn")
    private const val MOST_FRAMES = 65_536
    private const val FACADE = "dev.simul.facade."
}
