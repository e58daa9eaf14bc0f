// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

import dev.simul.loop.FatalError

/**
 * Thrown by code that ends the program.
 *
 * Source: `SystemExit`.
 *
 * @property code the exit status for the operating system, 0 for success.
 */
public class SystemExit
    @JvmOverloads
    constructor(
        @get:JvmName("code")
        public val code: Int = 0,
    ) : FatalError("exit status $code")
