package dev.simul

import kotlinx.coroutines.CompletableJob
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/**
 * A task as kotlinx coroutines see it: its element in their contexts, and its [Job].
 *
 * asyncio's cancellation is an edge: thrown once, and the task may go on. A kotlinx `Job` is a level: once cancelled it stays
 * so. Therefore a task has not one job but a series of them, the *epochs*: foreign code that suspends the task is a child of
 * the current one; cancelling the task cancels that one, and the next suspension finds a new one.
 *
 * A cancellation is delivered once. What the bridge knows of its delivery:
 * - the epoch has a scope of the task among its children (`coroutineScope`, `withContext`): the scope will throw it;
 * - foreign code asks for the job: it gets the cancelled one, once, and throws at its suspension;
 * - the task's own frame is resumed with a cancellation.
 */
internal class TaskBridge(
    val step: TaskStep<*>,
) : AbstractCoroutineContextElement(TaskBridge) {
    private var epoch: CompletableJob? = null

    /** The cancelled epoch that the next question for the job is answered with. */
    private var undelivered: CompletableJob? = null

    /** Whether a scope of the task is about to throw a cancellation; further requests are one with it. */
    private var scopeThrows = false

    private var ended = false

    val interceptor: TaskInterceptor get() = TaskInterceptor[step.loop]

    /** The job that foreign code suspends under; delivers a pending cancellation. */
    fun job(): Job {
        scopeThrows = false
        val pending = step.takePendingCancel() ?: return jobWithoutDelivery()
        val cancelled = undelivered ?: newJob().also { it.cancel(pending) }
        undelivered = null
        return cancelled
    }

    /** The job of the present epoch. */
    fun jobWithoutDelivery(): Job {
        undelivered?.let { return it }
        return epoch ?: newEpoch()
    }

    private fun newEpoch(): Job {
        val job = newJob()
        if (ended) job.cancel(endMessage()) else epoch = job
        job.invokeOnCompletion { cause -> if (cause != null) cancelledFromOutside(job, cause) }
        return job
    }

    private fun newJob(): CompletableJob = SupervisorJob()

    /**
     * Cancels what the task is doing in foreign code, which it runs or is suspended in.
     *
     * Returns whether the request is delivered by that; if not, it is still pending.
     */
    fun interrupt(message: String?): Boolean {
        if (scopeThrows) return true
        val job = epoch ?: return false
        epoch = null
        if (job.children.any { it is CoroutineStackFrame && it.isActive }) {
            scopeThrows = true
        } else {
            undelivered = job
            step.expectCancel(message)
        }
        job.cancel(CancelledException(message))
        return true
    }

    /** Somebody cancelled the job itself: `coroutineContext.cancel()`. */
    private fun cancelledFromOutside(
        job: CompletableJob,
        cause: Throwable,
    ) = step.loop.runInLoop {
        if (epoch === job && !ended) step.task.cancel(cause.message)
    }

    /**
     * The task's own frame is about to be resumed by foreign code.
     *
     * Returns what it is resumed with: a failure that comes after a request to cancel gives way to the cancellation, as the
     * failure of an awaited future does.
     */
    fun <T> resumes(result: Result<T>): Result<T> {
        scopeThrows = false
        val failure = result.exceptionOrNull()
        if (undelivered == null || failure == null) return result
        if (!failure.isCancellation && !failure.isOrdinary) return result
        undelivered = null
        step.withdrawPendingCancel()
        if (failure.isCancellation) return result
        return Result.failure(CancelledException(step.cancelMessage).apply { addSuppressed(failure) })
    }

    /** The task's own frame suspends in our code: the scopes it was in have ended. */
    fun ownFrameRuns() {
        scopeThrows = false
        undelivered = null
    }

    /** Children that are still running when their task ends are cancelled: nobody waits for them any more. */
    fun taskEnded() {
        ended = true
        val job = epoch ?: return
        epoch = null
        if (job.children.none()) job.complete() else job.cancel(endMessage())
    }

    private fun endMessage() = CancelledException("${step.task.name} has ended")

    companion object Key : CoroutineContext.Key<TaskBridge>
}
