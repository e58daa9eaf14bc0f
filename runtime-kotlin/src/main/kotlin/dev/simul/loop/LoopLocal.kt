package dev.simul.loop

import java.util.concurrent.atomic.AtomicInteger

/**
 * A slot of every loop for what a higher layer keeps there: the task registry, live generators, the default executor.
 *
 * The loop stores the value without understanding it. It is made by [initial] when first asked for, and handed to
 * [onClose] when the loop closes.
 */
internal class LoopLocal<T : Any>(
    val onClose: (EventLoop, T) -> Unit = { _, _ -> },
    private val initial: (EventLoop) -> T,
) {
    private val index = slots.getAndIncrement()

    operator fun get(loop: EventLoop): T {
        val locals = loop.locals
        @Suppress("UNCHECKED_CAST")
        return (if (index < locals.size) locals[index]?.value as T? else null) ?: create(loop)
    }

    /** Another thread may ask too, for the loop's dispatcher say, and may have asked before without this one seeing it. */
    @Suppress("UNCHECKED_CAST")
    private fun create(loop: EventLoop): T =
        synchronized(loop) {
            loop.locals.getOrNull(index)?.let { return it.value as T }
            val value = initial(loop)
            if (index >= loop.locals.size) loop.locals = loop.locals.copyOf(maxOf(index + 1, slots.get()))
            loop.locals[index] = Slot(this, value)
            value
        }

    internal class Slot<T : Any>(
        private val owner: LoopLocal<T>,
        val value: T,
    ) {
        fun close(loop: EventLoop) = owner.onClose(loop, value)
    }

    private companion object {
        val slots = AtomicInteger()
    }
}
