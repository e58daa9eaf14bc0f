// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context
import org.slf4j.Logger
import org.slf4j.LoggerFactory

/**
 * What a loop calls with an error that nobody else can receive.
 *
 * Source: `asyncio.loop.set_exception_handler(handler)`.
 */
public fun interface ExceptionHandler {
    /** Handles the error that [context] describes. What it throws is reported by the loop's default handler. */
    public fun handle(
        loop: EventLoop,
        context: ExceptionContext,
    )
}

/**
 * The description of an error that nobody else can receive.
 *
 * Source: the `context` dictionary of `asyncio.loop.call_exception_handler(context)`.
 *
 * @property message what happened, in one sentence.
 * @property exception what was thrown, if anything was.
 * @property details the objects that are involved, by asyncio's keys: `future`, `task`, `handle`, `asyncgen`.
 * @property origin where the object that failed was made, if its loop was in debug mode.
 * @property runIn the context variables which the handler is called with; those of the caller if it is null.
 */
public class ExceptionContext(
    public val message: String,
    public val exception: Throwable? = null,
    public val details: Map<String, Any> = emptyMap(),
    public val origin: Throwable? = null,
    public val runIn: Context? = null,
) {
    /** The detail of that [key], or null. */
    public operator fun get(key: String): Any? = details[key]

    override fun toString(): String = (listOf(message) + details.map { (key, value) -> "$key: $value" }).joinToString("\n")
}

internal val logger: Logger = LoggerFactory.getLogger("dev.simul")
