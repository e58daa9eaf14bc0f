// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.search

import kotlin.time.Duration
import kotlin.time.TimeSource

/** What shrinking one failure may cost: [maxRuns] runs, and [time] from its first question on. */
internal class ShrinkBudget(
    private val maxRuns: Int,
    private val time: Duration,
    private val clock: TimeSource = TimeSource.Monotonic,
) {
    private val deadline by lazy(LazyThreadSafetyMode.NONE) { clock.markNow() + time }

    /** How many runs were made. */
    var runs: Int = 0
        private set

    val isSpent: Boolean get() = runs >= maxRuns || deadline.hasPassedNow()

    fun countRun() {
        runs++
    }
}
