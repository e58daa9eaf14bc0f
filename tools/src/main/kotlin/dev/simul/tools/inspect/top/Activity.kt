// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import dev.simul.tools.inspect.LoopSnapshot
import dev.simul.tools.inspect.TaskSnapshot
import kotlin.math.max

/**
 * The loops of a process at a moment.
 *
 * @property atNanos that moment, by this machine's clock.
 * @property stacksOf the ids of the tasks whose stacks were read, too.
 */
internal data class Sample(
    val atNanos: Long,
    val loops: List<LoopSnapshot>,
    val stacksOf: Set<Long> = emptySet(),
)

/** What the loops of a process have done between two samples; without the first of them, nothing is known of it. */
internal class Activity(
    before: Sample?,
    now: Sample,
) {
    private val nanos = before?.let { max(now.atNanos - it.atNanos, 1) }
    private val times = before?.loops.orEmpty().flatMap { it.tasks }.associate { it.id to it.timeOnLoopNanos }
    private val turns = before?.loops.orEmpty().associate { it.id to it.metrics.turns }

    /** The share of the time for which [task] has held its loop, from 0 to 1; null if it is not known. */
    fun shareOf(task: TaskSnapshot): Double? {
        val time = task.timeOnLoopNanos ?: return null
        val elapsed = nanos ?: return null
        val earlier = times[task.id] ?: 0 // No time is known of a task that is new, or that has not run since times are counted.
        return ((time - earlier) / elapsed.toDouble()).coerceIn(0.0, 1.0)
    }

    /** The share of the time for which tasks have held [loop]. */
    fun busyShareOf(loop: LoopSnapshot): Double? {
        val elapsed = nanos ?: return null
        val step = loop.busyNanos?.takeIf { it > 0 }?.let { it / elapsed.toDouble() }
        val tasks = loop.tasks.mapNotNull(::shareOf).takeIf { it.isNotEmpty() }?.sum()
        return listOfNotNull(step, tasks).maxOrNull()?.coerceIn(0.0, 1.0)
    }

    fun turnsPerSecondOf(loop: LoopSnapshot): Long? {
        val earlier = turns[loop.id] ?: return null
        val later = loop.metrics.turns ?: return null
        return nanos?.let { (later - earlier).coerceAtLeast(0) * SECOND / it }
    }

    private companion object {
        private const val SECOND = 1_000_000_000L
    }
}
