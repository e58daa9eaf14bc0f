// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.util.WeakHashMap

/** Where the futures and tasks of a loop in debug mode were made. */
internal class DebugOrigins {
    private val origins = WeakHashMap<Any, Origin>()

    @Synchronized
    fun remember(future: Any) {
        origins[future] = Origin()
    }

    @Synchronized
    fun of(future: Any): Origin? = origins[future]

    companion object {
        private val of = LoopLocal { DebugOrigins() }

        operator fun get(loop: EventLoop): DebugOrigins = of[loop]
    }
}
