// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

/**
 * Thrown when a future is asked for something its state does not allow: for the result before it is done, or to be
 * completed twice.
 *
 * Source: `asyncio.InvalidStateError`.
 */
public class InvalidStateException(
    message: String,
) : IllegalStateException(message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
