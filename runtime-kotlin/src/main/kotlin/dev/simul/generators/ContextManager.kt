// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.inPlaceOf
import dev.simul.useManager

/**
 * What is entered before a block and left after it, however the block ends; used by [use].
 *
 * Source: Python's `__enter__` and `__exit__`, `contextlib.AbstractContextManager`.
 */
public interface ContextManager<out T> {
    /** Enters it, and returns what the block works with. */
    public fun enter(): T

    /**
     * Leaves it. [exception] is what the block has thrown, or null.
     *
     * What this throws replaces the exception.
     *
     * @return whether the exception ends here, and the code after the block goes on.
     */
    public fun exit(exception: Throwable?): Boolean
}

/**
 * Runs [block] between entering and leaving this. It is left as well when the block returns from the function around it.
 *
 * The block may suspend where the caller may; a cancellation is an exception like any other. An exception that leaving
 * throws replaces the block's, which is then one of its suppressed exceptions.
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
