// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.AsyncCloseable
import dev.simul.AsyncContextManager
import dev.simul.aclosing
import dev.simul.useManager

/**
 * A block's context managers and callbacks, of both kinds, as many as turn out to be needed; left in reverse order at the
 * block's end.
 *
 * ```
 * AsyncExitStack().use { stack ->
 *     val connections = hosts.map { stack.enterAsyncContext(connection(it)) }
 *     askAll(connections)
 * }
 * ```
 *
 * Each is left with the exception that is under way, as if the blocks were nested: it may suppress that, or throw another in
 * its place, of which the replaced one is then a suppressed exception, unless one leads to the other already. Cancelling the
 * task while it leaves one of them throws there; the others are left after it.
 *
 * Source: `contextlib.AsyncExitStack()`.
 */
public class AsyncExitStack :
    AsyncContextManager<AsyncExitStack>,
    AsyncCloseable {
    private var exits = ArrayDeque<suspend (Throwable?) -> Boolean>()

    /**
     * Enters [manager], has it left in the end, and returns what entering gave.
     *
     * Source: `AsyncExitStack.enter_async_context(cm)`.
     */
    public suspend fun <T> enterAsyncContext(manager: AsyncContextManager<T>): T = manager.aenter().also { pushAsyncExit(manager) }

    /** As [enterAsyncContext], of a manager that does not await. Source: `AsyncExitStack.enter_context(cm)`. */
    public fun <T> enterContext(manager: ContextManager<T>): T = manager.enter().also { push(manager) }

    /** Has [manager] left in the end, without entering it. Source: `AsyncExitStack.push_async_exit(exit)`. */
    public fun pushAsyncExit(manager: AsyncContextManager<*>): Unit = pushAsyncExit { manager.aexit(it) }

    /**
     * Has [exit] called in the end, with the exception that is under way or null; it returns whether that ends there.
     *
     * Source: `AsyncExitStack.push_async_exit(exit)`.
     */
    public fun pushAsyncExit(exit: suspend (Throwable?) -> Boolean) {
        exits.addLast(exit)
    }

    /** Has [manager] left in the end, without entering it. Source: `AsyncExitStack.push(exit)`. */
    public fun push(manager: ContextManager<*>): Unit = pushAsyncExit { manager.exit(it) }

    /** As [pushAsyncExit], of a function that does not await. Source: `AsyncExitStack.push(exit)`. */
    public fun push(exit: (Throwable?) -> Boolean): Unit = pushAsyncExit { exit(it) }

    /** Has [callback] called in the end. Source: `AsyncExitStack.push_async_callback(callback, *args, **kwds)`. */
    public fun pushAsyncCallback(callback: suspend () -> Unit): Unit =
        pushAsyncExit { _ ->
            callback()
            false
        }

    /** Has [callback] called in the end. Source: `AsyncExitStack.callback(callback, *args, **kwds)`. */
    public fun callback(callback: () -> Unit): Unit = pushAsyncCallback { callback() }

    /** Moves all that this holds to a new stack, so that the end of this one leaves nothing. Source: `AsyncExitStack.pop_all()`. */
    public fun popAll(): AsyncExitStack {
        val stack = AsyncExitStack()
        stack.exits = exits
        exits = ArrayDeque()
        return stack
    }

    /** Returns this. Source: `AsyncExitStack.__aenter__`. */
    override suspend fun aenter(): AsyncExitStack = this

    /** Leaves all that this holds. Source: `AsyncExitStack.__aexit__`. */
    override suspend fun aexit(exception: Throwable?): Boolean =
        unwind(exception, { exits.removeLastOrNull() }) { exit, underWay -> exit(underWay) }

    /** Leaves all that this holds, now. Source: `AsyncExitStack.aclose()`. */
    override suspend fun aclose() {
        aexit(null)
    }

    /**
     * Runs [block] with this, and then leaves all that this holds.
     *
     * @return the block's result, or null if its exception was suppressed.
     */
    public suspend inline fun <R> use(block: (AsyncExitStack) -> R): R? = useManager(this, block) { aexit(it) }
}

/** Has [closeable] closed in the end, and returns it. Source: `stack.enter_async_context(contextlib.aclosing(thing))`. */
public suspend fun <C : AsyncCloseable> AsyncExitStack.enterAsyncContext(closeable: C): C = enterAsyncContext(aclosing(closeable))

/** Has [closeable] closed in the end, and returns it. Source: `stack.enter_context(contextlib.closing(thing))`. */
public fun <C : AutoCloseable> AsyncExitStack.enterContext(closeable: C): C = enterContext(closing(closeable))
