// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.currentTask
import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.exceptions.SystemExit
import dev.simul.loop.addSignalHandler
import dev.simul.loop.getRunningLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.loop.logger
import dev.simul.runLoop
import kotlinx.coroutines.CancellationException

/**
 * Runs [main] in each of several workers, loops in threads of their own, so that a server has as many cores as workers. Returns when
 * [main] has returned in all of them.
 *
 * In a worker, `createServer`, `startServer` and `createUnixServer` share a listening socket: the same address in each worker is bound once,
 * and its connections are dealt to the workers. A task and its connection stay in their worker. See [Supervisor] for what happens to
 * workers that fail or hang.
 *
 * The calling thread runs a loop of its own, which accepts connections and watches the workers. Ctrl-C and `TERM` end the workers in order:
 * no connection is accepted from then on, [main] is cancelled in each worker, and what has not ended after [WorkerOptions.grace] is
 * cancelled altogether. This then throws a [KeyboardInterrupt], or a [SystemExit] with the code 143. A second signal ends the grace.
 *
 * A [SystemExit] that [main] throws in one worker ends all of them in the same way, and is thrown by this.
 *
 * asyncio has no equivalent; the model is the module `cluster` of Node.js, with threads instead of processes.
 *
 * @param workers how many.
 * @throws IllegalStateException inside a running loop: use [Supervisor] there.
 */
public fun serve(
    workers: Int = Runtime.getRuntime().availableProcessors(),
    options: WorkerOptions = WorkerOptions(),
    main: suspend () -> Unit,
) {
    check(getRunningLoopOrNull() == null) { "serve cannot be called from a running event loop: start a Supervisor there" }
    runLoop { Supervisor(workers, options, main).serveUntilTerminated() }
}

/** As [Supervisor.serveForever], until this process is told to end by `TERM`. */
private suspend fun Supervisor.serveUntilTerminated() {
    var isTerminated = false
    val task = currentTask()!!
    try {
        getRunningLoop().addSignalHandler("TERM") {
            isTerminated = true
            task.cancel("TERM")
        }
    } catch (e: IllegalStateException) {
        logger.debug("TERM ends this program at once, since the JVM keeps the signal to itself", e)
    }
    try {
        serveForever()
    } catch (e: CancellationException) {
        throw if (isTerminated) SystemExit(TERMINATED) else e
    }
}

/** The exit status of a program that was told to end: 128 plus the number of the signal. */
private const val TERMINATED = 143
