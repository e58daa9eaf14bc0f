// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.AsyncCloseable
import dev.simul.AsyncContextManager
import dev.simul.aclosing
import dev.simul.useManager

/**
 * Any number of context managers and callbacks of both kinds for one block, added as needed; left in reverse order when the block ends.
 *
 * ```
 * AsyncExitStack().use { stack ->
 *     val connections = hosts.map { stack.enterAsyncContext(connection(it)) }
 *     askAll(connections)
 * }
 * ```
 *
 * Each is left with the current exception, as if the blocks were nested: it may suppress the exception, or throw another one instead. The
 * replaced one then becomes a suppressed exception of the new one, unless one already leads to the other. If the task is cancelled while
 * one is being left, the cancellation is thrown there; the others are left afterwards.
 *
 * Source: `contextlib.AsyncExitStack()`.
 */
public class AsyncExitStack :
    AsyncContextManager<AsyncExitStack>,
    AsyncCloseable {
    private var exits = ArrayDeque<suspend (Throwable?) -> Boolean>()

    /**
     * Enters [manager], to be left at the end, and returns the value that entering gave.
     *
     * Source: `AsyncExitStack.enter_async_context(cm)`.
     */
    public suspend fun <T> enterAsyncContext(manager: AsyncContextManager<T>): T = manager.aenter().also { pushAsyncExit(manager) }

    /** As [enterAsyncContext], for a manager that does not await. Source: `AsyncExitStack.enter_context(cm)`. */
    public fun <T> enterContext(manager: ContextManager<T>): T = manager.enter().also { push(manager) }

    /** Adds [manager], to be left at the end, without entering it. Source: `AsyncExitStack.push_async_exit(exit)`. */
    public fun pushAsyncExit(manager: AsyncContextManager<*>): Unit = pushAsyncExit { manager.aexit(it) }

    /**
     * Calls [exit] at the end, with the current exception or null; [exit] returns whether it suppresses the exception.
     *
     * Source: `AsyncExitStack.push_async_exit(exit)`.
     */
    public fun pushAsyncExit(exit: suspend (Throwable?) -> Boolean) {
        exits.addLast(exit)
    }

    /** Adds [manager], to be left at the end, without entering it. Source: `AsyncExitStack.push(exit)`. */
    public fun push(manager: ContextManager<*>): Unit = pushAsyncExit { manager.exit(it) }

    /** As [pushAsyncExit], for a function that does not await. Source: `AsyncExitStack.push(exit)`. */
    public fun push(exit: (Throwable?) -> Boolean): Unit = pushAsyncExit { exit(it) }

    /** Calls [callback] at the end. Source: `AsyncExitStack.push_async_callback(callback, *args, **kwds)`. */
    public fun pushAsyncCallback(callback: suspend () -> Unit): Unit =
        pushAsyncExit { _ ->
            callback()
            false
        }

    /** Calls [callback] at the end. Source: `AsyncExitStack.callback(callback, *args, **kwds)`. */
    public fun callback(callback: () -> Unit): Unit = pushAsyncCallback { callback() }

    /** Moves everything to a new stack, so that nothing is left at the end of this one. Source: `AsyncExitStack.pop_all()`. */
    public fun popAll(): AsyncExitStack {
        val stack = AsyncExitStack()
        stack.exits = exits
        exits = ArrayDeque()
        return stack
    }

    /** Returns this. Source: `AsyncExitStack.__aenter__`. */
    override suspend fun aenter(): AsyncExitStack = this

    /** Leaves everything on the stack. Source: `AsyncExitStack.__aexit__`. */
    override suspend fun aexit(exception: Throwable?): Boolean =
        unwind(exception, { exits.removeLastOrNull() }) { exit, underWay -> exit(underWay) }

    /** Leaves everything on the stack now. Source: `AsyncExitStack.aclose()`. */
    override suspend fun aclose() {
        aexit(null)
    }

    /**
     * Runs [block] with this, and then leaves everything on the stack.
     *
     * @return the block's result, or null if its exception was suppressed.
     */
    public suspend inline fun <R> use(block: (AsyncExitStack) -> R): R? = useManager(this, block) { aexit(it) }
}

/** Adds [closeable], to be closed at the end, and returns it. Source: `stack.enter_async_context(contextlib.aclosing(thing))`. */
public suspend fun <C : AsyncCloseable> AsyncExitStack.enterAsyncContext(closeable: C): C = enterAsyncContext(aclosing(closeable))

/** Adds [closeable], to be closed at the end, and returns it. Source: `stack.enter_context(contextlib.closing(thing))`. */
public fun <C : AutoCloseable> AsyncExitStack.enterContext(closeable: C): C = enterContext(closing(closeable))
