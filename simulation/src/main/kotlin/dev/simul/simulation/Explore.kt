// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.simulation.search.RunOutcome
import dev.simul.simulation.search.ShrinkBudget
import dev.simul.simulation.search.replay
import dev.simul.simulation.search.search
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Runs [block] by [simulate] with many seeds, on all processors: [firstSeed] and those that follow it. Each simulation has a thread of its
 * own, and must share nothing with the others: [block] is called many times at once.
 *
 * ```
 * @Test
 * fun `no update is lost`() {
 *     explore(seeds = 10_000, schedule = Schedule.CHAOS) {
 *         …
 *     }
 * }
 * ```
 *
 * After the first failure no further seed is begun. What it found is *shrunk*: run again and again with fewer and lower choices, so that
 * what remains is what the failure needs. The smallest run that fails in the same way (with an exception of the same type, thrown at the
 * same place) is then shown. With the environment's variable `SIMUL_SEED`, or the system property `simul.seed`, as that failure prints it, only
 * this run is made.
 *
 * asyncio has no equivalent; the idea of shrinking choices is Hypothesis'.
 *
 * @param budget after this time, by the machine's clock, no further seed is begun. Shrinking takes at most as long again, for each failure.
 * @param collect whether to go on after a failure, and throw one of each kind, the others suppressed in the first.
 * @return how many seeds were run, and how many different interleavings that were.
 * @throws ExplorationFailure if a run fails.
 * @throws IllegalStateException in a running loop.
 * @throws InterruptedException if the calling thread is interrupted; so are the simulations that run, and their hosts are closed without
 *   another turn. It is thrown when they have ended, or five seconds later if one of them takes no notice.
 */
public fun explore(
    seeds: Int = 1_000,
    budget: Duration = 60.seconds,
    schedule: Schedule = Schedule.RANDOM,
    firstSeed: Long = 1,
    collect: Boolean = false,
    block: suspend Simulation.() -> Unit,
): Exploration {
    checkNoRunningLoop("explore")
    require(seeds > 0) { "$seeds seeds find nothing: give at least 1" }
    val run = { choices: Choices -> outcomeOf(SimulationRun(choices, schedule), block) }
    givenRun()?.let { return replay(it, run) }
    return search(firstSeed..<firstSeed + seeds, budget, collect, { ShrinkBudget(MAX_RUNS, budget) }, run)
}

private fun outcomeOf(
    run: SimulationRun,
    block: suspend Simulation.() -> Unit,
): RunOutcome {
    val failure = run.run(block).exceptionOrNull()
    if (failure is InterruptedException) throw failure
    return RunOutcome(run.transcript.hash, failure, if (failure == null) "" else run.transcript.toString())
}

/** How often a failing run is run again to shrink it. */
private const val MAX_RUNS = 2_000
