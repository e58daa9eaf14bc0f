// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.AsyncContextManager

/** A context manager of both kinds that gives [value] and does nothing. Source: `contextlib.nullcontext(enter_result=None)`. */
public fun <T> nullContext(value: T): NullContext<T> = NullContext(value)

/** As the other [nullContext], without a value. */
public fun nullContext(): NullContext<Unit> = NullContext(Unit)

/** A placeholder for an optional context manager; created by [nullContext]. Source: `contextlib.nullcontext`. */
public class NullContext<out T> internal constructor(
    private val value: T,
) : ContextManager<T>,
    AsyncContextManager<T> {
    override fun enter(): T = value

    override fun exit(exception: Throwable?): Boolean = false

    override suspend fun aenter(): T = value

    override suspend fun aexit(exception: Throwable?): Boolean = false

    /** Runs [block] with the value; it is both kinds of `use` in one. */
    public inline fun <R> use(block: (T) -> R): R = block(enter())
}
