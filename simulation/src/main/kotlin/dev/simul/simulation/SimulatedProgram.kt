// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

/**
 * A program for [simulate] that another JVM can run too, since it needs just the name of its class: one with a constructor without
 * parameters.
 *
 * ```
 * class TwoClients : SimulatedProgram {
 *     override suspend fun Simulation.run() {
 *         host("server") { serve() }
 *         …
 *     }
 * }
 *
 * replayCheck<TwoClients>(seed = 17)
 * ```
 *
 * asyncio has no equivalent.
 */
public interface SimulatedProgram {
    /** The block of [simulate]. */
    public suspend fun Simulation.run()
}
