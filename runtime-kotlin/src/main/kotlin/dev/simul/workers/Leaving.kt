// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.loop.ExceptionContext
import dev.simul.loop.Handle
import kotlin.time.Duration

/**
 * The end of a worker that was told to end, or whose main has ended, until its loop is closed. Belongs to the supervisor's loop.
 *
 * @param givenUp called when it was given up.
 */
internal class Leaving(
    private val crew: Crew,
    val worker: Worker,
    private val givenUp: (Worker) -> Unit,
) {
    private var timer: Handle? = null

    /** When the grace ends, if it has begun. */
    private var end = Duration.INFINITE

    /** Whether it is given up: nobody waits for its end. */
    val isGivenUp: Boolean get() = worker.state == WorkerState.HUNG

    private var isForced = false

    /** Cancels its main, because of [why], and whatever is left after [grace]. If it is ending already, the shorter grace counts. */
    fun begin(
        why: String,
        grace: Duration,
    ) {
        worker.state = WorkerState.STOPPING
        try {
            crew.takeBack(worker)
        } finally {
            worker.cancelMain(why)
            within(grace)
        }
    }

    /** Ends its grace in [grace] at the latest. */
    fun within(grace: Duration) {
        val end = crew.loop.time() + grace
        if (isForced || isGivenUp || end >= this.end) return
        this.end = end
        timer?.cancel()
        timer = crew.loop.callLater(grace, callback = ::force)
    }

    /** The grace is over: cancels all its tasks. */
    fun force() {
        if (isForced || isGivenUp) return
        isForced = true
        timer?.cancel()
        worker.cancelAll("the grace of $worker is over")
        val limit = crew.options.forcedGrace
        timer = crew.loop.callLater(limit) { giveUp("has not ended $limit after all its tasks were cancelled") }
    }

    /** Leaves it to itself, with a report of [what] it does. */
    fun giveUp(what: String) {
        timer?.cancel()
        if (isGivenUp) return
        val stack = worker.thread?.stackTrace().orEmpty()
        worker.state = WorkerState.HUNG
        worker.cancelInTime("$worker was given up", crew.options.grace)
        for (e in worker.closeShares()) {
            crew.loop.callExceptionHandler(ExceptionContext("$worker has left a connection that could not be closed", e))
        }
        val exception = IllegalStateException("${worker.name} $what").apply { stackTrace = stack.toTypedArray() }
        val message = "$worker $what: its thread cannot be ended, and is left to itself; this is what it does"
        crew.loop.callExceptionHandler(ExceptionContext(message, exception, mapOf("worker" to worker)))
        givenUp(worker)
        crew.changed()
    }

    fun ended() {
        timer?.cancel()
    }
}
