// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

/**
 * [explore] has found a run that fails: its cause is that failure, and its message tells the smallest such run, how to replay it, and the
 * transcript.
 *
 * asyncio has no equivalent.
 *
 * @property seed the lowest seed that was found to fail in this way; null if `SIMUL_SEED` gave other choices than a seed's.
 * @property replay what makes [explore] run the smallest run alone, as the value of the environment's variable `SIMUL_SEED`.
 */
public class ExplorationFailure internal constructor(
    message: String,
    cause: Throwable,
    @get:JvmName("seed") public val seed: Long?,
    @get:JvmName("replay") public val replay: String,
) : AssertionError(message, cause)
