// SPDX-License-Identifier: Apache-2.0
package dev.simul

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

/**
 * How a task is cancelled: the requests that stand, and how far the last of them has come. Our own code throws a cancellation where
 * the awaited future fails, foreign code by the [bridge].
 *
 * A task makes it with the first request, or when foreign code first asks its context for something.
 */
internal class Cancellation {
    /** How many requests were not taken back. */
    var requests = 0
        private set

    /** The message of the last request that could not be passed on to an awaited future. */
    var message: String? = null
        private set

    /** What our own code threw for the last request; null if that is not delivered, or foreign code threw it. */
    private var thrown: CancellationException? = null

    /** The only ways from one to the next are the functions below. */
    var state: CancellationState = None
        private set

    /** The task as foreign code sees it, if any has looked. */
    var bridge: TaskBridge? = null
        private set

    val isPending: Boolean get() = state.isPending

    /** What the task's frame was given or is about to be given: what a cancelled job has to hold. */
    fun exception(): CancellationException = thrown ?: CancelledException(message)

    /** Makes the [bridge], if there is none; another thread may ask at the same time. */
    fun bridgeTo(step: TaskStep<*>): TaskBridge =
        synchronized(this) {
            bridge ?: TaskBridge(step, this).also {
                VarHandle.releaseFence()
                bridge = it
            }
        }

    // Requests.

    /** There is one more. If the last one has been answered, this is another one. */
    fun request() {
        settleAnswer()
        requests++
    }

    /** The last one was struck before it could have its effect. */
    fun requestFailed() {
        requests--
        become(state)
    }

    /** Takes one back; what the last of them has cancelled by then stays cancelled. */
    fun takeBack(): Int {
        if (requests > 0 && --requests == 0) {
            thrown = null
            become(state)
        }
        return requests
    }

    /** The next suspension is to throw it. */
    fun expect(message: String?) {
        this.message = message
        thrown = null
        val state = state
        if (!state.isPending) this.state = if (state.isAnswer) Interrupted(null) else Pending.Unseen
    }

    // Our own code.

    /** The awaited future was cancelled for it. */
    fun passedOn() {
        if (!isPending) state = PassedOn
    }

    /** The task begins to wait for [future], which what is pending is passed on to. */
    fun passOnTo(future: Future<*>) {
        if (isPending && future.cancel(message)) state = PassedOn
    }

    /** The task's own frame suspends in our code. */
    fun suspendedHere() = become(state.suspendedHere)

    /** The task is resumed after a wait in our code, which has failed with [failure] or nothing: returns what is thrown there. */
    fun resumedHere(failure: Throwable?): Throwable? {
        val isPending = isPending
        if (!isPending && state !== PassedOn) return failure
        val cancellation = failure?.takeIf { it.isCancellation } ?: if (isPending) CancelledException(message) else null
        if (cancellation != null) thrown = cancellation as CancellationException
        state = Delivered.Unseen
        return cancellation ?: failure
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

    fun interrupting() = become(Interrupting)

    /** By cancelling [epoch], foreign code has been interrupted; it will throw something. */
    fun interrupted(
        epoch: Job,
        message: String?,
    ) {
        this.message = message
        thrown = null
        become(Interrupted(epoch))
    }

    /** By cancelling [epoch], a scope of foreign code was cancelled, which throws that when it completes. */
    fun throwing(
        scope: Job,
        epoch: Job,
    ) {
        thrown = null
        become(Throwing(scope, epoch))
    }

    /** The scope that throws has ended, or not yet. */
    fun forgetCompletedScope() {
        val state = state
        if (state is Throwing && state.scope.isCompleted) become(state.delivered)
    }

    /** Foreign code has thrown it in the task's own frame, or does so now. */
    fun delivered() {
        thrown = null
        become(state.delivered)
    }

    /** The same; [epoch] was cancelled by another thread. */
    fun deliveredBy(epoch: Job) {
        thrown = null
        become(Delivered(epoch))
    }

    /** Foreign code resumes the task's own frame, not by the cancellation; with an answer to it if the suspension [wasCancelled] not. */
    fun resumedElsewhere(wasCancelled: Boolean?) {
        val state = state
        val epoch = state.epoch
        when {
            state is Answered -> become(state.delivered)
            state.isPending && epoch != null && wasCancelled == false -> become(Answering(epoch))
        }
    }

    /** If foreign code has answered the request with a failure, that has delivered it. */
    fun settleAnswer() {
        val state = state
        if (state is Answering) become(Answered(state.epoch))
    }

    /** Whether [failure] answers the request: foreign code has failed with it instead, and nothing was awaited since. */
    fun isAnswer(failure: Throwable): Boolean {
        settleAnswer()
        return state.isAnswer && failure.isOrdinary
    }

    /** Without a request there is nothing to deliver, except by a scope that was cancelled before. */
    private fun become(next: CancellationState) {
        state = if (requests == 0 && next !is Throwing) None else next
    }
}
