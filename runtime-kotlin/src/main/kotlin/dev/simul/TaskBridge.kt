// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.CancellationState.Interrupting
import dev.simul.CancellationState.Throwing
import dev.simul.exceptions.CancelledException
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CompletableJob
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExecutorCoroutineDispatcher
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/**
 * A task as kotlinx coroutines see it: its element in their contexts, and its [Job].
 *
 * asyncio's cancellation is an edge: it is thrown once, and the task may continue. A kotlinx `Job` is a level: once cancelled, it stays
 * cancelled. Therefore a task has not one job but a series of them, the *epochs*: foreign code that suspends the task is a child of the
 * current epoch; cancelling the task cancels that epoch, and the next suspension finds a new one.
 *
 * Code that asks whether the task is cancelled gets the epoch of the last request, until the request is taken back: it holds the very
 * exception that was thrown. Code that suspends the task gets the current epoch, or once a cancelled one if the request is still to be
 * delivered. [JobQuestion] tells the two apart, and [Cancellation] keeps the state of the request.
 */
internal class TaskBridge(
    val step: TaskStep<*>,
    private val cancellation: Cancellation,
) : AbstractCoroutineContextElement(TaskBridge) {
    private var epoch: CompletableJob? = null

    /** Resumes the task's own frame with a cancellation, once its turn comes; requests made until then count as one. */
    @Volatile
    private var resumption: Runnable? = null

    /** Whether another thread is cancelling the current epoch. */
    @Volatile
    private var cancelledElsewhere = false

    /** The own frame's wait in foreign code, if that has told of it. */
    private var wait: CoroutineStackFrame? = null

    /** The innermost frame that is known of the task, while it is suspended in foreign code. */
    val foreignFrame: CoroutineStackFrame? get() = wait ?: epoch?.let(::innermostScope) as? CoroutineStackFrame

    private fun innermostScope(job: Job): Job? = job.children.firstOrNull { it is CoroutineStackFrame }?.let { innermostScope(it) ?: it }

    val coroutinesInThreads: List<Job> get() = epoch?.let { inThreads(it) }.orEmpty()

    private fun inThreads(job: Job): List<Job> =
        job.children.flatMap { if ((it as? CoroutineScope)?.isInThreads == true) listOf(it) else inThreads(it) }.toList()

    /** Only kotlinx's own pools, which an executor's are too, say in public that they have threads; views of them have their names. */
    private val CoroutineScope.isInThreads: Boolean
        get() {
            val dispatcher = coroutineContext[ContinuationInterceptor] ?: return false
            return dispatcher is ExecutorCoroutineDispatcher || POOLS.any { dispatcher.toString().startsWith(it) }
        }

    /** The own frame is about to wait in foreign code, at [frame]. */
    fun waitsAt(frame: CoroutineStackFrame?) {
        wait = frame
    }

    /** The own frame that foreign code resumed last; null if it has waited in our own code since. */
    var resumedFrame: CoroutineStackFrame? = null

    private var elementsOrNull: CoroutineContext? = null

    val interceptor: TaskInterceptor get() = TaskInterceptor[step.loop]

    /** The task's context as a list of elements, from which contexts are made. */
    val elements: CoroutineContext
        get() = elementsOrNull ?: (CurrentJob(this) + this + LoopExceptionHandler[step.loop] + interceptor).also { elementsOrNull = it }

    private val state: CancellationState get() = cancellation.state

    private val hasEnded: Boolean get() = step.task.done()

    /** The job for code that asks for it now. */
    fun job(): Job = if (cancellation.requests == 0) presentEpoch() else answer(JobQuestion.ofCaller())

    private fun answer(question: JobQuestion): Job {
        if (question != JobQuestion.RESUME) cancellation.settleAnswer()
        return jobFor(question)
    }

    private fun jobFor(question: JobQuestion): Job {
        if (question == JobQuestion.SUSPEND && !step.isCancelPending) cancellation.suspendedElsewhere()
        return when (question) {
            JobQuestion.IS_CANCELLED -> requested()
            JobQuestion.ENSURE_ACTIVE -> if (step.isCancelPending) deliver() else requested()
            JobQuestion.RESUME, JobQuestion.SUSPEND, JobQuestion.UNKNOWN -> if (step.isCancelPending) deliver() else presentEpoch()
            JobQuestion.PASS_ON -> contextJob()
        }
    }

    /** The job for a context that is made from the task's. */
    fun contextJob(): Job = if (step.isCancelPending) requested() else presentEpoch()

    private fun presentEpoch(): Job {
        cancellation.forgetCompletedScope()
        return epoch ?: newEpoch()
    }

    /** The pending request, for the frame that asks to throw it. */
    private fun deliver(): Job = requested().also { cancellation.delivered() }

    /** The cancelled epoch of the last request: it holds the exception that the task has got or will get. */
    private fun requested(): Job = state.epoch ?: newJob().also { it.cancel(cancellation.exception()) }.also(cancellation::seenAs)

    @OptIn(InternalCoroutinesApi::class)
    private fun newEpoch(): Job {
        val job = newJob()
        if (hasEnded) job.cancel(endMessage()) else epoch = job
        // This handler hears of a cancellation before the children do; kotlinx then asks about them.
        job.invokeOnCompletion(onCancelling = true) { cause ->
            if (cause != null) {
                if (!step.loop.isInLoop) cancelledElsewhere = true
                cancelledFromOutside(job, cause)
            }
        }
        return job
    }

    private fun newJob(): CompletableJob = SupervisorJob()

    /** Cancels the foreign code that the task runs or is suspended in; false if there is no such code. */
    fun interrupt(message: String?): Boolean {
        if (resumption != null || isBeingInterrupted) return true
        val job = epoch ?: return false
        val place = foreignFrame
        epoch = null
        val fromOutside = job.isCancelled // perhaps by another thread, which has then cancelled the children too
        val scope = job.children.firstOrNull { it is CoroutineStackFrame && (it.isActive || fromOutside) }
        val cause = CancelledException(message)
        cancellation.interrupting(place)
        try {
            scope?.cancel(cause)
            job.cancel(cause)
        } finally {
            if (scope?.isCancelled == true) cancellation.throwing(scope, job) else cancellation.interrupted(job)
        }
        return true
    }

    /** Whether foreign code has still to throw the last request; requests made until then count as one with it. */
    private val isBeingInterrupted: Boolean
        get() {
            val state = state
            return state === Interrupting || (state is Throwing && !state.scope.isCompleted)
        }

    /** The job itself was cancelled: `coroutineContext.cancel()`. */
    private fun cancelledFromOutside(
        job: CompletableJob,
        cause: Throwable,
    ) = step.loop.runInLoop {
        if (epoch === job && !hasEnded) {
            TaskRegistry[step.loop].asking(Asker.JOB) { step.task.cancel(cause.message) }
            if (epoch === job) {
                epoch = null // our own code was waiting, or the frame is queued already
                if (resumption == null) cancelledElsewhere = false else cancellation.deliveredBy(job)
            }
        }
    }

    /** Foreign code, in any thread, queues [block] to resume the task's own frame. */
    fun queued(block: Runnable) {
        val byCancel = cancelledElsewhere || (step.loop.isInLoop && (state === Interrupting || isThrown()))
        if (byCancel && block.cancelled != false) resumption = block
    }

    /** Whether the scope that throws the cancellation has completed. */
    private fun isThrown(): Boolean = (state as? Throwing)?.scope?.isCompleted == true

    /** Resumes a frame of the task, or of a kotlinx child of it, inside a step of the task. */
    fun resume(
        context: CoroutineContext,
        block: Runnable,
    ) = step.inStep {
        if (context.ownStep === step) ownFrameResumes(block)
        step.withCarried { block.run() }
        if (resumption == null) cancellation.forgetCompletedScope()
    }

    private fun ownFrameResumes(block: Runnable) {
        val isInterrupted = state.isPending && state.epoch != null
        val byCancel = block === resumption || isThrown() || (isInterrupted && block.cancelled == true)
        resumption = null
        wait = null
        resumedFrame = (block as? CoroutineStackFrame)?.callerFrame
        cancelledElsewhere = false
        if (byCancel) thrownByFrame() else cancellation.resumedElsewhere(block.cancelled)
    }

    /** The task's own frame gets the cancellation now. */
    private fun thrownByFrame() {
        val epoch = epoch
        if (epoch?.isCancelled == true) {
            // The other thread's request is on its way to the loop, and has its effect already.
            this.epoch = null
            TaskRegistry[step.loop].asking(Asker.JOB) { cancellation.request(step, null) }
            cancellation.deliveredBy(epoch)
        } else {
            cancellation.delivered()
        }
    }

    /** Whether the suspension that this resumes was cancelled; null if that is unknown. */
    private val Runnable.cancelled: Boolean? get() = (this as? CancellableContinuation<*>)?.isCancelled

    /** Cancels the children that still run when their task ends, since the task no longer waits for them. */
    fun taskEnded() {
        resumedFrame = null
        val job = epoch ?: return
        epoch = null
        if (job.children.none()) job.complete() else job.cancel(endMessage())
    }

    private fun endMessage() = CancelledException("${step.task.name} has ended")

    companion object Key : CoroutineContext.Key<TaskBridge> {
        private val POOLS = listOf("Dispatchers.Default", "Dispatchers.IO")
    }
}

/** Stands for a task's job: code that asks the context for it gets the job of that moment. */
private class CurrentJob(
    private val bridge: TaskBridge,
) : CoroutineContext.Element {
    override val key: CoroutineContext.Key<*> get() = Job

    @Suppress("UNCHECKED_CAST")
    override fun <E : CoroutineContext.Element> get(key: CoroutineContext.Key<E>): E? = if (key === Job) bridge.job() as E else null

    /** Code that walks through a context expects a real job. This is the leftmost element, so it receives the walker itself. */
    override fun <R> fold(
        initial: R,
        operation: (R, CoroutineContext.Element) -> R,
    ): R = operation(initial, bridge.contextJob())

    override fun toString(): String = "the job of ${bridge.step}"
}
