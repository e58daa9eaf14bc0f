// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.CancelRequest.Outcome
import dev.simul.CancellationState.Answered
import dev.simul.CancellationState.Answering
import dev.simul.CancellationState.Delivered
import dev.simul.CancellationState.Interrupted
import dev.simul.CancellationState.Interrupting
import dev.simul.CancellationState.None
import dev.simul.CancellationState.PassedOn
import dev.simul.CancellationState.Pending
import dev.simul.CancellationState.Throwing
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.isCancellation
import dev.simul.exceptions.isOrdinary
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Job
import java.lang.invoke.VarHandle
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/**
 * How a task is cancelled: the requests in effect, and the state of the last one. Our own code throws a cancellation when the awaited
 * future fails; foreign code does so through the [bridge].
 *
 * A task creates it with the first request, or when foreign code first reads an element of the task's context.
 */
internal class Cancellation {
    /** How many requests were not taken back. */
    var requests = 0
        private set

    /** The last request, with those before it: the task's ledger. */
    var lastRequest: CancelRequest? = null
        private set

    /** The message of the last request that could not be passed on to an awaited future. */
    val message: String? get() = lastRequest?.expectedMessage()

    /** What our own code threw for the last request; null if the request is not delivered, or foreign code threw it. */
    private var thrown: CancellationException? = null

    /** Changed by the functions below only. */
    var state: CancellationState = None
        private set

    /** The task as foreign code sees it; null until foreign code has looked. */
    var bridge: TaskBridge? = null
        private set

    val isPending: Boolean get() = state.isPending

    /** The exception that the task's frame got or is about to get: a cancelled job must hold it. */
    fun exception(): CancellationException = thrown ?: CancelledException(message)

    /** Creates the [bridge] if there is none; another thread may call this at the same time. */
    fun bridgeTo(step: TaskStep<*>): TaskBridge =
        synchronized(this) {
            bridge ?: TaskBridge(step, this).also {
                VarHandle.releaseFence()
                bridge = it
            }
        }

    // Requests.

    /** Adds a request. If the last one has been answered, this starts a new one. */
    fun request(
        step: TaskStep<*>,
        message: String?,
    ) {
        settleAnswer()
        lastRequest = TaskRegistry[step.loop].cancelRequest(step, message, lastRequest).also { it.forgetOld() }
        requests++
    }

    /** An error struck the last request before it had its effect. */
    fun requestFailed() {
        requests--
        lastRequest = lastRequest?.previous
        become(state)
    }

    /** Takes one request back, of [asker] if it is known whose; what the last of them has cancelled by then stays cancelled. */
    fun takeBack(asker: Asker?): Int {
        if (requests == 0) return 0
        lastRequest?.takeBack(asker)
        if (--requests == 0) {
            thrown = null
            become(state)
        }
        return requests
    }

    /** The next suspension is to throw the cancellation. */
    fun expect() {
        lastRequest?.isExpected = true
        thrown = null
        val state = state
        if (!state.isPending) this.state = if (state.isAnswer) Interrupted(null) else Pending.Unseen
    }

    // Our own code.

    /** The awaited future was cancelled for the request. */
    fun passedOn() {
        if (!isPending) state = PassedOn
    }

    /** The task begins to wait for [future]; a pending request is passed on to it. */
    fun passOnTo(future: Future<*>) {
        if (isPending && future.cancel(message)) state = PassedOn
    }

    /** The task's own frame suspends in our code, at [frame], to await [future], or only its next turn. */
    fun suspendedHere(
        future: Future<*>?,
        frame: CoroutineStackFrame?,
    ) {
        bridge?.resumedFrame = null
        become(state.suspendedHere)
        lastRequest?.awaitsNext(future, "sleep", frame)
    }

    /**
     * The task resumes at [frame] after a wait in our code, for [future] or its turn, which failed with [failure] unless that is null.
     * Returns what is thrown there.
     */
    fun resumedHere(
        failure: Throwable?,
        future: Future<*>?,
        frame: CoroutineStackFrame?,
    ): Throwable? {
        val isPending = isPending
        if (!isPending && state !== PassedOn) return failure
        val cancellation = failure?.takeIf { it.isCancellation } ?: if (isPending) CancelledException(message) else null
        if (cancellation != null) thrown = cancellation as CancellationException
        state = Delivered.Unseen
        lastRequest?.settle(if (cancellation == null) Outcome.ABSORBED else Outcome.DELIVERED, future, frame)
        return cancellation ?: failure
    }

    /** The task has ended. */
    fun ended() {
        lastRequest?.settle(Outcome.UNAWAITED, null, null)
    }

    // Foreign code.

    /** Foreign code has asked for the job of a request that is pending or delivered. */
    fun seenAs(epoch: Job) {
        val state = state
        when (state) {
            is Pending -> become(state.seenAs(epoch))
            is Delivered -> become(Delivered(epoch))
            else -> {}
        }
    }

    /** Foreign code, in which the task waits at [frame], is being interrupted. */
    fun interrupting(frame: CoroutineStackFrame?) {
        lastRequest?.placeAt(null, frame)
        become(Interrupting)
    }

    /** The task's own frame suspends in foreign code. */
    fun suspendedElsewhere() {
        lastRequest?.awaitsNext(null, WAIT_OUTSIDE, null)
    }

    /** Cancelling [epoch] interrupted foreign code, which will throw something. */
    fun interrupted(epoch: Job) {
        lastRequest?.isExpected = true
        thrown = null
        become(Interrupted(epoch))
    }

    /** Cancelling [epoch] cancelled a scope of foreign code, which throws the cancellation when it completes. */
    fun throwing(
        scope: Job,
        epoch: Job,
    ) {
        thrown = null
        become(Throwing(scope, epoch))
    }

    /** Forgets the scope that throws, if it has completed. */
    fun forgetCompletedScope() {
        val state = state
        if (state is Throwing && state.scope.isCompleted) become(state.delivered)
    }

    /** Foreign code has thrown the cancellation in the task's own frame, or does so now. */
    fun delivered() {
        thrown = null
        become(state.delivered)
    }

    /** As [delivered]; another thread cancelled [epoch]. */
    fun deliveredBy(epoch: Job) {
        thrown = null
        become(Delivered(epoch))
    }

    /**
     * Foreign code resumes the task's own frame, but not with the cancellation; with an answer to it if the suspension was not cancelled.
     */
    fun resumedElsewhere(wasCancelled: Boolean?) {
        val state = state
        val epoch = state.epoch
        when {
            state is Answered -> become(state.delivered)
            state.isPending && epoch != null && wasCancelled == false -> become(Answering(epoch))
        }
    }

    /** If foreign code has answered the request with a failure, that failure has delivered it. */
    fun settleAnswer() {
        val state = state
        if (state is Answering) become(Answered(state.epoch))
    }

    /** Whether [failure] answers the request: foreign code failed with it instead, and nothing was awaited since. */
    fun isAnswer(failure: Throwable): Boolean {
        settleAnswer()
        return state.isAnswer && failure.isOrdinary
    }

    /** Without a request there is nothing to deliver, except by a scope that was cancelled before. */
    private fun become(next: CancellationState) {
        if (next is Delivered && state !is Delivered) lastRequest?.settle(Outcome.DELIVERED, null, null)
        state = if (requests == 0 && next !is Throwing) None else next
    }
}
