// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** The arguments make no sense; [message] names the one that does not, and what there is. */
internal class UsageError(
    override val message: String,
) : IllegalArgumentException(message)
