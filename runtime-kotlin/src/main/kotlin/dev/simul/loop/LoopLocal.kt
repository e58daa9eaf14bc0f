// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.util.concurrent.CopyOnWriteArrayList

/**
 * A slot of every loop for what a higher layer keeps there: the task registry, live generators, the default executor.
 *
 * The loop stores the value without understanding it. It is made by [initial] when first asked for, and handed to
 * [onClose] when the loop closes.
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

    operator fun get(loop: EventLoop): T {
        val values = loop.locals
        @Suppress("UNCHECKED_CAST")
        return (if (index < values.size) values[index] as T? else null) ?: create(loop)
    }

    /** Another thread may ask too, for the loop's dispatcher say, and may have asked before without this one seeing it. */
    private fun create(loop: EventLoop): T =
        synchronized(loop) {
            @Suppress("UNCHECKED_CAST")
            loop.locals.getOrNull(index)?.let { return it as T }
            val value = initial(loop)
            if (index >= loop.locals.size) loop.locals = loop.locals.copyOf(all.size)
            loop.locals[index] = value
            value
        }

    private fun close(
        loop: EventLoop,
        value: Any,
    ) {
        @Suppress("UNCHECKED_CAST")
        onClose(loop, value as T)
    }

    companion object {
        private val all = CopyOnWriteArrayList<LoopLocal<*>>()

        /** Hands every value of [loop] to its [onClose], and adds to [failures] what these throw. */
        fun closeAll(
            loop: EventLoop,
            failures: MutableList<Throwable>,
        ) = loop.locals.forEachIndexed { index, value ->
            if (value != null) failures.adding { all[index].close(loop, value) }
        }
    }
}
