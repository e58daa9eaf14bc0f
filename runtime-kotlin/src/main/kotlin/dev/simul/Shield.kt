// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.ExceptionContext

/**
 * A future that follows [awaitable]; cancelling it does not cancel the awaitable.
 *
 * If the awaitable is cancelled itself, so is the future. If it fails after the future was cancelled, the failure is reported to the loop's
 * exception handler.
 *
 * Source: `asyncio.shield(aw)`.
 */
public fun <T> shield(awaitable: Awaitable<T>): Future<T> {
    val inner = ensureFuture(awaitable)
    if (inner.done()) return inner
    val outer = ShieldingFuture(inner)
    inner.addDoneCallback(callback = outer)
    outer.addDoneCallback {
        if (!inner.done()) {
            inner.removeDoneCallback(outer)
            inner.removeCallbacks { it is FunctionCallback<*> && it.function === reportLateFailure }
            inner.addDoneCallback(callback = reportLateFailure)
        }
    }
    return outer
}

/** Runs [coroutine] as a task that is not cancelled with the returned future; see the other [shield]. */
public fun <T> shield(coroutine: suspend () -> T): Future<T> = shield(Coroutine(coroutine))

private class ShieldingFuture<T>(
    private val inner: Future<T>,
) : Future<T>(inner.loop),
    (Future<T>) -> Unit,
    Awaiting {
    /** [inner] is done. */
    override fun invoke(done: Future<T>) {
        if (cancelled()) return
        val failure = if (done.cancelled()) null else done.exception()
        when {
            done.cancelled() -> cancel()
            failure != null -> fail(failure)
            else -> complete(done.result())
        }
    }

    override fun onBehalfOf(): List<Future<*>> = listOf(this)

    override val waitKind: String get() = "shield"

    override fun describeWait(): String = "shield of ${inner.describeWait()}"
}

private val reportLateFailure: (Future<*>) -> Unit = { inner ->
    val exception = if (inner.cancelled()) null else inner.exception()
    if (exception != null) {
        inner.loop.callExceptionHandler(
            ExceptionContext(
                "${exception::class.simpleName} exception in shielded future",
                exception,
                mapOf("future" to inner),
                inner.origin,
                (inner as? Task<*>)?.context,
            ),
        )
    }
}
