// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

/**
 * The system cannot send files by what the connection goes through, and the caller wants nothing else.
 *
 * Source: `SendfileNotAvailableError`.
 */
public class SendfileNotAvailableException(
    message: String,
) : IllegalStateException(message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
