// SPDX-License-Identifier: Apache-2.0
package dev.simul.repeating

import dev.simul.loop.getRunningLoop
import dev.simul.loop.plusSaturated
import dev.simul.sleep
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds

/**
 * Runs [body] in the calling task repeatedly, once each [period].
 *
 * The first tick is at [initialDelay], and one follows every [period], on the loop's clock. A run that begins late, since the loop was
 * busy, does not move later ticks, so they do not drift. Two runs never overlap: [missedTicks] says what happens to ticks that come while
 * the body is running. A body that takes exactly one period misses none.
 *
 * It ends when the body fails, with that failure, and when the task is cancelled, in a run or between two. To end it otherwise, return from
 * the enclosing function. To continue after a failure, catch it in the body. If the loop was blocked between two runs, or the machine
 * slept, the ticks of that time count as missed.
 *
 * Between two runs it gives up at least one turn, so that other tasks get theirs even if each run exceeds its period.
 *
 * asyncio has no equivalent.
 *
 * @param initialDelay when the first run begins, counted from this call: at once, without giving up the turn, if it is not positive; pass
 *   [period] to begin after one period.
 * @throws IllegalArgumentException if [period] is not positive.
 */
public suspend inline fun every(
    period: Duration,
    initialDelay: Duration = Duration.ZERO,
    missedTicks: MissedTicks = MissedTicks.SKIP,
    body: () -> Unit,
): Nothing {
    val ticks = Ticks(period, initialDelay, missedTicks)
    ticks.awaitFirst()
    while (true) {
        body()
        ticks.awaitNext()
    }
}

/** The times at which the runs of an [every] are due. */
@PublishedApi
internal class Ticks(
    private val period: Duration,
    private val initialDelay: Duration,
    private val missedTicks: MissedTicks,
) {
    private val loop = getRunningLoop()
    private val periodNanos = period.inWholeNanoseconds
    private var tick = loop.nanoTime().plusSaturated(initialDelay.coerceAtLeast(Duration.ZERO))

    init {
        require(periodNanos > 0) { "a period must be at least a nanosecond, not $period" }
    }

    suspend fun awaitFirst() {
        if (initialDelay > Duration.ZERO) sleepUntil(tick, loop.nanoTime())
    }

    suspend fun awaitNext() {
        val now = loop.nanoTime()
        tick = tick.plusSaturated(period)
        if (tick < now) {
            when (missedTicks) {
                MissedTicks.SKIP -> tick += (now - tick + periodNanos - 1) / periodNanos * periodNanos
                MissedTicks.BURST -> Unit
                MissedTicks.DELAY -> tick = now
            }
        }
        sleepUntil(tick, now)
    }

    private suspend fun sleepUntil(
        tick: Long,
        now: Long,
    ) = sleep(if (tick == Long.MAX_VALUE) Duration.INFINITE else (tick - now).nanoseconds)
}
