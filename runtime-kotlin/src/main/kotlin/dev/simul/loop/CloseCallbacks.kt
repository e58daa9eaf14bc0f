// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context

/**
 * Calls [callback] once, when this loop is closed: for resources of another library that live as long as the loop.
 *
 * [EventLoop.close] calls it in the thread that closes the loop: the loop no longer runs and accepts no callbacks, and nothing pending was
 * dropped or closed yet; tasks are done or will never resume. Callbacks run in the reverse of the order in which they were added. An
 * exception thrown by one goes to the loop's exception handler, and the others still run; a fatal error is thrown once the loop is closed.
 *
 * asyncio has no equivalent: there one overrides `loop.close()`.
 *
 * @param context the context variables it runs with; if null, a copy of the current ones, made now.
 * @return the handle that removes the callback.
 * @throws IllegalStateException if the loop is closed; in debug mode also if another thread runs the loop.
 */
public fun EventLoop.addCloseCallback(
    context: Context? = null,
    callback: () -> Unit,
): Handle {
    checkOpen()
    checkThread("addCloseCallback")
    return CloseCallbacks[this].add(context ?: copyCurrentContext(), callback)
}

/** A callback for the closing of a loop. */
internal class CloseCallbacks private constructor(
    private val loop: EventLoop,
) {
    private val callbacks = LinkedHashSet<CloseCallback>()

    fun add(
        context: Context,
        callback: () -> Unit,
    ): Handle = CloseCallback(context, callback).also(callbacks::add)

    private inner class CloseCallback(
        override val context: Context,
        private val callback: () -> Unit,
    ) : Handle() {
        private val origin = loop.debugOrigin()

        private var isCancelled = false

        override fun cancelled(): Boolean = isCancelled

        override fun cancel() {
            isCancelled = true
            callbacks.remove(this)
        }

        /** The loop does not run, so the thread's own context variables are current. */
        fun call() {
            try {
                context.run(callback)
            } catch (e: Throwable) {
                if (e.isFatal) throw e
                loop.callExceptionHandler(ExceptionContext("Exception in close callback $callback", e, mapOf("handle" to this), origin))
            }
        }
    }

    companion object {
        private val of = LoopLocal { CloseCallbacks(it) }

        operator fun get(loop: EventLoop): CloseCallbacks = of[loop]

        /** Calls all callbacks of [loop], the last one first, and adds the fatal errors that they throw to [failures]. */
        fun callAll(
            loop: EventLoop,
            failures: MutableList<Throwable>,
        ) {
            val callbacks = of.getOrNull(loop)?.callbacks ?: return
            while (callbacks.isNotEmpty()) {
                val last = callbacks.last()
                callbacks.remove(last)
                failures.adding { last.call() }
            }
        }
    }
}
