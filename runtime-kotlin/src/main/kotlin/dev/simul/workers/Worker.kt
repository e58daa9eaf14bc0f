// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.Task
import dev.simul.allTasks
import dev.simul.currentTask
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.LoopLocal
import dev.simul.loop.adding
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.observe.LoopMetrics
import dev.simul.observe.metrics
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.time.Duration

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
    public val name: String get() = nameOf(id)

    /** What it does. Only the supervisor's loop changes it. */
    @Volatile
    public var state: WorkerState = WorkerState.STARTING
        internal set

    /**
     * Whether another worker has its place, so that it was told to end while its supervisor goes on: its clients find the other one when they
     * connect again. Only the supervisor's loop changes it.
     */
    @Volatile
    public var isReplaced: Boolean = false
        internal set

    /** How many connections it has: those of its loop, on either side, and those that were dealt to it and that it has not begun. */
    public val connections: Int get() = loop.metrics.connections + shares.sumOf { it.pending }

    /** What its loop has to do, as numbers. */
    public val metrics: LoopMetrics get() = loop.metrics

    /** Its servers' shares that are not closed. */
    internal val shares: CopyOnWriteArrayList<ListenerShare> = CopyOnWriteArrayList()

    /** Whether it has a server that accepts connections, and its loop answers. */
    internal val isServing: Boolean get() = state == WorkerState.RUNNING && shares.any { it.isServing }

    internal val health: Health = Health(this)

    internal var thread: WorkerThread? = null

    /** What its main or the end of its loop has thrown; belongs to the supervisor's loop, as what follows. */
    internal var failure: Throwable? = null

    /** The [failure] that was reported already. */
    internal var reported: Throwable? = null

    /** Its end, once it was told to end, or its main has ended. */
    internal var leaving: Leaving? = null

    // What follows belongs to the worker's loop.

    private var main: Task<*>? = null

    /** How its main has ended; null before. Any thread may read it. */
    @Volatile
    internal var mainEnd: MainEnd? = null
        private set

    private var cancelledWith: String? = null

    /** Called where its main begins. */
    internal fun begin() {
        main = currentTask()
        cancelledWith?.let { main!!.cancel(it) }
    }

    /** Called where its main has ended: nothing is dealt to it while its loop is being closed, which may take a while. */
    internal fun end(failure: Throwable?) {
        mainEnd = MainEnd(failure)
        closeShares().forEach { loop.callExceptionHandler(ExceptionContext("$this could not give a connection back", it)) }
    }

    // What follows may be called in any thread.

    /** Closes its shares, and returns what failed. */
    internal fun closeShares(): List<Throwable> {
        val failures = ArrayList<Throwable>()
        for (share in shares) failures.adding { share.close() }
        return failures
    }

    /** Calls [callback] in its loop; returns false if that is closed. */
    internal fun call(callback: () -> Unit): Boolean = loop.callUnlessClosed(callback)

    /** Cancels its main: now, or when it begins. */
    internal fun cancelMain(message: String) {
        call {
            cancelledWith = message
            main?.cancel(message)
        }
    }

    /** Cancels its main and all its other tasks. */
    internal fun cancelAll(message: String) {
        call { cancelAllHere(message) }
    }

    /** Cancels its main when its loop goes on, and everything else [grace] later, by its own clock: nobody waits for it any longer. */
    internal fun cancelInTime(
        message: String,
        grace: Duration,
    ) {
        call {
            cancelledWith = message
            main?.cancel(message)
            loop.callLater(grace) { cancelAllHere(message) }
        }
    }

    private fun cancelAllHere(message: String) {
        cancelledWith = message
        main?.cancel(message)
        for (task in allTasks(loop)) if (task !== main) task.cancel(message)
    }

    /** That a main has ended, with what it has thrown. */
    internal class MainEnd(
        val failure: Throwable?,
    )

    override fun toString(): String = "<Worker $name generation=$generation ${state.name.lowercase()}>"

    internal companion object {
        private val ofLoop = LoopLocal { arrayOfNulls<Worker>(1) }

        fun nameOf(id: Int): String = "simul-worker-$id"

        fun ofLoop(loop: EventLoop): Worker? = ofLoop.getOrNull(loop)?.get(0)

        /** [worker] is the one that its loop runs. */
        fun remember(worker: Worker) {
            ofLoop[worker.loop][0] = worker
        }
    }
}

/** The worker in whose loop the caller runs; null outside of workers. asyncio has no equivalent. */
public fun currentWorker(): Worker? = getRunningLoopOrNull()?.let(Worker::ofLoop)

/** As `callSoonThreadsafe`; returns false if the loop is closed. */
internal fun EventLoop.callUnlessClosed(callback: () -> Unit): Boolean =
    try {
        callSoonThreadsafe(callback = callback)
        true
    } catch (e: IllegalStateException) {
        if (!isClosed) throw e
        false
    }
