// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

/**
 * Says how to repeat a simulation that has failed, and what happened in it: suppressed in the failure itself.
 *
 * asyncio has no equivalent.
 *
 * @property seed the seed of the run; null if it replayed the choices that [explore] had found.
 */
public class SimulationFailure internal constructor(
    @get:JvmName("seed") public val seed: Long?,
    message: String,
) : Exception(message, null, false, false) {
    override fun toString(): String = message!!
}
