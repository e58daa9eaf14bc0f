// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.util.concurrent.CopyOnWriteArrayList

/**
 * A slot of every loop for the state of a higher layer: the task registry, live generators, the default executor.
 *
 * The loop stores the value without understanding it. [initial] makes it on first use, and [onClose] receives it when the loop closes,
 * unless it was made later than that: see [areClosed]. Values are closed in the order in which the loop needed them.
 */
internal class LoopLocal<T : Any>(
    private val onClose: (EventLoop, T) -> Unit = { _, _ -> },
    private val initial: (EventLoop) -> T,
) {
    private val index: Int =
        synchronized(all) {
            all.add(this)
            all.lastIndex
        }

    operator fun get(loop: EventLoop): T = getOrNull(loop) ?: create(loop)

    /** The value of [loop], or null if it was not needed yet. */
    fun getOrNull(loop: EventLoop): T? {
        val values = loop.locals
        @Suppress("UNCHECKED_CAST")
        return if (index < values.size) values[index] as T? else null
    }

    /** Another thread may call this too, for the loop's dispatcher say, and its value may not be visible here yet. */
    private fun create(loop: EventLoop): T =
        synchronized(loop) {
            @Suppress("UNCHECKED_CAST")
            loop.locals.getOrNull(index)?.let { return it as T }
            val value = initial(loop)
            if (index >= loop.locals.size) loop.locals = loop.locals.copyOf(all.size)
            loop.locals[index] = value
            loop.usedLocals += this
            value
        }

    private fun close(loop: EventLoop) = onClose(loop, get(loop))

    companion object {
        private val all = CopyOnWriteArrayList<LoopLocal<*>>()

        /** Passes every value of [loop] to its [onClose], and adds what these throw to [failures]. */
        fun closeAll(
            loop: EventLoop,
            failures: MutableList<Throwable>,
        ) {
            // Not by their indexes: these depend on what other loops of the process have needed before.
            val used =
                synchronized(loop) {
                    loop.localsAreClosed = true
                    loop.usedLocals.toList()
                }
            for (local in used) failures.adding { local.close(loop) }
        }

        /** Whether the values of [loop] have been closed: one made from now on is not. */
        fun areClosed(loop: EventLoop): Boolean = loop.localsAreClosed
    }
}
