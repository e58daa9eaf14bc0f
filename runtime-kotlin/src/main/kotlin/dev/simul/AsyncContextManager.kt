// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.inPlaceOf

/**
 * What is entered before a block and left after it, however the block ends; used by [use].
 *
 * Source: Python's `__aenter__` and `__aexit__`, `contextlib.AbstractAsyncContextManager`.
 */
public interface AsyncContextManager<out T> {
    /** Enters it, and returns what the block works with. */
    public suspend fun aenter(): T

    /**
     * Leaves it. [exception] is what the block has thrown, or null.
     *
     * What this throws replaces the exception.
     *
     * @return whether the exception ends here, and the code after the block goes on.
     */
    public suspend fun aexit(exception: Throwable?): Boolean
}

/**
 * Runs [block] between entering and leaving this. It is left as well when the block returns from the function around it.
 *
 * An exception that leaving throws replaces the block's, which is then one of its suppressed exceptions.
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
