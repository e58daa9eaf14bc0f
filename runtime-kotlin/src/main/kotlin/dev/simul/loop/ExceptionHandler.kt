// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context

/**
 * Receives the errors of a loop that have no other receiver.
 *
 * Source: `asyncio.loop.set_exception_handler(handler)`.
 */
public fun interface ExceptionHandler {
    /** Handles the error that [context] describes. An exception thrown here is reported by the loop's default handler. */
    public fun handle(
        loop: EventLoop,
        context: ExceptionContext,
    )
}

/**
 * The description of an error that has no other receiver.
 *
 * Source: the `context` dictionary of `asyncio.loop.call_exception_handler(context)`.
 *
 * @property message what happened, in one sentence.
 * @property exception the exception, if there was one.
 * @property details the objects involved, by asyncio's keys: `future`, `task`, `handle`, `asyncgen`; by `coroutine`, the line of a
 *   coroutine.
 * @property origin where the object that failed was made, if its loop was in debug mode.
 * @property runIn the context variables that the handler is called with; if null, the caller's.
 */
public class ExceptionContext(
    public val message: String,
    public val exception: Throwable? = null,
    public val details: Map<String, Any> = emptyMap(),
    public val origin: Throwable? = null,
    public val runIn: Context? = null,
) {
    /** The detail for [key], or null. */
    public operator fun get(key: String): Any? = details[key]

    override fun toString(): String = (listOf(message) + details.map { (key, value) -> "$key: $value" }).joinToString("\n")
}
