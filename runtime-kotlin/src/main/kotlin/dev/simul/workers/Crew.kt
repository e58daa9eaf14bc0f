// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.Waiters
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.Handle
import dev.simul.loop.addCloseCallback
import dev.simul.loop.adding
import dev.simul.loop.logger
import dev.simul.net.ListenerShares
import dev.simul.net.listenerShares
import kotlin.time.Duration

/**
 * The workers of a [Supervisor] that was started, their listeners and their health. Belongs to the supervisor's loop.
 *
 * It is a state machine of callbacks, and has no tasks: these could be cancelled by others.
 */
internal class Crew(
    supervisor: Supervisor,
    val loop: EventLoop,
    val options: WorkerOptions,
    count: Int,
    private val threads: WorkerThreads,
    private val main: suspend () -> Unit,
) {
    val listeners: SharedListeners = SharedListeners(loop, ::changed)
    val places: List<Place> = List(count) { Place(this, it + 1) }

    /** Woken at each change of what tasks may wait for. */
    private val changes = Waiters<Unit>(supervisor, "Supervisor")
    private val maxHung = options.maxHung ?: count
    private var pings: Handle? = null
    private var lastPing = loop.time()

    /** For when the loop is closed before this. */
    private val closing = loop.addCloseCallback(callback = ::abandon)

    private enum class State { RUNNING, CLOSING, CLOSED }

    private var state = State.RUNNING

    /** Whether workers are no longer replaced. */
    val isClosing: Boolean get() = state != State.RUNNING

    val isClosed: Boolean get() = state == State.CLOSED

    /** What ends the program: a worker's main has thrown it. */
    var failure: Throwable? = null
        private set

    /** Those of all places. Any thread may read it. */
    @Volatile
    var workers: List<Worker> = emptyList()
        private set

    fun start() {
        pingLater()
        for (place in places) place.start()
    }

    /** Starts a worker; [ended] is called in the supervisor's loop. */
    fun launch(
        id: Int,
        generation: Int,
        ended: (Worker, Throwable?) -> Unit,
    ): Worker {
        lateinit var worker: Worker
        val thread =
            threads.start(
                Worker.nameOf(id),
                configure = { worker = workerOf(id, generation, it) },
                main = { runMain(worker) },
                ended = { failure -> loop.handInSurely { ended(worker, failure) } },
            )
        worker.thread = thread
        return worker
    }

    private fun workerOf(
        id: Int,
        generation: Int,
        loop: EventLoop,
    ): Worker {
        val worker = Worker(id, generation, loop)
        Worker.remember(worker)
        loop.listenerShares = ListenerShares { key, bind -> listeners.share(worker, key, bind) }
        return worker
    }

    /** Runs in the worker's loop. */
    private suspend fun runMain(worker: Worker) {
        var failure: Throwable? = null
        try {
            worker.begin()
            loop.callUnlessClosed { answered(worker) }
            main()
        } catch (e: Throwable) {
            failure = e
            throw e
        } finally {
            worker.end(failure)
        }
    }

    // Pings.

    private fun pingLater() {
        pings = loop.callLater(options.pingInterval, callback = ::ping)
    }

    private fun ping() {
        val now = loop.time()
        // If this process did not run for a while, the workers could not answer either.
        val elapsed = minOf(now - lastPing, options.pingInterval * 2)
        lastPing = now
        try {
            for (place in places) {
                for (worker in listOfNotNull(place.current, place.candidate)) check(place, worker, elapsed)
            }
        } finally {
            if (!isClosed) pingLater()
        }
    }

    private fun check(
        place: Place,
        worker: Worker,
        elapsed: Duration,
    ) {
        if (worker.state == WorkerState.ENDED) return
        worker.mainEnd?.let { place.mainEnded(worker, it.failure) }
        if (isClosing) return
        worker.health.ask(loop, elapsed) { answered(worker) }
        val unanswered = worker.health.unanswered
        if (unanswered >= options.unresponsiveAfter && (worker.state == WorkerState.STARTING || worker.state == WorkerState.RUNNING)) {
            worker.state = WorkerState.UNRESPONSIVE
            logger.warn("{} has not answered for {}: it gets no connections until it does", worker, unanswered)
            takeBack(worker)
            changed()
        }
        if (unanswered >= options.hangTimeout) giveUpOn(place, worker)
    }

    /** How many were left to themselves and have not ended. */
    val hung: Int get() = places.sumOf { it.leaving.count(Leaving::isGivenUp) }

    /** Whether a worker may be replaced that might not end. */
    val mayLeaveAnother: Boolean get() = hung < maxOf(maxHung, 1)

    private fun giveUpOn(
        place: Place,
        worker: Worker,
    ) {
        if (hung < maxHung) return place.giveUpOn(worker)
        if (worker.health.isReported) return
        worker.health.isReported = true
        val message = "$worker hangs, and is not replaced: $maxHung that hang were left to themselves already (maxHung of WorkerOptions)"
        val exception = IllegalStateException(message).apply { stackTrace = worker.thread!!.stackTrace().toTypedArray() }
        loop.callExceptionHandler(ExceptionContext(message, exception, mapOf("worker" to worker)))
    }

    /** The loop of [worker] has answered, or its main has begun. */
    private fun answered(worker: Worker) {
        if (worker.state != WorkerState.STARTING && worker.state != WorkerState.UNRESPONSIVE) return
        worker.state = WorkerState.RUNNING
        for (share in worker.shares) share.listener.changed()
        changed()
    }

    /** What was dealt to [worker], and it has not begun, goes to others. */
    fun takeBack(worker: Worker) {
        for (share in worker.shares) share.listener.giveBack(share.takeBack())
    }

    // The end.

    /** Something has changed that tasks may wait for. */
    fun changed() {
        workers = places.flatMap { it.workers }
        when (state) {
            State.RUNNING -> if (places.all { it.isDone && it.candidate == null && it.hasNoneLeaving }) close(Duration.ZERO)
            State.CLOSING -> if (places.all { it.hasNoneLeaving }) finish()
            State.CLOSED -> {}
        }
        changes.wakeAll()
    }

    private val Place.hasNoneLeaving get() = leaving.all { it.isGivenUp }

    /** A worker's main has thrown [error], which is meant to end the program. */
    fun failed(error: Throwable) {
        if (failure == null) failure = error
        close(options.grace)
    }

    /** Closes the sockets, and has all workers end. */
    fun close(grace: Duration) {
        if (isClosing) return
        state = State.CLOSING
        val failures = ArrayList<Throwable>()
        failures.adding(::closeListeners)
        for (place in places) failures.adding { place.close(grace) }
        changed()
        failures.firstOrNull()?.let { throw it }
    }

    private fun closeListeners() {
        val failures = listeners.close()
        for (e in failures) loop.callExceptionHandler(ExceptionContext("a listener of the supervisor could not be closed", e))
        if (loop.isClosed) return
        // A closed channel keeps its address until the next selection.
        loop.poller.expectNews()
        loop.poller.poll(0)
    }

    /** Ends the grace of those that have not ended. */
    fun hurry() {
        for (place in places) for (left in place.leaving.toList()) left.force()
    }

    private fun finish() {
        state = State.CLOSED
        closing.cancel()
        pings?.cancel()
    }

    /** The loop is closed: the workers end by themselves. */
    private fun abandon() {
        state = State.CLOSED
        closeListeners()
        for (worker in workers) worker.cancelMain("the loop of the supervisor of ${worker.name} was closed")
    }

    /** Waits until [condition] holds. */
    suspend fun awaitUntil(condition: () -> Boolean) {
        while (!condition()) changes.wait()
    }
}
