// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import java.io.IOException

/**
 * The process does not exist.
 *
 * Source: `ProcessLookupError`.
 */
public class ProcessLookupException(
    message: String,
) : IOException(message)
