// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.inPlaceOf

/**
 * A resource that a coroutine closes, since closing may have to wait.
 *
 * Source: objects with an `aclose()` method, as `contextlib.aclosing` takes them.
 */
public interface AsyncCloseable {
    /** Closes this; does nothing if it is closed already. */
    public suspend fun aclose()
}

/**
 * Runs [block] with [thing], and closes [thing] however the block ends.
 *
 * If closing throws, that exception replaces the block's, which becomes one of its suppressed exceptions.
 *
 * Source: `async with contextlib.aclosing(thing)`.
 */
public suspend inline fun <C : AsyncCloseable, R> aclosing(
    thing: C,
    block: (C) -> R,
): R = useRethrowing(thing, block) { if (it == null) thing.aclose() else thing.acloseAfter(it) }

/**
 * A context manager that gives [thing] and closes it at the end.
 *
 * Source: `contextlib.aclosing(thing)`.
 */
public fun <C : AsyncCloseable> aclosing(thing: C): AsyncContextManager<C> =
    object : AsyncContextManager<C> {
        override suspend fun aenter(): C = thing

        override suspend fun aexit(exception: Throwable?): Boolean {
            thing.aclose()
            return false
        }
    }

@PublishedApi
internal suspend fun AsyncCloseable.acloseAfter(exception: Throwable): Unit =
    try {
        aclose()
    } catch (e: Throwable) {
        throw e.inPlaceOf(exception)
    }
