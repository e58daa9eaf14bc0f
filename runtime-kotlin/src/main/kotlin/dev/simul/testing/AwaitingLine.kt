// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.Task
import dev.simul.bodies.Body
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/**
 * Finds the line of the user's code in which a task awaits.
 *
 * @param library a class of each library that is not the user's code; the JDK, Kotlin and this library are excluded anyway.
 */
internal class AwaitingLine(
    library: Collection<Class<*>> = emptyList(),
) {
    private val libraries = (library + Task::class.java).mapNotNullTo(HashSet()) { it.location }

    /** The innermost line of the user's code, or else of any code; null if no line is known. */
    fun of(task: Task<*>): StackTraceElement? {
        val frames = coroutineFrames(task) + bodyFrames(task)
        return frames.firstOrNull { isUsers(it) } ?: frames.firstOrNull { it.lineNumber > 0 }
    }

    private fun coroutineFrames(task: Task<*>): List<StackTraceElement> =
        generateSequence(task.step.suspension as? CoroutineStackFrame) { it.callerFrame }
            .mapNotNull { it.getStackTraceElement() }
            .toList()

    private fun bodyFrames(task: Task<*>): List<StackTraceElement> =
        Body.threadsOf(task.loop, task.step).asReversed().flatMap { it.stackTrace.toList() }

    private fun isUsers(frame: StackTraceElement): Boolean {
        if (frame.lineNumber <= 0 || LANGUAGES.any(frame.className::startsWith)) return false
        val type = runCatching { Class.forName(frame.className, false, Thread.currentThread().contextClassLoader) }
        val location = (type.getOrNull() ?: return true).location
        return location != null && location !in libraries
    }

    private companion object {
        /** The JDK has no location. */
        val LANGUAGES = listOf("kotlin.", "kotlinx.")

        val Class<*>.location: Any? get() = protectionDomain?.codeSource?.location?.toExternalForm()
    }
}
