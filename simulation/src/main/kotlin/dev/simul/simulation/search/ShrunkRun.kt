// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.search

import dev.simul.simulation.Choices

/** The simplest run found that fails like [found]. */
internal class ShrunkRun private constructor(
    val found: FailedRun,
    val choices: LongArray,
    val failure: Throwable,
    val transcript: String,
    /** How many runs that took, or null if [found] did not fail again when it was replayed: then there was nothing to shrink. */
    val runs: Int?,
) {
    internal companion object {
        /** Shrinks [found] by runs of [run]. */
        fun of(
            found: FailedRun,
            budget: ShrinkBudget,
            run: (Choices) -> RunOutcome,
        ): ShrunkRun {
            var best: Pair<LongArray, RunOutcome>? = null

            fun replay(candidate: LongArray): LongArray? {
                val choices = Choices(candidate)
                val outcome = run(choices)
                if (outcome.failure == null || kindOf(outcome.failure) != found.kind) return null
                return choices.recorded.also { best = it to outcome }
            }

            replay(found.choices) ?: return ShrunkRun(found, found.choices, found.failure, found.transcript, runs = null)
            val shrinker = Shrinker(budget, ::replay)
            val choices = shrinker.shrink(found.choices)
            replay(choices)
            val (_, outcome) = best!!
            return ShrunkRun(found, choices, outcome.failure!!, outcome.transcript, shrinker.runs)
        }
    }
}
