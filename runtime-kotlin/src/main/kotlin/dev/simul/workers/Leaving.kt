// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.loop.ExceptionContext
import dev.simul.loop.Handle
import kotlin.time.Duration

/** A worker that has no place any longer, until its loop has ended. Belongs to the supervisor's loop. */
internal class Leaving(
    private val crew: Crew,
    val worker: Worker,
) {
    private var timer: Handle? = null

    /** Whether it is given up: nobody waits for its end. */
    val isGivenUp: Boolean get() = worker.state == WorkerState.HUNG

    private var isForced = false

    /** Cancels its main, because of [why], and whatever is left after [grace]. */
    fun begin(
        why: String,
        grace: Duration,
    ) {
        worker.state = WorkerState.STOPPING
        crew.takeBack(worker)
        worker.cancelMain(why)
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
        for (share in worker.shares) share.close()
        worker.cancelInTime("$worker was given up", crew.options.grace)
        val exception = IllegalStateException("${worker.name} $what").apply { stackTrace = stack.toTypedArray() }
        val message = "$worker $what: its thread cannot be ended, and is left to itself; this is what it does"
        crew.loop.callExceptionHandler(ExceptionContext(message, exception, mapOf("worker" to worker)))
        crew.changed()
    }

    fun ended() {
        timer?.cancel()
    }
}
