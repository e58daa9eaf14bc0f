// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.AsyncContextManager
import dev.simul.use

/**
 * Wraps this function in a block of [manager]; each call creates a new manager.
 *
 * ```
 * val fetch = ::download decoratedBy ::timed
 * ```
 *
 * It returns null if the manager suppressed an exception.
 *
 * Source: a context manager as a decorator, `contextlib.AsyncContextDecorator`.
 */
@JvmName("asyncDecoratedBy")
public infix fun <R> (suspend () -> R).decoratedBy(manager: () -> AsyncContextManager<*>): suspend () -> R? = { manager().use { this() } }

/** As the other [decoratedBy], for a function of one argument. */
@JvmName("asyncDecoratedBy")
public infix fun <A, R> (suspend (A) -> R).decoratedBy(manager: () -> AsyncContextManager<*>): suspend (A) -> R? =
    { a -> manager().use { this(a) } }

/** As the other [decoratedBy], for a function of two arguments. */
@JvmName("asyncDecoratedBy")
public infix fun <A, B, R> (suspend (A, B) -> R).decoratedBy(manager: () -> AsyncContextManager<*>): suspend (A, B) -> R? =
    { a, b -> manager().use { this(a, b) } }

/** As the other [decoratedBy], for a function that does not await. Source: `contextlib.ContextDecorator`. */
public infix fun <R> (() -> R).decoratedBy(manager: () -> ContextManager<*>): () -> R? = { manager().use { this() } }

/** As the other [decoratedBy], for a function of one argument that does not await. */
public infix fun <A, R> ((A) -> R).decoratedBy(manager: () -> ContextManager<*>): (A) -> R? = { a -> manager().use { this(a) } }

/** As the other [decoratedBy], for a function of two arguments that does not await. */
public infix fun <A, B, R> ((A, B) -> R).decoratedBy(manager: () -> ContextManager<*>): (A, B) -> R? =
    { a, b -> manager().use { this(a, b) } }
