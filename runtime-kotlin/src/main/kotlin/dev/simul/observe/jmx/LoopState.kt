// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.Task
import dev.simul.loop.EventLoop

/**
 * A loop at one moment, as far as it must be read in its turn; a [LoopReport] reads the rest later.
 *
 * @property isAnswer whether the loop told this itself.
 * @property busyNanos how long the current step has run; -1 if that is not known.
 * @property running the task whose step runs, if the loop did not answer.
 * @property stack that of the loop's thread, if the loop did not answer.
 */
internal class LoopState(
    val loop: EventLoop,
    val activity: Activity,
    val isAnswer: Boolean,
    val busyNanos: Long,
    val running: Task<*>?,
    val stack: List<StackTraceElement>,
    val figures: LoopFigures,
    val tasks: List<TaskState>,
)

/**
 * A pending task at that moment.
 *
 * @property waitingFor null if it does not wait.
 * @property awaited the tasks that it awaits, directly or through futures such as those of `gather`.
 * @property wasAskedToCancel whether its ledger has requests.
 */
internal class TaskState(
    val task: Task<*>,
    val state: String,
    val waitingFor: String?,
    val awaited: Collection<Task<*>>,
    val cancelling: Int,
    val wasAskedToCancel: Boolean,
)
