// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.useManager

/**
 * Any number of context managers and callbacks for one block, added as needed; left in reverse order when the block ends.
 *
 * ```
 * ExitStack().use { stack ->
 *     val files = paths.map { stack.enterContext(it.bufferedReader()) }
 *     merge(files)
 * }
 * ```
 *
 * Each is left with the current exception, as if the blocks were nested: it may suppress the exception, or throw another one instead. The
 * replaced one then becomes a suppressed exception of the new one, unless one already leads to the other.
 *
 * Source: `contextlib.ExitStack()`.
 */
public class ExitStack :
    ContextManager<ExitStack>,
    AutoCloseable {
    private var exits = ArrayDeque<(Throwable?) -> Boolean>()

    /**
     * Enters [manager], to be left at the end, and returns the value that entering gave.
     *
     * Source: `ExitStack.enter_context(cm)`.
     */
    public fun <T> enterContext(manager: ContextManager<T>): T = manager.enter().also { push(manager) }

    /** Adds [manager], to be left at the end, without entering it. Source: `ExitStack.push(exit)`. */
    public fun push(manager: ContextManager<*>): Unit = push(manager::exit)

    /**
     * Calls [exit] at the end, with the current exception or null; [exit] returns whether it suppresses the exception.
     *
     * Source: `ExitStack.push(exit)`.
     */
    public fun push(exit: (Throwable?) -> Boolean) {
        exits.addLast(exit)
    }

    /** Calls [callback] at the end. Source: `ExitStack.callback(callback, *args, **kwds)`. */
    public fun callback(callback: () -> Unit): Unit =
        push { _ ->
            callback()
            false
        }

    /** Moves everything to a new stack, so that nothing is left at the end of this one. Source: `ExitStack.pop_all()`. */
    public fun popAll(): ExitStack {
        val stack = ExitStack()
        stack.exits = exits
        exits = ArrayDeque()
        return stack
    }

    /** Returns this. Source: `ExitStack.__enter__`. */
    override fun enter(): ExitStack = this

    /** Leaves everything on the stack. Source: `ExitStack.__exit__`. */
    override fun exit(exception: Throwable?): Boolean = unwind(exception, { exits.removeLastOrNull() }) { exit, underWay -> exit(underWay) }

    /** Leaves everything on the stack now. Source: `ExitStack.close()`. */
    override fun close() {
        exit(null)
    }

    /**
     * Runs [block] with this, and then leaves everything on the stack. It hides `AutoCloseable.use`, which could not suppress anything.
     *
     * @return the block's result, or null if its exception was suppressed.
     */
    public inline fun <R> use(block: (ExitStack) -> R): R? = useManager(this, block) { exit(it) }
}

/** Adds [closeable], to be closed at the end, and returns it. Source: `ExitStack.enter_context(contextlib.closing(thing))`. */
public fun <C : AutoCloseable> ExitStack.enterContext(closeable: C): C = enterContext(closing(closeable))
