// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.BaseExceptionGroup
import kotlin.reflect.KClass

/**
 * A context manager that suppresses exceptions of the given [types].
 *
 * ```
 * suppress(NoSuchFileException::class).use { Files.delete(path) }
 * ```
 *
 * It also removes such exceptions from an exception group, at any depth, and throws the group of the remaining ones.
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
