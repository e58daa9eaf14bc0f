// SPDX-License-Identifier: Apache-2.0
package dev.simul

import kotlinx.coroutines.Job

/**
 * The state of the last request to cancel a task. [Cancellation] makes the transitions.
 *
 * ```
 *                                             future fails
 *              ┌──────────────────► PassedOn ─────────────────────┐
 *              │ awaits a future        ▲                         │
 *              │                        │ awaits a future         │
 *   None ──────┼──────────────────► Pending ──────────────────────┤
 *              │ runs or is queued      ▲   next suspension       ▼
 *              │                        │ awaits in our code   Delivered
 *              │  in foreign code   Interrupted ──────────────────┤
 *              └─► Interrupting ──┤     │     throws it           │
 *                                 │     └► Answering ─► Answered ─┤
 *                                 └► Throwing ────────────────────┘
 * ```
 *
 * When all requests are taken back, it is [None] again.
 *
 * @property epoch the cancelled job by which foreign code sees the request; null if it has not asked yet.
 */
internal sealed class CancellationState(
    val epoch: Job?,
) {
    /** Whether the next suspension throws the cancellation. */
    open val isPending: Boolean get() = false

    /** Whether a failure of the task's frame answers the request, as long as nothing else is awaited. */
    open val isAnswer: Boolean get() = false

    /** The next state when the task's frame gets the cancellation. */
    open val delivered: CancellationState get() = if (epoch == null) Delivered.Unseen else Delivered(epoch)

    /** The next state when the task's frame suspends in our code: the scopes it was in have ended. */
    open val suspendedHere: CancellationState get() = this

    /** No request, or it was taken back. */
    object None : CancellationState(null) {
        override val delivered: CancellationState get() = this
    }

    /** The future that the task awaits was cancelled, and is about to fail. */
    object PassedOn : CancellationState(null)

    /** The next suspension throws it. */
    open class Pending(
        epoch: Job?,
    ) : CancellationState(epoch) {
        override val isPending: Boolean get() = true

        override val suspendedHere: CancellationState get() = Unseen

        /** The same state, as seen by foreign code. */
        open fun seenAs(epoch: Job): Pending = Pending(epoch)

        companion object {
            val Unseen = Pending(null)
        }
    }

    /** The epoch in which foreign code has suspended the task is being cancelled. */
    object Interrupting : CancellationState(null)

    /** Foreign code was interrupted, and has not thrown the cancellation yet: the task's next resumption or its next suspension does. */
    class Interrupted(
        epoch: Job?,
    ) : Pending(epoch) {
        override val isAnswer: Boolean get() = true

        override fun seenAs(epoch: Job): Pending = Interrupted(epoch)
    }

    /**
     * A suspension that was not itself cancelled resumed the task's frame. If it resumed with a value, kotlinx asks for the job at once,
     * and throws the cancellation. If kotlinx does not ask, it resumed with a failure, or with a cancellation from elsewhere: that answers
     * the request and delivers it.
     */
    class Answering(
        epoch: Job,
    ) : Pending(epoch) {
        override val suspendedHere: CancellationState get() = delivered
    }

    /** The [scope] that foreign code opened throws the cancellation when it completes. */
    class Throwing(
        val scope: Job,
        epoch: Job,
    ) : CancellationState(epoch) {
        override val suspendedHere: CancellationState get() = delivered
    }

    /** The task's frame has got the cancellation. */
    open class Delivered(
        epoch: Job?,
    ) : CancellationState(epoch) {
        override val delivered: CancellationState get() = this

        companion object {
            val Unseen = Delivered(null)
        }
    }

    /** The task's frame got a failure instead, and has awaited nothing since. */
    class Answered(
        epoch: Job?,
    ) : Delivered(epoch) {
        override val isAnswer: Boolean get() = true

        override val delivered: CancellationState get() = Delivered(epoch)

        override val suspendedHere: CancellationState get() = delivered
    }
}
