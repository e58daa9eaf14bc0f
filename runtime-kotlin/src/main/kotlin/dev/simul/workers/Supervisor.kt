// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.AsyncCloseable
import dev.simul.exceptions.SystemExit
import dev.simul.loop.EventLoop
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
 *   reported. Its thread cannot be ended: [main] is cancelled if the loop ever goes on.
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
    init {
        require(workers > 0) { "$workers workers cannot run anything: there must be one at least" }
    }

    /**
     * The workers that have not ended, by their ids and generations; beside them those that wait for being replaced, which are
     * [ended][WorkerState.ENDED]. Any thread may read it.
     */
    public val workers: List<Worker> get() = TODO("$options $main")

    /**
     * Starts the workers, in the running loop, and does not wait for them.
     *
     * @throws IllegalStateException if it was started or closed before, or outside of a loop.
     */
    public fun start(): Unit = TODO()

    /**
     * Waits until each worker serves: has a server that accepts connections. A worker that has ended on purpose is not waited for.
     *
     * Cancelling the task only ends the wait.
     *
     * @throws IllegalStateException if it was not started, or is closed before.
     */
    public suspend fun waitServing(): Unit = TODO()

    /**
     * Replaces [worker], and returns the new one: starts it, waits until it serves what the old one serves, then cancels the old one's main
     * and waits until its loop has ended. Connections of the old one go on until then, for [WorkerOptions.grace]; those that it has not begun
     * go to others.
     *
     * If the new worker fails, or does not serve within [WorkerOptions.startTimeout], the old one stays. Cancelling the task does the same
     * until the old one was told to end; after that, it only ends the wait.
     *
     * @throws IllegalArgumentException if [worker] is not one of this supervisor's, or was replaced already.
     * @throws IllegalStateException if the new worker has failed, or did not serve in time.
     */
    public suspend fun replace(worker: Worker): Worker = TODO("$worker")

    /**
     * Replaces all workers, one after the other, as [replace] does. If one cannot be replaced, those after it stay.
     *
     * @throws IllegalStateException if a new worker has failed, or did not serve in time.
     */
    public suspend fun replaceAll(): Unit = TODO()

    /**
     * Calls [callback] in the loop of each worker that has not ended, to hand a signal on, say. It does not wait for that.
     *
     * An exception of [callback] goes to the exception handler of the worker's loop.
     */
    public fun callInWorkers(callback: (Worker) -> Unit): Unit = TODO("$callback")

    /**
     * Ends all workers in order: closes the listening sockets, cancels each worker's main, waits until the loops have ended, and returns.
     * After [grace], all tasks of those that have not ended are cancelled, and after [WorkerOptions.forcedGrace] they are left to themselves,
     * with a report of their stacks. Workers that hang already are not waited for.
     *
     * Cancelling the task ends the grace, and waits for the rest. Does nothing if it is closed already.
     */
    public suspend fun shutdown(grace: Duration = options.grace): Unit = TODO("$grace")

    /**
     * Waits until all workers have ended: each main has returned, or the supervisor was closed.
     *
     * @throws SystemExit if a worker's main has thrown it.
     */
    public suspend fun waitClosed(): Unit = TODO()

    /**
     * Starts the workers, if they were not, and waits until all have ended. If the task is cancelled, it ends them, as [shutdown] does.
     *
     * @throws SystemExit if a worker's main has thrown it.
     */
    public suspend fun serveForever(): Unit = TODO()

    /** As [shutdown]. */
    override suspend fun aclose(): Unit = shutdown()

    /** The loop of the supervisor; null before [start]. */
    public val loop: EventLoop? get() = TODO()
}
