// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.exceptions.SystemExit

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
): Unit = TODO("$workers, $options, $main")
