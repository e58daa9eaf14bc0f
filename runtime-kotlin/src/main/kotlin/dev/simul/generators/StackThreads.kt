// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.loop.ThreadsAsNew
import dev.simul.loop.virtualThreadFactory
import java.util.concurrent.Executor

/**
 * Threads that only serve as the stack of a generator's body; they inherit nothing from the thread that creates them.
 *
 * They are virtual from JDK 24 on. Before that, a virtual thread that holds a monitor while it waits pins its carrier, and a few generators
 * that yield in a `synchronized` block would stop all others.
 */
internal object StackThreads : Executor by threads()

private const val FIRST_WITHOUT_PINNING = 24
private const val NAME = "simul-generator-"

private fun threads(): Executor {
    val virtual = if (Runtime.version().feature() >= FIRST_WITHOUT_PINNING) virtualThreadFactory(NAME, firstNumber = 1) else null
    return if (virtual == null) ThreadsAsNew(NAME) else Executor { virtual.newThread(it).start() }
}
