// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.inPlaceOf
import dev.simul.useManager

/**
 * Code that runs before and after a block, however the block ends; used by [use].
 *
 * Source: Python's `__enter__` and `__exit__`, `contextlib.AbstractContextManager`.
 */
public interface ContextManager<out T> {
    /** Enters the manager, and returns the value for the block. */
    public fun enter(): T

    /**
     * Leaves the manager. [exception] is what the block threw, or null.
     *
     * If this throws, that exception replaces [exception].
     *
     * @return whether the exception is suppressed, so that the code after the block continues.
     */
    public fun exit(exception: Throwable?): Boolean
}

/**
 * Runs [block] between entering and leaving this. It is also left when the block returns from the enclosing function.
 *
 * The block may suspend if the caller may; a cancellation is an exception like any other. If leaving throws, that exception replaces the
 * block's, which becomes one of its suppressed exceptions.
 *
 * Source: `with manager as value: …`.
 *
 * @return the block's result, or null if the manager suppressed its exception.
 */
public inline fun <T, R> ContextManager<T>.use(block: (T) -> R): R? = useManager(enter(), block) { exitAfter(it) }

@PublishedApi
internal fun ContextManager<*>.exitAfter(exception: Throwable?): Boolean =
    try {
        exit(exception)
    } catch (e: Throwable) {
        throw e.inPlaceOf(exception)
    }
