// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.Task
import dev.simul.bodies.Body
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/** Finds the lines of the user's code in which a task awaits: not those of the JDK, Kotlin, the test frameworks and this library. */
internal class AwaitingLine {
    private val libraries = OWN.mapNotNull(::classOrNull).mapNotNullTo(HashSet()) { it.location }

    /** The innermost line of the user's code, or else of any code; null if no line is known. */
    fun of(task: Task<*>): StackTraceElement? {
        val frames = framesOf(task)
        return frames.firstOrNull { isUsers(it) } ?: frames.firstOrNull { it.lineNumber > 0 }
    }

    /** The stack from the innermost line of the user's code to the outermost; empty if there is none. */
    fun allOf(task: Task<*>): List<StackTraceElement> = framesOf(task).dropWhile { !isUsers(it) }.dropLastWhile { !isUsers(it) }

    private fun framesOf(task: Task<*>) = coroutineFrames(task) + bodyFrames(task)

    private fun coroutineFrames(task: Task<*>): List<StackTraceElement> =
        generateSequence(task.step.suspension as? CoroutineStackFrame) { it.callerFrame }
            .mapNotNull { it.getStackTraceElement() }
            .toList()

    private fun bodyFrames(task: Task<*>): List<StackTraceElement> =
        Body.threadsOf(task.loop, task.step).asReversed().flatMap { it.stackTrace.toList() }

    private fun isUsers(frame: StackTraceElement): Boolean {
        if (frame.lineNumber <= 0 || NEVER_USERS.any(frame.className::startsWith)) return false
        val type = runCatching { Class.forName(frame.className, false, Thread.currentThread().contextClassLoader) }
        val location = (type.getOrNull() ?: return true).location
        return location != null && location !in libraries
    }

    private companion object {
        val NEVER_USERS = listOf("kotlin.", "kotlinx.", "org.junit.", "io.kotest.")

        /** The JDK has none. */
        val Class<*>.location: String?
            get() = protectionDomain?.codeSource?.location?.toExternalForm()?.takeUnless { it.startsWith("jrt:") }

        /** A class of each artifact that may lie between the user's code and this library. */
        val OWN = listOf("Task", "facade.Asyncio", "junit.AsyncTest", "kotest.SimulExtension").map { "dev.simul.$it" }

        fun classOrNull(name: String): Class<*>? = runCatching { Class.forName(name, false, Task::class.java.classLoader) }.getOrNull()
    }
}
