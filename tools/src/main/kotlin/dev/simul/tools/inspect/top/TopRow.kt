// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import dev.simul.tools.inspect.LoopSnapshot
import dev.simul.tools.inspect.TaskSnapshot
import dev.simul.tools.inspect.doing

/** A task as `top` shows it, with the share of its loop's time that it took since the last look. */
internal data class TopRow(
    val loop: LoopSnapshot,
    val task: TaskSnapshot,
    val share: Double?,
)

/** By what the tasks are sorted, those first that are the most remarkable. */
internal enum class Order(
    val title: String,
    val comparator: Comparator<TopRow>,
) {
    SHARE("%loop", compareByDescending<TopRow> { it.share ?: 0.0 }.thenByDescending { it.task.timeOnLoopNanos ?: 0L }),
    TIME("time", compareByDescending { it.task.timeOnLoopNanos ?: 0L }),
    AGE("age", compareByDescending { it.task.ageNanos ?: 0L }),
    WAITED("waited", compareByDescending { it.task.waitingNanos ?: 0L }),
    NAME("task name", compareBy { it.task.name }),
}

/** The tasks of all loops that [state] wants to see, in its order. */
internal fun rowsOf(
    sample: Sample,
    activity: Activity,
    state: TopState,
): List<TopRow> {
    val all = sample.loops.flatMap { loop -> loop.tasks.map { TopRow(loop, it, activity.shareOf(it)) } }
    val order = state.order.comparator.thenBy { it.task.id }
    return all.filter { it.matches(state.filter) }.sortedWith(if (state.isReversed) order.reversed() else order)
}

private fun TopRow.matches(filter: String) =
    filter.isEmpty() || listOf(task.name, task.coroutine, doing(task)).any { it.contains(filter, ignoreCase = true) }
