// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.LinkedQueue
import dev.simul.loop.LoopLocal
import dev.simul.loop.getRunningLoop
import dev.simul.loop.isFatal
import kotlinx.coroutines.Job

/**
 * The tasks of a loop: the one whose step runs now, and all pending ones, which it keeps alive.
 *
 * Only the loop's thread changes the pending ones; another thread that reads them starts again if a task ends meanwhile.
 */
internal class TaskRegistry(
    private val loop: EventLoop,
) {
    val current: TaskStep<*>? get() = loop.current.owner as TaskStep<*>?

    /** The loop's task factory. */
    @JvmField
    var factory: TaskFactory? = null

    /** Null for most loops. Any thread may set it: the loop sees that soon. */
    @JvmField
    var observer: TaskObserver? = null

    private val pending = LinkedQueue<TaskStep<*>>()

    /** Who cancels now, if it is not whoever runs; with the task or the thread that this one names. */
    private var asker: Asker? = null
    private var askingTask: Task<*>? = null
    private var askingThread: String? = null

    fun add(step: TaskStep<*>) {
        pending.add(step)
        if (observer != null) tellCreated(step.task)
    }

    fun remove(step: TaskStep<*>) {
        pending.remove(step)
        if (observer != null) tellEnded(step.task)
    }

    // Functions of their own, so that the callers stay small enough for the JIT to inline.

    private fun tellCreated(task: Task<*>) = tell { it.created(task) }

    private fun tellEnded(task: Task<*>) = tell { it.ended(task) }

    /** What the [observer] throws is not the task's business. */
    inline fun tell(what: (TaskObserver) -> Unit) {
        val observer = observer ?: return
        try {
            what(observer)
        } catch (e: Throwable) {
            if (e.isFatal) loop.leaveWith(e)
        }
    }

    /** Runs [block], whose requests to cancel are those of [asker] in the ledgers of the tasks. */
    inline fun <R> asking(
        asker: Asker,
        task: Task<*>? = null,
        thread: String? = null,
        block: () -> R,
    ): R {
        val before = this.asker
        val taskBefore = askingTask
        val threadBefore = askingThread
        setAsker(asker, task, thread)
        try {
            return block()
        } finally {
            setAsker(before, taskBefore, threadBefore)
        }
    }

    private fun setAsker(
        asker: Asker?,
        task: Task<*>?,
        thread: String?,
    ) {
        this.asker = asker
        askingTask = task
        askingThread = thread
    }

    /** A request to cancel the task of [step], for its ledger. */
    fun cancelRequest(
        step: TaskStep<*>,
        message: String?,
        previous: CancelRequest?,
    ): CancelRequest {
        val asker = asker
        if (asker != null) return CancelRequest(asker, askingTask, askingThread, message, previous)
        if (!loop.isInLoop) return CancelRequest(Asker.THREAD, null, Thread.currentThread().name, message, previous)
        val running = if (loop.current.isActive) current else null
        val by =
            when {
                running == null -> Asker.CALLBACK
                running === step -> Asker.ITSELF
                else -> Asker.TASK
            }
        return CancelRequest(by, running?.task, null, message, previous)
    }

    fun pending(): Set<Task<*>> {
        val tasks = LinkedHashSet<Task<*>>()
        while (!pending.walk { if (!it.task.done()) tasks.add(it.task) }) tasks.clear()
        return tasks
    }

    /** The coroutines in other threads that pending tasks have. */
    fun coroutinesInThreads(): List<Job> {
        val jobs = ArrayList<Job>()
        pending.walk { jobs += it.coroutinesInThreads }
        return jobs
    }

    /** How many are pending. */
    val size: Int get() = pending.size

    /**
     * As [pending], for a thread that must not wait for the loop: at most [most] tasks, and if tasks end too fast for it, those that it met
     * in [ATTEMPTS] attempts.
     */
    fun pendingInPassing(most: Int): Set<Task<*>> {
        val tasks = LinkedHashSet<Task<*>>()
        repeat(ATTEMPTS) {
            val isComplete =
                pending.walk {
                    if (!it.task.done()) tasks.add(it.task)
                    if (tasks.size >= most) return tasks
                }
            if (isComplete) return tasks
        }
        return tasks
    }

    companion object {
        private const val ATTEMPTS = 10

        private val of =
            LoopLocal(
                onClose = { _, registry -> registry.reportPending() },
                initial = ::TaskRegistry,
            )

        operator fun get(loop: EventLoop): TaskRegistry = of[loop]

        /** Null if the loop never had a task. */
        fun orNull(loop: EventLoop): TaskRegistry? = of.getOrNull(loop)
    }

    private fun detailsOf(task: Task<*>): Map<String, Any> {
        val line = AwaitLines.frameOf(task.step.suspendedFrame)?.getStackTraceElement()
        return listOfNotNull("task" to task, line?.let { "coroutine" to it.inShort() }).toMap()
    }

    private fun reportPending() {
        for (task in pending()) {
            loop.callExceptionHandler(
                ExceptionContext("Task was destroyed but it is pending!", null, detailsOf(task), task.origin),
            )
            task.lost()
        }
    }
}

/**
 * The task that is running now: null in a plain callback. A kotlinx coroutine that is a child of a task counts as that task.
 *
 * Source: `asyncio.current_task(loop=None)`.
 *
 * @throws IllegalStateException if no loop is given and none is running.
 */
public fun currentTask(loop: EventLoop? = null): Task<*>? = TaskRegistry[loop ?: getRunningLoop()].current?.task

/**
 * The tasks that are not done, in the order of their creation; may be called from another thread for a given [loop].
 *
 * Source: `asyncio.all_tasks(loop=None)`.
 *
 * @throws IllegalStateException if no loop is given and none is running.
 */
public fun allTasks(loop: EventLoop? = null): Set<Task<*>> = TaskRegistry[loop ?: getRunningLoop()].pending()
