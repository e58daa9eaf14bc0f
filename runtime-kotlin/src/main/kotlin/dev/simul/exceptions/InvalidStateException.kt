// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

/**
 * Thrown when a future is used in a way that its state does not allow: its result is read before it is done, or it is completed twice.
 *
 * Source: `asyncio.InvalidStateError`.
 */
public class InvalidStateException(
    message: String,
) : IllegalStateException(message)
