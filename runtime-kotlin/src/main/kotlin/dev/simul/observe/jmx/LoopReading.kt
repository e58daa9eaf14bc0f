// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.Future
import dev.simul.Task
import dev.simul.TaskRegistry
import dev.simul.TaskStep
import dev.simul.loop.EventLoop
import dev.simul.loop.isKnownToBlock
import dev.simul.observe.WatchedLoop
import dev.simul.observe.awaitersOf
import dev.simul.observe.metrics

/**
 * Reads a loop and its tasks: in the loop itself, or, if that does not answer, from another thread while it runs. In the latter case what
 * changes meanwhile may look like a state that never was, or be left out, but each part is read in bounded time and without an error.
 *
 * The loop's turn reads no frames: those of a body are the stack of a thread, which takes long to read.
 */
internal class LoopReading(
    private val loop: EventLoop,
) {
    /** What the loop says of itself; called in its turn, or while it does not run. */
    fun answer(
        activity: Activity,
        lagNanos: Long,
    ): LoopState = state(activity, lagNanos, emptyList(), running = null, isAnswer = true)

    /** What can be seen of a loop that does not answer. */
    fun fromOutside(lagNanos: Long): LoopState {
        val isBlocked = loop.poller.isKnownToBlock
        val running = (loop.current.owner as? TaskStep<*>)?.task?.takeIf { it.step.isCurrent }
        val stack = loop.stacks.holder?.thread?.stackTrace.orEmpty().asList()
        return state(if (isBlocked) Activity.IDLE else Activity.RUNNING, lagNanos, stack, running, isAnswer = false)
    }

    private fun state(
        activity: Activity,
        lagNanos: Long,
        stack: List<StackTraceElement>,
        running: Task<*>?,
        isAnswer: Boolean,
    ) = LoopState(
        loop,
        activity,
        isAnswer,
        busyNanos = if (isAnswer || activity == Activity.IDLE) 0L else WatchedLoop.orNull(loop)?.heldFor ?: -1L,
        running,
        stack,
        LoopFigures(loop.metrics, lagNanos),
        tasks(),
    )

    private fun tasks(): List<TaskState> {
        val tasks = TaskRegistry.orNull(loop)?.pendingInPassing(MOST_TASKS).orEmpty()
        val awaits = Awaits(tasks)
        return tasks.mapNotNull { stateOf(it, awaits[it]) }
    }

    /** Null if it has ended meanwhile. */
    private fun stateOf(
        task: Task<*>,
        awaited: Collection<Task<*>>,
    ): TaskState? {
        val does = orElse("") { task.describeNow() }
        if (does == DONE) return null
        return TaskState(
            task,
            state = if (does == RUNNING || does == READY) does else WAITING,
            waitingFor = does.takeIf { it.startsWith(WAITING_FOR) }?.removePrefix(WAITING_FOR)?.take(MOST_LETTERS),
            awaited,
            task.cancelling(),
            wasAskedToCancel = task.step.lastCancelRequest != null,
        )
    }

    companion object {
        /** The state of a task that waits. */
        const val WAITING = "waiting"
        private const val RUNNING = "running"
        private const val READY = "ready"
        private const val DONE = "done"
        private const val WAITING_FOR = "waiting for "

        private const val MOST_TASKS = 10_000
        private const val MOST_LETTERS = 1_000
    }
}

/** Whom each of [tasks] awaits, directly or through futures such as those of `gather`. */
private class Awaits(
    tasks: Collection<Task<*>>,
) {
    private val awaited = HashMap<Task<*>, LinkedHashSet<Task<*>>>()

    init {
        for (task in tasks) orElse(Unit) { tell(task, task, HashSet()) }
    }

    private fun tell(
        future: Future<*>,
        task: Task<*>,
        seen: MutableSet<Future<*>>,
    ) {
        if (seen.size >= MOST_AWAITERS) return
        for (awaiter in awaitersOf(future)) {
            when {
                !seen.add(awaiter) -> {}
                awaiter is Task<*> -> awaited.getOrPut(awaiter) { LinkedHashSet() } += task
                else -> tell(awaiter, task, seen)
            }
        }
    }

    operator fun get(task: Task<*>): Collection<Task<*>> = awaited[task].orEmpty()

    private companion object {
        const val MOST_AWAITERS = 1_000
    }
}

/** What [read] returns, or [other] if what it reads changes under its hands, or a user's `toString` fails. */
internal inline fun <T> orElse(
    other: T,
    read: () -> T,
): T =
    try {
        read()
    } catch (_: Throwable) {
        other
    }
