// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.loop.EventLoop
import dev.simul.observe.LoopMetrics

/**
 * One life of one of a [Supervisor]'s workers: a loop, in a thread of its own, that runs the supervisor's main. Its replacement is another
 * object, with the same [id] and the next [generation].
 *
 * Any thread may read it. asyncio has no equivalent.
 *
 * @property id from 1 to the number of workers.
 * @property generation 1 for the first worker with that [id], and one more for each replacement.
 * @property loop its loop; other threads may use what [EventLoop] allows them, such as `callSoonThreadsafe`.
 */
public class Worker internal constructor(
    public val id: Int,
    public val generation: Int,
    public val loop: EventLoop,
) {
    /** The name of its thread: `simul-worker-1` for the first, whatever the generation. */
    public val name: String get() = "simul-worker-$id"

    /** What it does. */
    public val state: WorkerState get() = TODO()

    /** How many connections it has: those of its loop, on either side, and those that were dealt to it and that it has not begun. */
    public val connections: Int get() = TODO()

    /** What its loop has to do, as numbers. */
    public val metrics: LoopMetrics get() = TODO()
}

/** The worker in whose loop the caller runs; null outside of workers. asyncio has no equivalent. */
public fun currentWorker(): Worker? = TODO()
