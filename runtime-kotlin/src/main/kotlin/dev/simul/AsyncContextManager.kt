// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.inPlaceOf

/**
 * Code that runs before and after a block, however the block ends; used by [use].
 *
 * Source: Python's `__aenter__` and `__aexit__`, `contextlib.AbstractAsyncContextManager`.
 */
public interface AsyncContextManager<out T> {
    /** Enters the manager, and returns the value for the block. */
    public suspend fun aenter(): T

    /**
     * Leaves the manager. [exception] is what the block threw, or null.
     *
     * If this throws, that exception replaces [exception].
     *
     * @return whether the exception is suppressed, so that the code after the block continues.
     */
    public suspend fun aexit(exception: Throwable?): Boolean
}

/**
 * Runs [block] between entering and leaving this. It is also left when the block returns from the enclosing function.
 *
 * If leaving throws, that exception replaces the block's, which becomes one of its suppressed exceptions.
 *
 * Source: `async with manager as value: …`.
 *
 * @return the block's result, or null if the manager suppressed its exception.
 */
public suspend inline fun <T, R> AsyncContextManager<T>.use(block: (T) -> R): R? = useManager(aenter(), block) { aexitAfter(it) }

@PublishedApi
internal suspend fun AsyncContextManager<*>.aexitAfter(exception: Throwable?): Boolean =
    try {
        aexit(exception)
    } catch (e: Throwable) {
        throw e.inPlaceOf(exception)
    }
