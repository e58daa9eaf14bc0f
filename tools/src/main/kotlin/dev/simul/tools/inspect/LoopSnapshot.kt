// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

/**
 * An event loop of another process, at one moment. What is null is not known: the program may carry a version of the library that does
 * not tell it.
 *
 * @property id counts the loops of the process, from 1.
 * @property thread the name of the thread that runs it.
 * @property state `running`, `idle` or `stopped`.
 * @property answered whether the loop told this itself; otherwise it was read while the loop ran.
 * @property busyNanos for how long the current step has run.
 * @property busyTask the id of the task whose step runs.
 * @property busyStack what the loop's thread does, where the loop did not answer.
 * @property exactTimes whether times on the loop are measured, rather than sampled.
 */
internal data class LoopSnapshot(
    val id: Int,
    val thread: String,
    val state: String,
    val answered: Boolean = true,
    val busyNanos: Long? = null,
    val busyTask: Long? = null,
    val busyStack: List<String> = emptyList(),
    val metrics: LoopMetrics = LoopMetrics(),
    val exactTimes: Boolean = false,
    val tasks: List<TaskSnapshot> = emptyList(),
)

/**
 * Figures of a loop.
 *
 * @property turns how many turns it has run.
 * @property lagNanos how late it ran the last callback that another thread had handed in to measure that.
 * @property ready how many callbacks are about to run.
 */
internal data class LoopMetrics(
    val turns: Long? = null,
    val lagNanos: Long? = null,
    val ready: Long? = null,
    val tasks: Long? = null,
    val timers: Long? = null,
    val connections: Long? = null,
)

/**
 * A pending task of such a loop.
 *
 * @property id distinguishes it among all tasks that the process ever has.
 * @property state `running`, `ready` or `waiting`.
 * @property coroutine what it runs.
 * @property waitingFor null unless it waits.
 * @property awaits the ids of the tasks that it awaits.
 * @property cancelling how many requests to cancel it are pending.
 * @property cancellation what became of these requests, line by line.
 * @property stack the innermost frame first; empty unless it was asked for.
 */
internal data class TaskSnapshot(
    val id: Long,
    val name: String,
    val state: String,
    val coroutine: String = "",
    val waitingFor: String? = null,
    val awaits: List<Long> = emptyList(),
    val cancelling: Int = 0,
    val cancellation: List<String> = emptyList(),
    val ageNanos: Long? = null,
    val timeOnLoopNanos: Long? = null,
    val waitingNanos: Long? = null,
    val stack: List<String> = emptyList(),
)
