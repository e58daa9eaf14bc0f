// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.loop.EventLoop
import dev.simul.loop.simulation

/**
 * How a supervisor gets the loops of its workers, each with a thread of its own; a simulation makes loops of the same host instead.
 *
 * Everything else between a supervisor and its workers goes through [EventLoop.callSoonThreadsafe] of either loop.
 */
internal interface WorkerThreads {
    /**
     * Makes a loop, and starts a thread called [name] that runs [main] on it as `run` does: when [main] ends, it cancels the other tasks
     * and closes the loop. It leaves Ctrl-C to others.
     *
     * @param configure is called with the loop, by this, before the thread is started.
     * @param ended called once, after the loop was closed, with what [main] or the end of the loop has thrown; in any thread.
     * @throws Exception if the loop cannot be made, or the thread cannot be started: then [ended] is not called, and nothing is left open.
     */
    fun start(
        name: String,
        configure: (EventLoop) -> Unit,
        main: suspend () -> Unit,
        ended: (Throwable?) -> Unit,
    ): WorkerThread
}

/** A thread that runs a loop, as whoever has started it sees it. */
internal interface WorkerThread {
    val loop: EventLoop

    /** What it does now, for the report of one that hangs; empty if that is not known. */
    fun stackTrace(): List<StackTraceElement>
}

/** Those for the workers of a supervisor on [loop]. */
internal fun workerThreads(
    loop: EventLoop,
    debug: Boolean?,
): WorkerThreads = loop.simulation?.let { SimulatedWorkerThreads(it, debug) } ?: LoopThreads(debug)
