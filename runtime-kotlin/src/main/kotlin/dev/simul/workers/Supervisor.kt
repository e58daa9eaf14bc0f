// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.AsyncCloseable
import dev.simul.exceptions.SystemExit
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import kotlinx.coroutines.CancellationException
import kotlin.time.Duration

/**
 * Runs [main] in each of several workers, loops in threads of their own, and keeps them running; for programs that have a loop already,
 * which becomes the supervisor's. Others call [serve].
 *
 * It owns the sockets that the workers' servers listen on, and accepts their connections: it deals each one to the worker that has the
 * fewest, of those that have such a server and answer. While there is none, it accepts no connections: the system queues them.
 *
 * - A worker whose [main] throws is reported to the loop's exception handler, and replaced after a pause, see [WorkerOptions.backoff]. Its
 *   connections are closed; those that were dealt to it and that it has not begun go to others.
 * - A worker whose [main] returns has ended, and is not replaced.
 * - A worker whose loop does not answer gets no connections until it does; after [WorkerOptions.hangTimeout] it is replaced, and its stack
 *   reported. Its thread cannot be ended: if the loop ever goes on, [main] is cancelled, and everything else [WorkerOptions.grace] later.
 *
 * Only the loop's thread uses it, but for [workers]. When the loop is closed, so is the supervisor, without waiting for the workers.
 *
 * asyncio has no equivalent.
 */
public class Supervisor(
    workers: Int = Runtime.getRuntime().availableProcessors(),
    private val options: WorkerOptions = WorkerOptions(),
    private val main: suspend () -> Unit,
) : AsyncCloseable {
    /** Any thread may read it. */
    @Volatile
    private var crew: Crew? = null
    private val count = workers

    /** Whether it was closed before it was started. */
    private var isClosedUnused = false

    init {
        require(workers > 0) { "$workers workers cannot run anything: there must be one at least" }
    }

    /** The loop that it was started in; null before. */
    public val loop: EventLoop? get() = crew?.loop

    /**
     * The workers that have not ended, by their ids and generations, and those that have ended and have not been replaced. Any thread may
     * read it.
     */
    public val workers: List<Worker> get() = crew?.workers.orEmpty()

    /**
     * Starts the workers, in the running loop, and does not wait for them. One that cannot be started is reported to the loop's exception
     * handler, and tried again, as one that fails.
     *
     * @throws IllegalStateException if it was started or closed before, or outside of a loop.
     */
    public fun start() {
        check(crew == null && !isClosedUnused) { "$this was started or closed before: make a new one" }
        val loop = getRunningLoop()
        val crew = Crew(this, loop, options, count, workerThreads(loop, options.debug), main).also { crew = it }
        crew.start()
    }

    private fun started(): Crew = checkNotNull(crew) { "$this was not started: call start() before" }

    private fun running(): Crew = started().also { check(!it.isClosing) { "$this is closed: make a new one" } }

    /**
     * Waits until each worker serves: has a server that accepts connections. A worker whose main has returned is not waited for.
     *
     * Cancelling the task only ends the wait.
     *
     * @throws IllegalStateException if it was not started, or is closed before they serve.
     */
    public suspend fun waitServing() {
        val crew = running()
        crew.awaitUntil { crew.isClosing || crew.places.all { it.isDone || it.current?.isServing == true } }
        check(!crew.isClosing) { "$this was closed before all workers served" }
    }

    /**
     * Replaces [worker], and returns the new one: starts it, waits until it serves what the old one serves, then cancels the old one's main
     * and waits until its loop has ended. Connections of the old one go on until then, for [WorkerOptions.grace]; those that it has not begun
     * go to others.
     *
     * If the new worker fails, or does not serve within [WorkerOptions.startTimeout], the old one stays. Cancelling the task does the same
     * until the old one was told to end; after that, it only ends the wait.
     *
     * @throws IllegalArgumentException if [worker] is not one that works for this supervisor now.
     * @throws IllegalStateException if the new worker has failed, or did not serve in time, if the supervisor is closed, if another task
     *   replaces the worker already, and while as many workers were left to themselves as [WorkerOptions.maxHung] allows, or one if that is 0.
     */
    public suspend fun replace(worker: Worker): Worker {
        val crew = running()
        val place = crew.places.firstOrNull { it.current === worker && !it.isDone }
        requireNotNull(place) { "$worker does not work for $this now: take one of its workers that is RUNNING" }
        check(place.candidate == null) { "$worker is being replaced already" }
        check(crew.mayLeaveAnother) {
            "$worker is not replaced: ${crew.hung} that did not end were left to themselves already (maxHung of WorkerOptions)"
        }
        return Replacement(crew, place, worker).run()
    }

    /**
     * Replaces all workers, one after the other, as [replace] does; not those whose main has returned. If one cannot be replaced, those after
     * it stay.
     *
     * @throws IllegalStateException as [replace].
     */
    public suspend fun replaceAll() {
        for (place in running().places) {
            val worker = place.current
            if (worker != null && !place.isDone) replace(worker)
        }
    }

    /**
     * Calls [callback] in the loop of each worker that has not ended, to hand a signal on, say. It does not wait for that.
     *
     * An exception of [callback] goes to the exception handler of the worker's loop.
     */
    public fun callInWorkers(callback: (Worker) -> Unit) {
        for (worker in workers) worker.call { callback(worker) }
    }

    /**
     * Ends all workers in order: closes the listening sockets, cancels each worker's main, waits until the loops have ended, and returns.
     * After [grace], all tasks of those that have not ended are cancelled, and after [WorkerOptions.forcedGrace] they are left to themselves,
     * with a report of their stacks. A worker that was told to end already gets no longer than that. Workers that hang already are not
     * waited for.
     *
     * Cancelling the task ends the grace, and waits for the rest. If it is being closed already, this waits for that.
     */
    public suspend fun shutdown(grace: Duration = options.grace) {
        isClosedUnused = true
        val crew = crew ?: return
        crew.close(grace)
        try {
            crew.awaitUntil { crew.isClosed }
        } catch (e: CancellationException) {
            crew.hurry()
            try {
                crew.awaitUntil { crew.isClosed }
            } finally {
                throw e
            }
        }
    }

    /**
     * Waits until all workers have ended: each main has returned, or the supervisor was closed. Cancelling the task only ends the wait.
     *
     * @throws SystemExit if a worker's main has thrown it, unless it has so answered its replacement.
     * @throws IllegalStateException if it was not started.
     */
    public suspend fun waitClosed() {
        val crew = started()
        crew.awaitUntil { crew.isClosed }
        crew.failure?.let { throw it }
    }

    /**
     * Starts the workers, if they were not, and waits until all have ended. If the task is cancelled, it ends them, as [shutdown] does.
     *
     * @throws SystemExit if a worker's main has thrown it.
     */
    public suspend fun serveForever() {
        if (crew == null) start()
        try {
            waitClosed()
        } catch (e: CancellationException) {
            try {
                shutdown()
            } finally {
                throw e
            }
        }
    }

    /** As [shutdown]. */
    override suspend fun aclose(): Unit = shutdown()

    override fun toString(): String {
        val crew = crew
        val state =
            when {
                crew == null -> "not started"
                crew.isClosed -> "closed"
                crew.isClosing -> "closing"
                else -> "running"
            }
        return "<Supervisor workers=$count $state>"
    }
}
