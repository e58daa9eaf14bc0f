// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.currentTask
import dev.simul.loop.getRunningLoopOrNull

/**
 * This exception, thrown on another stack, with the frames of the calling body that awaits it added to its trace, below a line
 * `awaited.by(Task-7)`: once for each task that it passes.
 */
internal fun Throwable.awaitedHere(): Throwable {
    val task = getRunningLoopOrNull()?.let { currentTask(it) } ?: return this
    val trace = stackTrace
    if (trace.isEmpty() || trace.any { it.isAwaitedBy && it.fileName == task.name }) return this
    if (trace.count { it.isAwaitedBy } >= MOST_TASKS) return this
    val own = Throwable().stackTrace.dropWhile { it.className in ownClasses }
    val marker = StackTraceElement(AWAITED, BY, task.name, -1)
    stackTrace = (trace.withoutTheLoop() + marker + own.toTypedArray().withoutTheLoop())
    return this
}

/** The frames of a body that waits, without those of the wait itself, and of the loop that may run on top of it. */
internal fun Body<*>.framesOfWait(): List<StackTraceElement> {
    val all = thread?.stackTrace.orEmpty().asList()
    val wait = all.indexOfLast { it.className == BODY && it.methodName == "waitForTurn" }
    val begin = all.indexOfLast { it.className == BODY && it.methodName == "run" }
    return if (wait in 0 until begin) all.subList(wait + 1, begin) else emptyList()
}

private val StackTraceElement.isAwaitedBy: Boolean get() = className == AWAITED && methodName == BY

/** Removes the frames that only show on which stack the loop happened to run. */
private fun Array<StackTraceElement>.withoutTheLoop(): Array<StackTraceElement> {
    val below = indexOfFirst { it.className == LOOP && (it.methodName.startsWith("runUntilGranted") || it.methodName == "runForever") }
    if (below < 0) return this
    val resumed = drop(below).firstOrNull { it.isAwaitedBy } ?: return copyOfRange(0, below)
    return copyOfRange(0, below) + drop(indexOf(resumed))
}

private const val BODY = "dev.simul.bodies.Body"
private const val AWAITED = "awaited"
private const val BY = "by"
private val ownClasses =
    setOf("bodies.AwaitingFramesKt", "bodies.Body", "bodies.Call", "bodies.AwaitableCall", "interop.Bodies").mapTo(HashSet()) {
        "dev.simul.$it"
    }
private const val LOOP = "dev.simul.loop.EventLoop"
private const val MOST_TASKS = 16
