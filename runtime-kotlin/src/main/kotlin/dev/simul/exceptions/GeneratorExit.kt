// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

/**
 * Thrown into a generator that is being closed, at the point where it waits.
 *
 * A body may catch it to clean up, but must then end: it must not yield again. It is an [Error] so that handlers of ordinary exceptions let
 * it pass, and it has no stack trace.
 *
 * Source: `GeneratorExit`.
 */
public class GeneratorExit
    @JvmOverloads
    constructor(
        message: String? = null,
    ) : Error(message, null, true, false)
