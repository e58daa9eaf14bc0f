// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

import dev.simul.loop.FatalError

/**
 * Thrown when the user interrupts the program.
 *
 * Source: `KeyboardInterrupt`.
 */
public class KeyboardInterrupt
    @JvmOverloads
    constructor(
        message: String? = null,
    ) : FatalError(message)
