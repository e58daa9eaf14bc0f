// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.isOrdinary
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CancellationException
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
 * Whoever asks whether the task is cancelled gets the epoch of the last request, until the request is taken back: it holds the
 * very exception that was thrown. Whoever suspends the task gets the current epoch, or a cancelled one once if the request is
 * still to be delivered. [JobQuestion] tells them apart.
 */
internal class TaskBridge(
    val step: TaskStep<*>,
) : AbstractCoroutineContextElement(TaskBridge) {
    private var epoch: CompletableJob? = null

    /** The cancelled epoch of a request that is still to be delivered. */
    private var undelivered: CompletableJob? = null

    /** The cancelled epoch of the last request that was delivered. */
    private var delivered: CompletableJob? = null

    /** The scope that throws a cancellation when it completes; requests until then are one with it. */
    private var throwing: Job? = null

    /** What resumes the task's own frame with a cancellation, once its turn comes; requests until then are one with it. */
    @Volatile
    private var resumption: Runnable? = null

    /** Whether another thread is cancelling the present epoch. */
    @Volatile
    private var cancelledElsewhere = false

    /** Whether the present epoch is being cancelled. */
    private var interrupting = false

    /** Whether foreign code was interrupted by a request that it has not delivered yet. */
    private var isUnanswered = false

    /**
     * Whether the frame was resumed, after a request that is still to be delivered, by a suspension that was not cancelled itself. If
     * that was with a value, kotlinx asks for the job at once, and throws the cancellation. If it does not ask, it was with a failure,
     * or with a cancellation from elsewhere: the answer to the request, which is delivered by it.
     */
    private var isBeingAnswered = false

    /** Whether the last request was delivered by such an answer, and nothing was awaited since. */
    private var isAnswered = false

    private var ended = step.task.done()

    val interceptor: TaskInterceptor get() = TaskInterceptor[step.loop]

    /** The task's context as a list of elements: what contexts are made from. */
    val elements: CoroutineContext by lazy(LazyThreadSafetyMode.NONE) {
        CurrentJob(this) + this + LoopExceptionHandler[step.loop] + interceptor
    }

    /** The job for whoever asks for it now. */
    fun job(): Job = if (step.cancelling == 0) presentEpoch() else answer(JobQuestion.ofCaller())

    private fun answer(question: JobQuestion): Job {
        if (question == JobQuestion.RESUME) isBeingAnswered = false else settleAnswer()
        return jobFor(question)
    }

    /** If foreign code has answered a request with a failure, that has delivered it. */
    fun settleAnswer() {
        if (!isBeingAnswered) return
        isBeingAnswered = false
        isAnswered = true
        becomeDelivered()
    }

    private fun jobFor(question: JobQuestion): Job =
        when (question) {
            JobQuestion.IS_CANCELLED -> if (step.isCancelPending) undelivered() else delivered()
            JobQuestion.ENSURE_ACTIVE -> if (step.isCancelPending) deliver() else delivered()
            JobQuestion.RESUME, JobQuestion.SUSPEND, JobQuestion.UNKNOWN -> if (step.isCancelPending) deliver() else presentEpoch()
            JobQuestion.PASS_ON -> contextJob()
        }

    /** The job for a context that is made from the task's. */
    fun contextJob(): Job = if (step.isCancelPending) undelivered() else presentEpoch()

    private fun presentEpoch(): Job {
        forgetCompletedScope()
        return epoch ?: newEpoch()
    }

    private fun undelivered(): CompletableJob =
        undelivered ?: cancelledJob(CancelledException(step.cancelMessage)).also { undelivered = it }

    /** The pending request, for the frame that asks to throw it. */
    private fun deliver(): Job {
        forgetCompletedScope()
        return undelivered().also { becomeDelivered() }
    }

    private fun becomeDelivered() {
        undelivered?.let { delivered = it }
        undelivered = null
        isUnanswered = false
        step.cancelDeliveredByForeignCode()
    }

    /** The job that was cancelled with the exception that the task has got. */
    @OptIn(InternalCoroutinesApi::class)
    private fun delivered(): Job {
        val thrown = step.thrownCancel
        val job = delivered
        if (job != null && (thrown == null || job.getCancellationException() === thrown)) return job
        return cancelledJob(thrown ?: CancelledException(step.cancelMessage)).also { delivered = it }
    }

    private fun cancelledJob(cause: CancellationException): CompletableJob = newJob().also { it.cancel(cause) }

    @OptIn(InternalCoroutinesApi::class)
    private fun newEpoch(): Job {
        val job = newJob()
        if (ended) job.cancel(endMessage()) else epoch = job
        // It hears of a cancellation before the children do, which are asked about it then.
        job.invokeOnCompletion(onCancelling = true) { cause ->
            if (cause != null) {
                if (!step.loop.isInLoop) cancelledElsewhere = true
                cancelledFromOutside(job, cause)
            }
        }
        return job
    }

    private fun newJob(): CompletableJob = SupervisorJob()

    /**
     * Cancels what the task is doing in foreign code, which it runs or is suspended in.
     *
     * Returns whether the request is delivered by that; if not, it is still pending.
     */
    fun interrupt(message: String?): Boolean {
        if (resumption != null || throwing?.isCompleted == false) return true
        val job = epoch ?: return false
        epoch = null
        val fromOutside = job.isCancelled // by another thread, perhaps, which then has cancelled the children too
        val scope = job.children.firstOrNull { it is CoroutineStackFrame && (it.isActive || fromOutside) }
        val cancellation = CancelledException(message)
        interrupting = true
        scope?.cancel(cancellation)
        job.cancel(cancellation)
        interrupting = false
        if (scope?.isCancelled == true) {
            throwing = scope
            delivered = job
            step.cancelDeliveredByForeignCode()
        } else {
            undelivered = job
            isUnanswered = true
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
            if (epoch === job) {
                epoch = null // it was our own code that waited, or the frame is queued already
                delivered = job
                if (resumption == null) cancelledElsewhere = false
            }
        }
    }

    /** Foreign code, of any thread, queues [block] to resume the task's own frame. */
    fun queued(block: Runnable) {
        val byCancel = cancelledElsewhere || (step.loop.isInLoop && (interrupting || throwing?.isCompleted == true))
        if (byCancel && block.cancelled != false) resumption = block
    }

    /** Resumes a frame of the task, or of a kotlinx child of it, inside a step of the task. */
    fun resume(
        context: CoroutineContext,
        block: Runnable,
    ) = step.inStep {
        if (context.ownStep === step) ownFrameResumes(block)
        block.run()
        if (resumption == null) forgetCompletedScope()
    }

    private fun ownFrameResumes(block: Runnable) {
        isAnswered = false
        isBeingAnswered = undelivered != null && block !== resumption && block.cancelled == false
        val withCancellation = block === resumption || throwing?.isCompleted == true || (undelivered != null && block.cancelled == true)
        resumption = null
        cancelledElsewhere = false
        forgetCompletedScope()
        if (!withCancellation) return
        val epoch = epoch
        if (epoch?.isCancelled == true) {
            // The other thread's request is on its way to the loop, and has its effect already.
            this.epoch = null
            delivered = epoch
            step.countCancel()
        }
        becomeDelivered()
    }

    /** Whether the suspension that this resumes was cancelled; null if that cannot be told. */
    private val Runnable.cancelled: Boolean? get() = (this as? CancellableContinuation<*>)?.isCancelled

    private fun forgetCompletedScope() {
        if (throwing?.isCompleted == true) throwing = null
    }

    /** The request was taken back. What it has cancelled by then stays cancelled. */
    fun withdraw() {
        undelivered = null
        isUnanswered = false
        delivered = null
    }

    /** Whether foreign code has failed with [failure] when it was interrupted, instead of throwing the cancellation. */
    fun isAnswer(failure: Throwable): Boolean = (isUnanswered || isAnswered) && failure.isOrdinary

    /** The task's own frame suspends in our code: the scopes it was in have ended. */
    fun ownFrameRuns() {
        settleAnswer()
        throwing = null
        undelivered = null
        isUnanswered = false
        isAnswered = false
    }

    /** Children that are still running when their task ends are cancelled: nobody waits for them now. */
    fun taskEnded() {
        ended = true
        val job = epoch ?: return
        epoch = null
        if (job.children.none()) job.complete() else job.cancel(endMessage())
    }

    private fun endMessage() = CancelledException("${step.task.name} has ended")

    companion object Key : CoroutineContext.Key<TaskBridge>
}

/** Stands for the job of a task: whoever asks the context for it gets the one of that moment. */
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
    ): R = operation(initial, bridge.contextJob())

    override fun toString(): String = "the job of ${bridge.step}"
}
