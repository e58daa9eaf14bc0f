// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.Task
import dev.simul.loop.LibraryCode
import dev.simul.observe.CallStack

/** The lines of the user's code in which a task awaits: not those of the JDK, Kotlin, the test frameworks and this library. */
internal object AwaitingLine {
    /** The innermost line of the user's code, or else of any code; null if no line is known. */
    fun of(task: Task<*>): StackTraceElement? {
        val frames = framesOf(task)
        return frames.firstOrNull(LibraryCode::isUsers) ?: frames.firstOrNull { it.lineNumber > 0 }
    }

    /** The stack from the innermost line of the user's code to the outermost; empty if there is none. */
    fun allOf(task: Task<*>): List<StackTraceElement> =
        framesOf(task).dropWhile { !LibraryCode.isUsers(it) }.dropLastWhile { !LibraryCode.isUsers(it) }

    private fun framesOf(task: Task<*>) = CallStack.of(task).map { it.frame }
}
