// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import kotlin.time.Duration

/**
 * What [explore] has run, none of which failed. asyncio has no equivalent.
 *
 * @property runs how many seeds were run; fewer than it was to run if its time ended before.
 * @property interleavings how many of the runs had a transcript unlike those of all others.
 * @property elapsed how long it took, by the machine's clock.
 */
public class Exploration internal constructor(
    public val runs: Int,
    public val interleavings: Int,
    public val elapsed: Duration,
) {
    override fun toString(): String = "Runs: $runs, different interleavings: $interleavings, in $elapsed."
}
