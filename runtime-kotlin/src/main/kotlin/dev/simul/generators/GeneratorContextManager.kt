// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.StopIteration

/**
 * A context manager for one block: [body] sets up, yields the value for the block once, and cleans up.
 *
 * ```
 * fun tag(name: String) = contextManager<Unit> {
 *     print("<$name>")
 *     try {
 *         yield(Unit)
 *     } finally {
 *         print("</$name>")
 *     }
 * }
 * ```
 *
 * The `yield` throws the block's exception. If the body catches it and ends, it is suppressed.
 *
 * Entering and leaving throw an [IllegalStateException] if the body does not yield exactly once.
 *
 * Source: `contextlib.contextmanager(func)`.
 */
public fun <T> contextManager(body: suspend GeneratorScope<T, Nothing>.() -> Unit): ContextManager<T> = GeneratorContextManager(body)

private class GeneratorContextManager<T>(
    body: suspend GeneratorScope<T, Nothing>.() -> Unit,
) : ContextManager<T> {
    private val generator = generator(body)

    override fun enter(): T {
        check(generator.step(Result.success(null))) {
            "generator didn't yield: a context manager yields once, and is good for one block"
        }
        return generator.takeYielded()
    }

    override fun exit(exception: Throwable?): Boolean {
        val yieldsAgain =
            try {
                generator.step(if (exception == null) Result.success(null) else Result.failure(exception))
            } catch (e: Throwable) {
                if (e === exception || (exception is StopIteration && e.wraps(exception))) return false
                throw e
            }
        if (!yieldsAgain) return exception != null
        val message = if (exception == null) "generator didn't stop" else "generator didn't stop after throwIn()"
        val failure = IllegalStateException(message)
        closing(AutoCloseable { generator.close() }).exitAfter(failure)
        throw failure
    }
}

/** Whether this is the exception that a generator makes of a [stop] that its body throws. */
internal fun Throwable.wraps(stop: Throwable): Boolean = this is IllegalStateException && cause === stop
