// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.FatalError
import dev.simul.loop.Handle
import dev.simul.loop.isFatal
import dev.simul.loop.logger
import kotlin.time.Duration

/**
 * The place of the workers with one [id]: keeps a worker in it. Belongs to the supervisor's loop.
 *
 * A worker that leaves its place, since it is replaced or hangs, is among [leaving] until its loop has ended.
 */
internal class Place(
    private val crew: Crew,
    val id: Int,
) {
    private val loop: EventLoop = crew.loop
    private val options = crew.options
    private var generation = 0
    private var failures = 0
    private var startedAt = Duration.ZERO
    private var restart: Handle? = null

    /** The worker that counts; it may have ended, and wait for being replaced. Null if none could be started yet. */
    var current: Worker? = null
        private set

    /** Whether the main of [current] has returned. */
    var isDone: Boolean = false
        private set

    /** One that was started to take the place of [current], and does not serve yet. */
    var candidate: Worker? = null
        private set

    val leaving: ArrayList<Leaving> = ArrayList()

    val workers: List<Worker> get() = leaving.map { it.worker } + listOfNotNull(current, candidate)

    /** Starts a worker; if that fails, again after a pause. */
    fun start() {
        restart = null
        if (candidate != null) return
        val worker =
            try {
                launch()
            } catch (e: Throwable) {
                if (e.isFatal) throw e
                return startLater(e, "could not be started")
            }
        startedAt = loop.time()
        current = worker
        crew.changed()
    }

    private fun launch(): Worker = crew.launch(id, ++generation) { worker, failure -> ended(worker, failure) }

    /** Starts another worker in this place, beside the one that it may have. */
    fun startCandidate(): Worker = launch().also { candidate = it }.also { crew.changed() }

    /** The candidate takes the place, and the one that had it ends. */
    fun promote() {
        val old = current
        current = candidate
        candidate = null
        isDone = false
        startedAt = loop.time()
        restart?.cancel()
        restart = null
        old?.isReplaced = true
        if (old != null && old.state != WorkerState.ENDED) leave(old, "$old is replaced", options.grace)
        crew.changed()
    }

    /** The candidate is not wanted. */
    fun withdraw() {
        val worker = candidate ?: return
        candidate = null
        leave(worker, "$worker is not wanted", if (worker.connections > 0) options.grace else Duration.ZERO)
        startIfVacant()
        crew.changed()
    }

    /** A candidate that does not come has kept another worker from being started. */
    private fun startIfVacant() {
        val isVacant = current == null || current!!.state == WorkerState.ENDED
        if (isVacant && !isDone && restart == null && !crew.isClosing) start()
    }

    private fun leave(
        worker: Worker,
        why: String,
        grace: Duration,
    ) {
        leaving += leavingOf(worker).also { it.begin(why, grace) }
    }

    private fun leavingOf(worker: Worker): Leaving = worker.leaving ?: Leaving(crew, worker, ::hasBeenGivenUp).also { worker.leaving = it }

    /** The main of [worker], which has a place, has ended by [failure], if any; its loop has a grace to end as well. */
    fun mainEnded(
        worker: Worker,
        failure: Throwable?,
    ) {
        if (worker.leaving != null) return
        worker.failure = failure
        if (failure is FatalError) return crew.failed(failure)
        leavingOf(worker).begin("the main of $worker has ended", options.grace)
        crew.changed()
    }

    /** The supervisor is closed: whatever has not ended is told to. */
    fun close(grace: Duration) {
        restart?.cancel()
        restart = null
        for (left in leaving) left.within(grace)
        for (worker in listOfNotNull(candidate, current)) {
            if (worker.state != WorkerState.ENDED) leave(worker, "the supervisor of ${worker.name} is closed", grace)
        }
        current = null
        candidate = null
    }

    /** [worker] does not answer, and is replaced. */
    fun giveUpOn(worker: Worker) {
        worker.isReplaced = true
        leavingOf(worker).giveUp("hangs: its loop has not answered for ${worker.health.unanswered}")
    }

    /** [worker] was given up; if it had the place still, that is free. */
    private fun hasBeenGivenUp(worker: Worker) {
        if (worker !== candidate && worker !== current) return
        leaving += leavingOf(worker)
        val wasCurrent = worker === current
        if (wasCurrent) current = null else candidate = null
        if (wasCurrent && worker.mainEnd != null) currentEnded(worker) else startIfVacant()
    }

    /** The loop of [worker] is closed; [failure] is what it has thrown. */
    private fun ended(
        worker: Worker,
        failure: Throwable?,
    ) {
        val before = worker.state
        worker.state = WorkerState.ENDED
        worker.failure = failure
        worker.leaving?.ended()
        worker.closeShares().forEach { report("$worker has left a connection that could not be closed", it, worker) }
        val left = leaving.firstOrNull { it.worker === worker }
        // One that is replaced, and answers that by exiting, ends alone.
        if (failure is FatalError && (left == null || crew.isClosing)) crew.failed(failure)
        when {
            left != null -> hasLeft(left, before)
            worker === candidate -> {
                candidate = null
                startIfVacant()
            }
            worker === current -> currentEnded(worker)
        }
        crew.changed()
    }

    private fun hasLeft(
        left: Leaving,
        before: WorkerState,
    ) {
        leaving -= left
        if (before == WorkerState.HUNG) logger.warn("{} has ended after all", left.worker)
        val failure = left.worker.failure
        if (failure == null || failure === left.worker.reported || failure is CancelledException) return
        if (failure is FatalError && crew.isClosing) return
        report("${left.worker} has failed as it ended", failure, left.worker)
    }

    private fun currentEnded(worker: Worker) {
        val failure = worker.failure
        if (failure == null) {
            isDone = true
            if (candidate != null) promote()
            return
        }
        if (loop.time() - startedAt >= options.stableAfter) failures = 0
        if (candidate != null) {
            report("$worker has failed, and its replacement was started already", failure, worker)
            promote()
        } else if (!crew.isClosing) {
            startLater(failure, "has failed", worker)
        }
    }

    private fun startLater(
        failure: Throwable,
        what: String,
        worker: Worker? = null,
    ) {
        failures++
        val pause = options.backoff.delayAfter(failures)
        restart = loop.callLater(pause, callback = ::start)
        report("${Worker.nameOf(id)} $what, and is replaced in $pause", failure, worker ?: current)
    }

    private fun report(
        message: String,
        failure: Throwable,
        worker: Worker?,
    ) {
        worker?.reported = failure
        loop.callExceptionHandler(ExceptionContext(message, failure, worker?.let { mapOf("worker" to it) }.orEmpty()))
    }
}
