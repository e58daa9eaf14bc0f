// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

/**
 * Thrown by an asynchronous generator that has no further value.
 *
 * It has no stack trace: it is the ordinary end of an iteration, not a failure.
 *
 * Source: `StopAsyncIteration`.
 */
public class StopAsyncIteration
    @JvmOverloads
    constructor(
        message: String? = null,
    ) : RuntimeException(message, null, true, false)
