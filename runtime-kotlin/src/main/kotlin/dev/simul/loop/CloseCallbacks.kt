// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context

/**
 * Has [callback] called once, when this loop is closed: for what another library keeps on the loop, and has to give back with it.
 *
 * It is called by [EventLoop.close], in the thread that closes the loop, while the loop no longer runs and takes no callbacks, and
 * before anything that is still there is dropped or closed: tasks are over or will never go on. Of several, the one that was added
 * last comes first. What one throws goes to the loop's exception handler, and the others are called all the same; an error that
 * nobody can handle is thrown when all is closed.
 *
 * asyncio has nothing like it: there one overrides `loop.close()`.
 *
 * @param context the context variables it runs with: a copy of the current ones, made now, if it is null.
 * @return what takes it back.
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

/** What is called when a loop is closed. */
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

        /** Calls all of [loop], the last one first, and adds to [failures] what is fatal of what these throw. */
        fun callAll(
            loop: EventLoop,
            failures: MutableList<Throwable>,
        ) {
            val callbacks = of[loop].callbacks
            while (callbacks.isNotEmpty()) {
                val last = callbacks.last()
                callbacks.remove(last)
                failures.adding { last.call() }
            }
        }
    }
}
