// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.repeating.Backoff
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/**
 * How a [Supervisor] treats its workers. All durations go by the clock of the supervisor's loop. asyncio has no equivalent.
 *
 * @property backoff how long to pause before a worker that has failed is replaced; after several failures in a row, longer.
 * @property stableAfter a worker that fails after it has lived this long is the first failure again.
 * @property pingInterval how often each worker's loop is asked to answer.
 * @property unresponsiveAfter a worker whose loop has not answered for this long gets no more connections, and those that it has not begun go
 *   to others, until it answers.
 * @property hangTimeout a worker whose loop has not answered for this long is replaced, although its thread cannot be ended.
 * @property maxHung how many such threads there may be, with those that did not end in time; while there are, another one that hangs is not
 *   replaced, and [Supervisor.replace] refuses. If null, as many as workers.
 * @property startTimeout how long the new worker of a rolling replacement may take until it serves.
 * @property grace how long a worker that was told to end may take, when it is replaced or the supervisor is closed.
 * @property forcedGrace how long it may take after that, once all its tasks were cancelled; it is then left to itself.
 * @property debug whether the workers' loops are in debug mode; if null, as every new loop.
 */
public class WorkerOptions(
    public val backoff: Backoff = Backoff.exponential(100.milliseconds, max = 30.seconds).jittered(fraction = 0.5),
    public val stableAfter: Duration = 30.seconds,
    public val pingInterval: Duration = 500.milliseconds,
    public val unresponsiveAfter: Duration = 2.seconds,
    public val hangTimeout: Duration = 30.seconds,
    public val maxHung: Int? = null,
    public val startTimeout: Duration = 30.seconds,
    public val grace: Duration = 30.seconds,
    public val forcedGrace: Duration = 5.seconds,
    public val debug: Boolean? = null,
) {
    init {
        require(pingInterval.isPositive()) { "pingInterval is $pingInterval: it must be positive" }
        require(unresponsiveAfter >= pingInterval) {
            "unresponsiveAfter is $unresponsiveAfter, shorter than pingInterval, $pingInterval: give a loop the time to answer once"
        }
        require(hangTimeout >= unresponsiveAfter) {
            "hangTimeout is $hangTimeout: it must not be shorter than unresponsiveAfter, $unresponsiveAfter"
        }
        require(maxHung == null || maxHung >= 0) { "maxHung is $maxHung: it cannot be negative" }
        requireNotNegative("stableAfter", stableAfter)
        requireNotNegative("startTimeout", startTimeout)
        requireNotNegative("grace", grace)
        requireNotNegative("forcedGrace", forcedGrace)
    }

    private fun requireNotNegative(
        name: String,
        duration: Duration,
    ) = require(!duration.isNegative()) { "$name is $duration: it cannot be negative" }

    override fun toString(): String =
        "WorkerOptions(backoff=$backoff, stableAfter=$stableAfter, pingInterval=$pingInterval, unresponsiveAfter=$unresponsiveAfter, " +
            "hangTimeout=$hangTimeout, maxHung=$maxHung, startTimeout=$startTimeout, grace=$grace, forcedGrace=$forcedGrace, debug=$debug)"
}
