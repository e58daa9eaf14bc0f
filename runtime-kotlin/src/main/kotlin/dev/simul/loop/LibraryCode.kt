// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.util.Collections
import java.util.WeakHashMap
import java.util.concurrent.ConcurrentHashMap

/** Tells the code of this library's artifacts from that of its users, by where it was loaded from. */
internal object LibraryCode {
    /** A class of each artifact that may lie between the user's code and this library. */
    private val OWN =
        listOf("Task", "facade.Asyncio", "junit.AsyncTest", "kotest.SimulExtension", "simulation.Simulation").map {
            "$PACKAGE$it"
        }

    /** Where the artifacts are that a loader finds. */
    private val locations = Collections.synchronizedMap(WeakHashMap<ClassLoader?, Set<String>>())

    private val own =
        object : ClassValue<Boolean>() {
            override fun computeValue(type: Class<*>): Boolean =
                type.name.startsWith(PACKAGE) && type.location in locationsFor(type.classLoader)
        }

    /** What [contains] has found of classes by their names, by the loader that was asked: to ask it takes long, and there are many frames. */
    private val known = Collections.synchronizedMap(WeakHashMap<ClassLoader?, ConcurrentHashMap<String, Boolean>>())

    fun contains(type: Class<*>): Boolean = own.get(type)

    fun contains(frame: StackTraceElement): Boolean {
        val name = frame.className
        if (!name.startsWith(PACKAGE)) return false
        val loader = Thread.currentThread().contextClassLoader
        val found = known.computeIfAbsent(loader) { ConcurrentHashMap() }
        return found[name] ?: (typeOf(name, loader)?.let(::contains) == true).also { found[name] = it }
    }

    /** Whether [frame] is a line of users' code: not of the JDK, Kotlin, the test frameworks or this library. */
    fun isUsers(frame: StackTraceElement): Boolean {
        if (frame.lineNumber <= 0 || NEVER_USERS.any(frame.className::startsWith)) return false
        val type = typeOf(frame.className, Thread.currentThread().contextClassLoader) ?: return true
        val location = type.location
        return location != null && !location.startsWith(OF_THE_JDK) && !contains(type)
    }

    private const val PACKAGE = "dev.simul."
    private const val OF_THE_JDK = "jrt:"
    private val NEVER_USERS = listOf("kotlin.", "kotlinx.", "org.junit.", "io.kotest.")

    private val Class<*>.location: String? get() = protectionDomain?.codeSource?.location?.toExternalForm()

    private fun locationsFor(loader: ClassLoader?): Set<String> =
        locations[loader] ?: OWN.mapNotNullTo(HashSet()) { classOrNull(it, loader)?.location }.also { locations[loader] = it }

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
