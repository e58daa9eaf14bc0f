// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Task

/** Tells the code of this library's artifacts from that of its users. */
internal object LibraryCode {
    /** A class of each artifact that may lie between the user's code and this library. */
    private val OWN = listOf("Task", "facade.Asyncio", "junit.AsyncTest", "kotest.SimulExtension").map { "dev.simul.$it" }

    private val locations: Set<String> by lazy { OWN.mapNotNullTo(HashSet()) { classOrNull(it, Task::class.java.classLoader)?.location } }

    fun contains(frame: StackTraceElement): Boolean {
        val type = classOrNull(frame.className, Thread.currentThread().contextClassLoader)
        return type != null && type.location in locations
    }

    /** Whether [frame] is a line of users' code: not of the JDK, Kotlin, the test frameworks or this library. */
    fun isUsers(frame: StackTraceElement): Boolean {
        if (frame.lineNumber <= 0 || NEVER_USERS.any(frame.className::startsWith)) return false
        val type = classOrNull(frame.className, Thread.currentThread().contextClassLoader) ?: return true
        val location = type.location
        return location != null && location !in locations
    }

    private val NEVER_USERS = listOf("kotlin.", "kotlinx.", "org.junit.", "io.kotest.")

    /** The JDK has none. */
    private val Class<*>.location: String?
        get() = protectionDomain?.codeSource?.location?.toExternalForm()?.takeUnless { it.startsWith("jrt:") }

    private fun classOrNull(
        name: String,
        loader: ClassLoader?,
    ): Class<*>? = runCatching { Class.forName(name, false, loader) }.getOrNull()
}
