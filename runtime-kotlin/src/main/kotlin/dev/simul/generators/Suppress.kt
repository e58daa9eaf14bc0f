// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.BaseExceptionGroup
import kotlin.reflect.KClass

/**
 * A context manager that ends exceptions of the given [types].
 *
 * ```
 * suppress(NoSuchFileException::class).use { Files.delete(path) }
 * ```
 *
 * It takes such exceptions out of an exception group too, however deep they are, and throws the group of what is left.
 *
 * Source: `contextlib.suppress(*exceptions)`.
 */
public fun suppress(vararg types: KClass<out Throwable>): ContextManager<Unit> = Suppress(types)

private class Suppress(
    private val types: Array<out KClass<out Throwable>>,
) : ContextManager<Unit> {
    override fun enter() = Unit

    override fun exit(exception: Throwable?): Boolean {
        if (exception !is BaseExceptionGroup) return types.any { it.isInstance(exception) }
        val (match, rest) = exception.split(*types)
        if (match != null && rest != null) throw rest
        return rest == null
    }
}
