// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.testing.network.MemoryNetwork
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * How [checkCancelSafe] runs a program.
 *
 * @property virtualTime whether the program runs on a [VirtualClock]. Otherwise it runs on a loop with the machine's clock, which is better
 *   for real sockets, and pipes to child processes are connected as they are outside tests.
 * @property debug whether the loops are in debug mode; if null, unchanged.
 * @property turnLimit how many turns of its loop the program may take, and as many again after its cancellation.
 * @property timeLimit how long, in real time, the program may take, and as long again after its cancellation.
 * @property settle how long, in real time, cleanup may take after the program has ended: by the other end of a connection, by a thread, by
 *   the system. There is no wait if nothing can happen.
 * @property samples how many times to cancel the program, at random moments; if null, it is cancelled once in each of its turns. Use it for
 *   programs that vary because other threads take part, and for very long ones.
 * @property seed the seed of the random moments; if null, each call uses a new one, which a failure reports.
 * @property network makes the network in memory of each run, on which no socket may be left open: `::MemoryNetwork`, say. If null, the
 *   sockets are the system's.
 */
public class CancelOptions(
    public val virtualTime: Boolean = true,
    public val debug: Boolean? = null,
    public val turnLimit: Int = 10_000,
    public val timeLimit: Duration = 10.seconds,
    public val settle: Duration = 1.seconds,
    public val samples: Int? = null,
    public val seed: Long? = null,
    public val network: (() -> MemoryNetwork)? = null,
) {
    init {
        require(network == null || virtualTime) { "network is set and virtualTime is not: a network in memory needs it" }
        require(turnLimit > 0) { "turnLimit is $turnLimit: it must be positive" }
        require(timeLimit.isPositive() && timeLimit.isFinite()) { "timeLimit is $timeLimit: it must be positive and finite" }
        require(!settle.isNegative() && settle.isFinite()) { "settle is $settle: it must be finite, and not negative" }
        require(samples == null || samples > 0) { "samples is $samples: it must be positive, or null for each turn" }
        require(seed == null || samples != null) { "seed is $seed without samples: only random moments need one" }
    }

    override fun toString(): String =
        "CancelOptions(virtualTime=$virtualTime, debug=$debug, turnLimit=$turnLimit, timeLimit=$timeLimit, settle=$settle, " +
            "samples=$samples, seed=$seed, network=${if (network == null) "the system's" else "in memory"})"
}
