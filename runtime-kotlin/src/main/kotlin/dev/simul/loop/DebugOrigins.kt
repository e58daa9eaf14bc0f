// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.Future
import java.util.WeakHashMap

/** Where the futures and tasks of a loop in debug mode were made. */
internal class DebugOrigins {
    private val origins = WeakHashMap<Future<*>, Origin>()

    @Synchronized
    fun remember(future: Future<*>) {
        origins[future] = Origin()
    }

    @Synchronized
    fun of(future: Future<*>): Origin? = origins[future]

    companion object {
        private val of = LoopLocal { DebugOrigins() }

        operator fun get(loop: EventLoop): DebugOrigins = of[loop]
    }
}
