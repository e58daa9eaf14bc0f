// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

/** The hash of a run of [block], which ends well. */
internal fun hashOf(
    seed: Long,
    schedule: Schedule,
    block: suspend Simulation.() -> Unit,
): Long {
    val run = SimulationRun(Choices(seed), schedule)
    run.run(block).getOrThrow()
    return run.transcript.hash
}

/** The first of [seeds] whose run of [block] fails by an assertion; null if there is none. */
internal fun firstFailing(
    seeds: LongRange,
    schedule: Schedule,
    block: suspend Simulation.() -> Unit,
): Long? = seeds.firstOrNull { SimulationRun(Choices(it), schedule).run(block).exceptionOrNull() is AssertionError }
