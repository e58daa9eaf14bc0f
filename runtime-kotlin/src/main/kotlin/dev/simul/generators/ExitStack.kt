// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.useManager

/**
 * A block's context managers and callbacks, as many as turn out to be needed; left in reverse order at the block's end.
 *
 * ```
 * ExitStack().use { stack ->
 *     val files = paths.map { stack.enterContext(it.bufferedReader()) }
 *     merge(files)
 * }
 * ```
 *
 * Each is left with the exception that is under way, as if the blocks were nested: it may suppress that, or throw another in
 * its place, of which the replaced one is then a suppressed exception, unless one leads to the other already.
 *
 * Source: `contextlib.ExitStack()`.
 */
public class ExitStack :
    ContextManager<ExitStack>,
    AutoCloseable {
    private var exits = ArrayDeque<(Throwable?) -> Boolean>()

    /**
     * Enters [manager], has it left in the end, and returns what entering gave.
     *
     * Source: `ExitStack.enter_context(cm)`.
     */
    public fun <T> enterContext(manager: ContextManager<T>): T = manager.enter().also { push(manager) }

    /** Has [manager] left in the end, without entering it. Source: `ExitStack.push(exit)`. */
    public fun push(manager: ContextManager<*>): Unit = push(manager::exit)

    /**
     * Has [exit] called in the end, with the exception that is under way or null; it returns whether that ends there.
     *
     * Source: `ExitStack.push(exit)`.
     */
    public fun push(exit: (Throwable?) -> Boolean) {
        exits.addLast(exit)
    }

    /** Has [callback] called in the end. Source: `ExitStack.callback(callback, *args, **kwds)`. */
    public fun callback(callback: () -> Unit): Unit =
        push { _ ->
            callback()
            false
        }

    /** Moves all that this holds to a new stack, so that the end of this one leaves nothing. Source: `ExitStack.pop_all()`. */
    public fun popAll(): ExitStack {
        val stack = ExitStack()
        stack.exits = exits
        exits = ArrayDeque()
        return stack
    }

    /** Returns this. Source: `ExitStack.__enter__`. */
    override fun enter(): ExitStack = this

    /** Leaves all that this holds. Source: `ExitStack.__exit__`. */
    override fun exit(exception: Throwable?): Boolean = unwind(exception, { exits.removeLastOrNull() }) { exit, underWay -> exit(underWay) }

    /** Leaves all that this holds, now. Source: `ExitStack.close()`. */
    override fun close() {
        exit(null)
    }

    /**
     * Runs [block] with this, and then leaves all that this holds. It hides `AutoCloseable.use`, which could not suppress anything.
     *
     * @return the block's result, or null if its exception was suppressed.
     */
    public inline fun <R> use(block: (ExitStack) -> R): R? = useManager(this, block) { exit(it) }
}

/** Has [closeable] closed in the end, and returns it. Source: `ExitStack.enter_context(contextlib.closing(thing))`. */
public fun <C : AutoCloseable> ExitStack.enterContext(closeable: C): C = enterContext(closing(closeable))
