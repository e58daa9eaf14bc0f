// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

import java.util.Collections
import java.util.WeakHashMap
import java.util.concurrent.ConcurrentHashMap

/** Tells the code of this library's artifacts from that of its users. */
internal object LibraryCode {
    /** A class of each artifact that may lie between the user's code and this library. */
    private val OWN =
        listOf("Task", "facade.Asyncio", "junit.AsyncTest", "kotest.SimulExtension", "simulation.Simulation").map {
            "$PACKAGE$it"
        }

    private val locations: Set<String> by lazy { OWN.mapNotNullTo(HashSet()) { classOrNull(it, javaClass.classLoader)?.location } }

    /** What [contains] has found of classes by their names, by the loader that was asked: to ask it takes long, and there are many frames. */
    private val known = Collections.synchronizedMap(WeakHashMap<ClassLoader?, ConcurrentHashMap<String, Boolean>>())

    fun contains(frame: StackTraceElement): Boolean {
        val name = frame.className
        if (!name.startsWith(PACKAGE)) return false
        val loader = Thread.currentThread().contextClassLoader
        val found = known.computeIfAbsent(loader) { ConcurrentHashMap() }
        return found[name] ?: (typeOf(name, loader)?.location in locations).also { found[name] = it }
    }

    /** Whether [frame] is a line of users' code: not of the JDK, Kotlin, the test frameworks or this library. */
    fun isUsers(frame: StackTraceElement): Boolean {
        if (frame.lineNumber <= 0 || NEVER_USERS.any(frame.className::startsWith)) return false
        val type = typeOf(frame.className, Thread.currentThread().contextClassLoader) ?: return true
        val location = type.location
        return location != null && location !in locations
    }

    private const val PACKAGE = "dev.simul."
    private val NEVER_USERS = listOf("kotlin.", "kotlinx.", "org.junit.", "io.kotest.")

    /** The JDK has none. */
    private val Class<*>.location: String?
        get() = protectionDomain?.codeSource?.location?.toExternalForm()?.takeUnless { it.startsWith("jrt:") }

    /** The threads by which other processes ask have a [loader] that need not know this library. */
    private fun typeOf(
        name: String,
        loader: ClassLoader?,
    ): Class<*>? = classOrNull(name, loader) ?: classOrNull(name, javaClass.classLoader)

    private fun classOrNull(
        name: String,
        loader: ClassLoader?,
    ): Class<*>? = runCatching { Class.forName(name, false, loader) }.getOrNull()
}
