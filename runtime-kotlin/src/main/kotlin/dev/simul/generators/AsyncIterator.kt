// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.StopAsyncIteration

/**
 * The iterator of a `for` loop in a coroutine: `for (item in generator)`.
 *
 * Source: Python's asynchronous iterators, `async for`.
 */
public interface AsyncIterator<out T> {
    /** Waits for the next item; returns false if there are no more. */
    public suspend operator fun hasNext(): Boolean

    /** The item that [hasNext] found. @throws NoSuchElementException if it found none, or was not called. */
    public operator fun next(): T
}

/**
 * Returns the next item.
 *
 * Source: `anext(iterator)`.
 *
 * @throws StopAsyncIteration if there are no more.
 */
public suspend fun <T> AsyncIterator<T>.anext(): T = if (hasNext()) next() else throw StopAsyncIteration()

/** Returns the next item, or [default] if there are no more. Source: `anext(iterator, default)`. */
public suspend fun <T> AsyncIterator<T>.anext(default: T): T = if (hasNext()) next() else default
