// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.AsyncContextManager
import dev.simul.acloseAfter
import dev.simul.exceptions.StopAsyncIteration
import dev.simul.exceptions.StopIteration

/**
 * A context manager for one block: [body] sets up, yields the value for the block once, and cleans up; it may await.
 *
 * ```
 * fun connection(pool: Pool) = asyncContextManager {
 *     val connection = pool.acquire()
 *     try {
 *         yield(connection)
 *     } finally {
 *         pool.release(connection)
 *     }
 * }
 * ```
 *
 * The `yield` throws the block's exception, also a cancellation. If the body catches it and ends, it is suppressed.
 *
 * Entering and leaving throw an [IllegalStateException] if the body does not yield exactly once.
 *
 * Source: `contextlib.asynccontextmanager(func)`.
 */
public fun <T> asyncContextManager(body: suspend AsyncGeneratorScope<T, Nothing>.() -> Unit): AsyncContextManager<T> =
    AsyncGeneratorContextManager(body)

private class AsyncGeneratorContextManager<T>(
    body: suspend AsyncGeneratorScope<T, Nothing>.() -> Unit,
) : AsyncContextManager<T> {
    private val generator = asyncGenerator(body)
    private val values = generator.iterator()

    override suspend fun aenter(): T {
        check(values.hasNext()) { "generator didn't yield: a context manager yields once, and is good for one block" }
        return values.next()
    }

    override suspend fun aexit(exception: Throwable?): Boolean {
        if (exception == null) {
            if (values.hasNext()) stop("generator didn't stop")
            return false
        }
        try {
            generator.athrow(exception)
        } catch (_: StopAsyncIteration) {
            return true
        } catch (e: Throwable) {
            val isStop = exception is StopIteration || exception is StopAsyncIteration
            if (e === exception || (isStop && e.wraps(exception))) return false
            throw e
        }
        stop("generator didn't stop after athrow()")
    }

    private suspend fun stop(message: String): Nothing {
        val failure = IllegalStateException(message)
        generator.acloseAfter(failure)
        throw failure
    }
}
