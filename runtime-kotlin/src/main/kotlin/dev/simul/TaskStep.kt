// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.Bindings
import dev.simul.context.Context
import dev.simul.context.ContextOwner
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.InvalidStateException
import dev.simul.exceptions.asCancelledException
import dev.simul.exceptions.isCancellation
import dev.simul.loop.Callback
import dev.simul.loop.ContextCarriers
import dev.simul.loop.EventLoop
import dev.simul.loop.Link
import dev.simul.loop.isFatal
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.Job
import java.lang.invoke.VarHandle
import kotlin.coroutines.Continuation
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.CoroutineContext.Element
import kotlin.coroutines.CoroutineContext.Key
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED
import kotlin.coroutines.intrinsics.createCoroutineUnintercepted
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/**
 * Turns the coroutine of a [Task] into callbacks: it is the coroutine's root continuation and its context, the ready queue's entry for the
 * task's next step, and the callback of the awaited future.
 *
 * A step runs from one suspension to the next. A suspension on one of our futures keeps the raw continuation here, in [continuation]; a
 * suspension in foreign code (kotlinx, Ktor) knows the task only by its [bridge]. [Cancellation] handles how the task is cancelled.
 *
 * Source: `Task.__step`, `Task.__wakeup` and `Task.cancel` of CPython's `asyncio/tasks.py`.
 */
internal class TaskStep<T>(
    @JvmField val task: Task<T>,
    coroutine: suspend () -> T,
) : ContextOwner,
    Link<TaskStep<*>>,
    Continuation<T>,
    TaskContext,
    Callback,
    DoneCallback {
    override var previous: TaskStep<*>? = null
    override var next: TaskStep<*>? = null
    override var isLinked = false

    /** Where the coroutine continues, if [isSuspendedHere]. */
    @Suppress("UNCHECKED_CAST")
    private var continuation: Continuation<Any?>? = coroutine.createCoroutineUnintercepted(this) as Continuation<Any?>

    /** Whether the coroutine is suspended in our own code; otherwise it runs, or is suspended in foreign code. */
    private var isSuspendedHere = true

    /** The future that the task waits for, until its next step begins. */
    var waiter: Future<*>? = null
        private set

    /** Whether this is in the ready queue. */
    var scheduled = false
        private set

    /** Null for most tasks. */
    private var cancellation: Cancellation? = null

    val loop: EventLoop get() = task.loop

    override val context: CoroutineContext get() = this

    /** Whether the task waits for something other than one of our futures; meaningful while it does not run. */
    val isInForeignCode: Boolean get() = waiter == null && !scheduled && !isSuspendedHere

    /** The coroutines of the task's foreign code that other threads run. */
    val coroutinesInThreads: List<Job> get() = cancellation?.bridge?.coroutinesInThreads.orEmpty()

    /** Whether it runs now, or waits in a step of its own for a task that it has started eagerly. */
    val isCurrent: Boolean get() = !isSuspendedHere && waiter == null && loop.current.isOwnedBy(this)

    /** Where the coroutine was suspended last in our own code, also while it runs. */
    val lastSuspension: Continuation<*>? get() = continuation

    /** Where foreign code resumed the task's own frame last; null if it has waited in our own code since. */
    val resumedInForeignCode: CoroutineStackFrame? get() = cancellation?.bridge?.resumedFrame

    /** The innermost frame that is known of the coroutine, while it does not run. */
    val suspendedFrame: CoroutineStackFrame?
        get() = if (isSuspendedHere) continuation as? CoroutineStackFrame else cancellation?.bridge?.foreignFrame

    override val variables: Context get() = task.context

    override val variablesOrNull: Context? get() = task.contextOrNull

    override val bindings: Bindings get() = task.bindings

    // Scheduling.

    fun schedule() = enqueue()

    /** The awaited future is done. A future that an await failed to wait for is ignored. */
    override fun schedule(future: Future<*>) {
        if (future === waiter) enqueue()
    }

    @Suppress("NOTHING_TO_INLINE") // It is deep in the stack that the JIT compiles as one.
    private inline fun enqueue() {
        loop.enqueue(this)
        scheduled = true
    }

    override fun onBehalfOf(): List<Future<*>> = listOf(task)

    override fun run() {
        scheduled = false
        if (task.done()) throw InvalidStateException("the step of a task that is done was called: $task")
        val future = waiter
        if (future != null) waiter = null
        var failure = future?.failureOrNull()
        val cancellation = cancellation
        if (cancellation != null) failure = cancellation.resumedHere(failure, future, suspendedFrame)
        inStep { resume(failure, future) }
    }

    /** A task that has not begun begins again; a step that was struck half-way ends the task. */
    override fun cutShort(error: Throwable): Boolean {
        when {
            task.done() -> return false
            scheduled -> loop.enqueue(this)
            waiter != null -> if (waiter!!.done()) schedule()
            isSuspendedHere -> inStep { resume(error, null) }
            else -> resumeWith(Result.failure(error))
        }
        return true
    }

    /** Ends, with [error] and inside the current step, the coroutine's wait in our own code. */
    fun giveUpWaiting(error: Throwable) {
        if (!isSuspendedHere) return
        waiter = null
        if (scheduled) {
            loop.cancel(this)
            scheduled = false
        }
        inStep { resume(error, null) }
    }

    /** Runs [block] with this task as the current one, and with its context variables. */
    inline fun inStep(block: () -> Unit) {
        val current = loop.current
        // Foreign code may resume the task inside its own step.
        if (current.isOwnedBy(this)) block() else current.runAs(this, block)
    }

    /** Runs [block], inside a step, with what the loop's carriers carry for this task, in case that the loop has not seen the step begin. */
    inline fun withCarried(block: () -> Unit) {
        if (loop.carriers == null) block() else ContextCarriers.around(loop, task.context) { block() }
    }

    private fun resume(
        failure: Throwable?,
        future: Future<*>?,
    ) {
        val continuation = continuation!!
        isSuspendedHere = false
        when {
            future is Suspension<*> -> resumeAfter(future, failure, continuation)
            failure != null -> resumeFailing(failure, future, continuation)
            future != null -> continuation.resumeWith(Result.success(future.storedResult()))
            else -> continuation.resumeWith(Result.success(Unit))
        }
    }

    private fun resumeFailing(
        failure: Throwable,
        future: Future<*>?,
        continuation: Continuation<Any?>,
    ) {
        if (future != null) Traces.delivered(this, future, failure, continuation)
        continuation.resumeWith(Result.failure(failure))
    }

    private fun resumeAfter(
        suspension: Suspension<*>,
        failure: Throwable?,
        continuation: Continuation<Any?>,
    ) {
        val result =
            try {
                Result.success(suspension.onWake(this, failure))
            } catch (e: Throwable) {
                if (e === failure) Traces.delivered(this, suspension, e, continuation) else Traces.passesTo(continuation, this, e)
                Result.failure(e)
            }
        if (result.getOrNull() === COROUTINE_SUSPENDED) awaitFuture(suspension, continuation) else continuation.resumeWith(result)
    }

    /** Runs the first step inside the caller's: `eager_start=True`. */
    fun startEagerly() {
        try {
            inStep { if (loop.carriers == null) resume(null, null) else startCarried() }
        } catch (e: Throwable) {
            // The coroutine's own errors go to the task: this one struck the start, and is thrown to the creator.
            TaskRegistry[loop].remove(this)
            throw e
        }
        loop.stacks.runGrantedNow()
        loop.takeFatal()?.let { throw it }
    }

    private fun startCarried() = withCarried { resume(null, null) }

    /** The coroutine has ended. */
    override fun resumeWith(result: Result<T>) {
        val cancellation = cancellation
        cancellation?.settleAnswer()
        val failure = result.exceptionOrNull()
        when {
            failure == null ->
                if (cancellation != null && cancellation.isPending) {
                    task.becomeCancelled(cancellation.message)
                } else {
                    @Suppress("UNCHECKED_CAST")
                    task.complete(result.getOrNull() as T)
                }
            failure.isCancellation -> task.becomeCancelled(null, failure.asCancelledException())
            isAnswerToCancel(failure) -> task.becomeCancelled(null, CancelledException(cancelMessage).apply { addSuppressed(failure) })
            else -> {
                Traces.leavesTask(this, failure)
                task.fail(failure)
                if (failure.isFatal) loop.leaveWith(failure)
            }
        }
        continuation = null
        TaskRegistry[loop].remove(this)
        cancellation?.ended()
        cancellation?.bridge?.taskEnded()
    }

    // Suspending: called with the task's own frame on the stack.

    fun awaitFuture(
        future: Future<*>,
        continuation: Continuation<*>,
    ): Any {
        val awaited =
            when {
                future === task -> failed("Task cannot await on itself: $task")
                future.loop !== loop -> failed("$task got $future attached to a different loop: use runCoroutineThreadsafe and wrapFuture")
                else -> future
            }
        keep(continuation, awaited)
        waiter = awaited
        try {
            awaited.addCallback(this)
            if (cancellation?.isPending == true) passPendingTo(awaited)
        } catch (e: Throwable) {
            waiter = null
            isSuspendedHere = false
            throw e
        }
        return COROUTINE_SUSPENDED
    }

    private fun passPendingTo(awaited: Future<*>) = onBehalf(awaited) { cancellation!!.passOnTo(awaited) }

    /** Gives up the turn: `sleep(0)`. */
    fun yieldTurn(continuation: Continuation<*>): Any {
        keep(continuation, null)
        try {
            schedule()
        } catch (e: Throwable) {
            isSuspendedHere = false
            throw e
        }
        return COROUTINE_SUSPENDED
    }

    private fun keep(
        continuation: Continuation<*>,
        future: Future<*>?,
    ) {
        @Suppress("UNCHECKED_CAST")
        if (this.continuation !== continuation) this.continuation = continuation as Continuation<Any?>
        isSuspendedHere = true
        cancellation?.suspendedHere(future, continuation as? CoroutineStackFrame)
    }

    private fun failed(message: String): Future<*> =
        Future<Nothing>(loop).apply {
            fail(IllegalStateException(message))
        }

    // Cancelling.

    /** How many requests were not taken back. */
    val cancelling: Int get() = cancellation?.requests ?: 0

    /** The message of the last request that could not be passed on to an awaited future. */
    val cancelMessage: String? get() = cancellation?.message

    /** Another thread may call this at the same time. */
    private fun needCancellation(): Cancellation =
        cancellation ?: synchronized(this) {
            cancellation ?: Cancellation().also {
                VarHandle.releaseFence()
                cancellation = it
            }
        }

    fun cancel(message: String?): Boolean {
        val cancellation = needCancellation()
        cancellation.request(this, message)
        try {
            passOn(cancellation, message)
        } catch (e: VirtualMachineError) {
            cancellation.requestFailed()
            throw e
        }
        TaskRegistry[loop].tell { it.askedToCancel(task, message) }
        return true
    }

    /** Cancels the object that the task waits for, or otherwise the task's next wait. */
    private fun passOn(
        cancellation: Cancellation,
        message: String?,
    ) {
        val awaited = waiter
        if (awaited != null && onBehalf(awaited) { awaited.cancel(message) }) return cancellation.passedOn()
        if (awaited == null && !scheduled && cancellation.bridge?.interrupt(message) == true) return
        cancellation.expect()
    }

    /** Runs [cancel], which cancels [awaited]: the tasks that this reaches were asked by this one. */
    private inline fun <R> onBehalf(
        awaited: Future<*>,
        cancel: () -> R,
    ): R = if (awaited is Suspension<*>) cancel() else TaskRegistry[loop].asking(Asker.AWAITER, task, block = cancel)

    /** Takes back a request, of [asker] if it is known whose. */
    fun uncancel(asker: Asker? = null): Int = cancellation?.takeBack(asker) ?: 0

    /** The last request to cancel the task; null if there was none. */
    val lastCancelRequest: CancelRequest? get() = cancellation?.lastRequest

    /** Whether the next suspension is to throw a cancellation. */
    val isCancelPending: Boolean get() = !scheduled && waiter == null && cancellation?.isPending == true

    /** Whether foreign code failed with [failure] when the task was cancelled, as Ktor's requests do, and nothing was awaited since. */
    fun isAnswerToCancel(failure: Throwable): Boolean = cancellation?.isAnswer(failure) == true

    // The coroutine context, as foreign code sees it.

    override fun ownStep(): TaskStep<*> = this

    fun bridge(): TaskBridge = cancellation?.bridge ?: needCancellation().bridgeTo(this)

    override fun <E : Element> get(key: Key<E>): E? {
        @Suppress("UNCHECKED_CAST")
        return when {
            key === ContinuationInterceptor -> bridge().interceptor as E
            key === Job -> bridge().job() as E
            key === TaskBridge -> bridge() as E
            key === CoroutineExceptionHandler -> LoopExceptionHandler[loop] as E
            else -> bridge().interceptor[key] // CoroutineDispatcher
        }
    }

    override fun <R> fold(
        initial: R,
        operation: (R, Element) -> R,
    ): R = bridge().elements.fold(initial, operation)

    override fun minusKey(key: Key<*>): CoroutineContext {
        val elements = bridge().elements
        val rest = elements.minusKey(key)
        return if (rest === elements) this else rest
    }

    override fun toString(): String = task.toString()
}

/** A coroutine context whose frames suspend on our futures by the raw continuation, in the slot of a task's step. */
internal interface TaskContext : CoroutineContext {
    /** The step whose slot may be taken; null if the coroutine is now driven by something other than a task's own frame. */
    fun ownStep(): TaskStep<*>?
}

/** A class check is faster than an interface check, and it is nearly always this class. */
internal val CoroutineContext.ownStep: TaskStep<*>? get() = if (this is TaskStep<*>) this else (this as? TaskContext)?.ownStep()
