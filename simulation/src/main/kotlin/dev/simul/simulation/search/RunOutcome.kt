// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.search

/** How a run ended. */
internal class RunOutcome(
    /** The hash of the whole transcript: it identifies the interleaving. */
    val hash: Long,
    /** What the run failed with, or null. */
    val failure: Throwable?,
    /** What happened last, for people. */
    val transcript: String,
)
