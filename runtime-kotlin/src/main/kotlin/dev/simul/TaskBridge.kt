package dev.simul

import kotlinx.coroutines.CompletableJob
import kotlinx.coroutines.InternalCoroutinesApi
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

    /** The scope that throws a cancellation when it completes; requests until then are one with it. */
    private var throwing: Job? = null

    private var ended = step.task.done()

    /** The job as an element of contexts that are made from the task's. */
    val currentJob: CoroutineContext.Element = CurrentJob(this)

    val interceptor: TaskInterceptor get() = TaskInterceptor[step.loop]

    /** The job that foreign code suspends under; delivers a pending cancellation. */
    fun job(): Job {
        throwing = null
        val pending = step.takePendingCancel() ?: return jobWithoutDelivery()
        val cancelled = undelivered ?: newJob().also { it.cancel(pending) }
        undelivered = null
        return cancelled
    }

    /** The job of the present epoch. */
    fun jobWithoutDelivery(): Job = undelivered ?: epoch ?: newEpoch()

    @OptIn(InternalCoroutinesApi::class)
    private fun newEpoch(): Job {
        val job = newJob()
        if (ended) job.cancel(endMessage()) else epoch = job
        // It hears of a cancellation before the children do, which are asked about it then.
        job.invokeOnCompletion(onCancelling = true) { cause -> if (cause != null) cancelledFromOutside(job, cause) }
        return job
    }

    private fun newJob(): CompletableJob = SupervisorJob()

    /**
     * Cancels what the task is doing in foreign code, which it runs or is suspended in.
     *
     * Returns whether the request is delivered by that; if not, it is still pending.
     */
    fun interrupt(message: String?): Boolean {
        if (throwing?.isCompleted == false) return true
        val job = epoch ?: return false
        epoch = null
        val fromOutside = job.isCancelled // by another thread, perhaps, which then has cancelled the children too
        val scope = job.children.firstOrNull { it is CoroutineStackFrame && (it.isActive || fromOutside) }
        val cancellation = CancelledException(message)
        scope?.cancel(cancellation)
        job.cancel(cancellation)
        if (scope?.isCancelled == true) {
            throwing = scope
        } else {
            undelivered = job
            step.expectCancel(message)
        }
        return true
    }

    /** Somebody cancelled the job itself: `coroutineContext.cancel()`. */
    private fun cancelledFromOutside(
        job: CompletableJob,
        cause: Throwable,
    ) = step.loop.runInLoop {
        if (epoch === job && !ended) {
            step.task.cancel(cause.message)
            if (epoch === job) epoch = null // it was our own code that waited
        }
    }

    /**
     * The task's own frame is about to be resumed by foreign code.
     *
     * Returns what it is resumed with: a failure that comes after a request to cancel gives way to the cancellation, as the
     * failure of an awaited future does.
     */
    fun <T> resumes(result: Result<T>): Result<T> {
        val byScope = throwing != null
        throwing = null
        val failure = result.exceptionOrNull() ?: return result
        if (failure.isCancellation) {
            if (byScope || undelivered != null) delivered()
            return result
        }
        if (undelivered == null || !failure.isOrdinary) return result
        delivered()
        return Result.failure(CancelledException(step.cancelMessage).apply { addSuppressed(failure) })
    }

    /** The request was taken back before its delivery. What it has cancelled by then stays cancelled. */
    fun withdraw() {
        undelivered = null
    }

    private fun delivered() {
        undelivered = null
        step.withdrawPendingCancel()
    }

    /** The task's own frame suspends in our code: the scopes it was in have ended. */
    fun ownFrameRuns() {
        throwing = null
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

/**
 * Stands for the job of a task: whoever asks the context for it gets the one of that moment. A pending cancellation is not
 * delivered by making a context (`flowOn`), but by asking it (`withContext`).
 */
private class CurrentJob(
    private val bridge: TaskBridge,
) : CoroutineContext.Element {
    override val key: CoroutineContext.Key<*> get() = Job

    @Suppress("UNCHECKED_CAST")
    override fun <E : CoroutineContext.Element> get(key: CoroutineContext.Key<E>): E? = if (key === Job) bridge.job() as E else null

    /** Those who walk through a context expect a real job; being the leftmost element, this one gets the walker itself. */
    override fun <R> fold(
        initial: R,
        operation: (R, CoroutineContext.Element) -> R,
    ): R = operation(initial, bridge.jobWithoutDelivery())

    override fun toString(): String = "the job of ${bridge.step}"
}
