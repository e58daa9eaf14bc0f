// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation

import dev.simul.demo.Failure
import dev.simul.demo.gallery.simulation.store.Bug
import dev.simul.demo.gallery.simulation.store.StoreFailure
import dev.simul.simulation.ExplorationFailure
import dev.simul.simulation.explore
import kotlin.time.Duration.Companion.days

/** Runs the store with many seeds. @throws Failure if one of them fails, though no bug is planted, or none does, though one is. */
internal fun exploreStore(
    seeds: Int,
    bug: Bug?,
) {
    val exploration =
        try {
            explore(seeds, budget = 1.days) { replicatedStore(bug) }
        } catch (e: ExplorationFailure) {
            println(report(e))
            if (bug == null) throw Failure("seed ${e.seed} fails", e)
            return
        }
    println(exploration)
    if (bug != null) throw Failure("--bug ${bug.option} was not found with $seeds seeds: try --seeds ${10 * seeds}")
}

/** The smallest run that fails, as people read it, and how to replay it. */
internal fun report(found: ExplorationFailure): String {
    val failure = generateSequence<Throwable>(found) { it.cause }.firstNotNullOfOrNull { it as? StoreFailure } ?: throw found
    return "Seed ${found.seed} fails. Shrunk to what it needs, that is:\n\n${failure.story}\n\n${failure.message}\n\n" +
        "To see this run again, set SIMUL_SEED=${found.replay}"
}
