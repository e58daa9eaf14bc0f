// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.search

import dev.simul.simulation.Choices
import dev.simul.simulation.Exploration
import dev.simul.simulation.ExplorationFailure
import kotlin.time.Duration
import kotlin.time.measureTimedValue

/** Explores [seeds] by [run], and shrinks what fails. @throws ExplorationFailure if a run fails. */
internal fun search(
    seeds: LongRange,
    budget: Duration,
    collects: Boolean,
    shrinkBudget: () -> ShrinkBudget,
    run: (Choices) -> RunOutcome,
): Exploration {
    val findings = Explorer(seeds, budget, collects, run = run).explore()
    val failures = findings.failures.map { failureOf(findings, ShrunkRun.of(it, shrinkBudget(), run)) }
    if (failures.isEmpty()) return Exploration(findings.runs, findings.interleavings, findings.elapsed)
    throw failures.first().apply { failures.drop(1).forEach(::addSuppressed) }
}

/** Runs what [text] stands for. @throws ExplorationFailure if it fails. */
internal fun replay(
    text: String,
    run: (Choices) -> RunOutcome,
): Exploration {
    val choices = choicesOf(text)
    val (outcome, elapsed) = measureTimedValue { run(choices) }
    val failure = outcome.failure ?: return Exploration(runs = 1, interleavings = 1, elapsed)
    val message = "The run of SIMUL_SEED=$text fails: $failure\n\n${transcriptOf("it", outcome.transcript)}"
    throw ExplorationFailure(message, failure, text.toLongOrNull(), text)
}

private fun failureOf(
    findings: Findings,
    run: ShrunkRun,
): ExplorationFailure {
    val seed = run.found.seed
    val text = textOf(run.choices)
    // A variable of the environment has room for about that much.
    val replay = if (run.runs == null || text.length > MAX_TEXT) "$seed" else text
    val message =
        "Seed $seed fails: ${run.failure}\nRuns: ${findings.runs}, different interleavings: ${findings.interleavings}, in " +
            "${findings.elapsed}.\n${if (run.runs == null) notReplayed(seed) else shrunk(run, replay)}\n\n" +
            transcriptOf(if (run.runs == null) "seed $seed" else "the shrunk run", run.transcript)
    return ExplorationFailure(message, run.failure, seed, replay)
}

private fun shrunk(
    run: ShrunkRun,
    replay: String,
): String {
    val seed = "${run.found.seed}"
    val which = if (replay == seed) "it" else "that run, SIMUL_SEED=$seed for the one found"
    return "It made ${run.found.choices.size} choices, and needs ${run.choices.size} of them to fail in the same way. Runs to shrink it: " +
        "${run.runs}.\nSet SIMUL_SEED=$replay to replay $which."
}

private fun notReplayed(seed: Long): String =
    "Replaying its choices did not fail in the same way, so that it could not be shrunk: the program depends on something outside of " +
        "the simulation, such as the machine's clock, identity hash codes or other threads. replayCheck with seed $seed names the first " +
        "difference."

private fun transcriptOf(
    whose: String,
    transcript: String,
): String = if (transcript.isEmpty()) "" else "Transcript of $whose:\n${transcript.prependIndent("  ")}"

private const val MAX_TEXT = 100_000
