// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.loop.EventLoop
import dev.simul.loop.LoopSimulation

/** In a [simulation], workers are further loops of the supervisor's host; there, `simul-worker-1` is called `worker-1`. */
internal class SimulatedWorkerThreads(
    private val simulation: LoopSimulation,
    private val debug: Boolean?,
) : WorkerThreads {
    override fun start(
        name: String,
        configure: (EventLoop) -> Unit,
        main: suspend () -> Unit,
        ended: (Throwable?) -> Unit,
    ): WorkerThread {
        val loop = simulation.startLoop(name.removePrefix("simul-"), main, ended)
        if (debug != null) loop.debug = debug
        configure(loop) // The loop has no turn before the calling code has ended its own.
        return SimulatedWorkerThread(loop)
    }

    private class SimulatedWorkerThread(
        override val loop: EventLoop,
    ) : WorkerThread {
        /** One thread runs all loops: at the moment, the caller's. */
        override fun stackTrace(): List<StackTraceElement> = emptyList()
    }
}
