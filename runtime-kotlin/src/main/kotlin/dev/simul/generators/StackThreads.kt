// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.loop.ThreadsAsNew
import java.util.concurrent.Executor
import java.util.concurrent.ThreadFactory

/**
 * The threads that are nothing but a stack for a generator's body; they inherit nothing from the thread that makes them.
 *
 * They are virtual from JDK 24 on. Before that a virtual thread which holds a monitor while it waits keeps its carrier, and a
 * few generators that yield in a `synchronized` block would stop all others.
 */
internal object StackThreads : Executor by threads()

private const val FIRST_WITHOUT_PINNING = 24
private const val NAME = "simul-generator-"

private fun threads(): Executor = if (Runtime.version().feature() >= FIRST_WITHOUT_PINNING) virtualThreads() else ThreadsAsNew(NAME)

/** By reflection, since the bytecode is that of JDK 17. */
private fun virtualThreads(): Executor {
    val type = Class.forName("java.lang.Thread\$Builder")
    val builder = Thread::class.java.getMethod("ofVirtual").invoke(null)
    type.getMethod("name", String::class.java, Long::class.java).invoke(builder, NAME, 1L)
    type.getMethod("inheritInheritableThreadLocals", Boolean::class.java).invoke(builder, false)
    val factory = type.getMethod("factory").invoke(builder) as ThreadFactory
    return Executor { factory.newThread(it).start() }
}
