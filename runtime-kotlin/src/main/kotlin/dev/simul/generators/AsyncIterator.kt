// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.StopAsyncIteration

/**
 * What a `for` loop in a coroutine goes through: `for (item in generator)`.
 *
 * Source: Python's asynchronous iterators, `async for`.
 */
public interface AsyncIterator<out T> {
    /** Waits until there is an item, and returns true, or until there are no more. */
    public suspend operator fun hasNext(): Boolean

    /** The item that [hasNext] has found. @throws NoSuchElementException if it found none, or was not asked. */
    public operator fun next(): T
}

/**
 * The next item.
 *
 * Source: `anext(iterator)`.
 *
 * @throws StopAsyncIteration if there are no more.
 */
public suspend fun <T> AsyncIterator<T>.anext(): T = if (hasNext()) next() else throw StopAsyncIteration()

/** The next item, or [default] if there are no more. Source: `anext(iterator, default)`. */
public suspend fun <T> AsyncIterator<T>.anext(default: T): T = if (hasNext()) next() else default
