// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

/**
 * The system cannot send files over this kind of connection, and the caller allows no fallback.
 *
 * Source: `SendfileNotAvailableError`.
 */
public class SendfileNotAvailableException(
    message: String,
) : IllegalStateException(message)
