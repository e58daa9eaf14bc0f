// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation

import dev.simul.demo.gallery.simulation.store.Bug
import dev.simul.demo.gallery.simulation.store.StoreFailure
import dev.simul.simulation.ExplorationFailure
import dev.simul.simulation.explore
import kotlin.time.Duration.Companion.days

/** What came of many runs. */
internal class StoreExploration(
    val hasFailed: Boolean,
    val text: String,
)

/** Runs the store with many seeds, until one fails. */
internal fun exploreStore(
    seeds: Int,
    bug: Bug?,
): StoreExploration =
    try {
        StoreExploration(false, "${explore(seeds, budget = 1.days) { replicatedStore(bug) }}")
    } catch (e: ExplorationFailure) {
        val failure = generateSequence<Throwable>(e) { it.cause }.firstNotNullOfOrNull { it as? StoreFailure } ?: throw e
        StoreExploration(true, report(e, failure.story, failure.message))
    }

/** The smallest run that fails, as people read it, and how to replay it. */
internal fun report(
    found: ExplorationFailure,
    story: Any,
    message: String?,
): String =
    "Seed ${found.seed} fails. Shrunk to what it needs, that is:\n\n$story\n\n$message\n\n" +
        "To see this run again, set SIMUL_SEED=${found.replay}"
