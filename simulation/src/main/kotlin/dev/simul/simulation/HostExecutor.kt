// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.SimulatedExecutor
import java.util.concurrent.AbstractExecutorService
import java.util.concurrent.CountDownLatch
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeUnit

/**
 * The threads of a host, as its tasks see them: each piece of work is done at once and at a stroke, outside of all loops, when the world
 * decides so.
 *
 * @param handToWorld hands work to the world.
 */
internal class HostExecutor(
    private val handToWorld: (Runnable) -> Unit,
) : AbstractExecutorService(),
    SimulatedExecutor {
    private val pending = ArrayDeque<Work>()
    private val ended = CountDownLatch(1)
    private val whenTerminated = ArrayList<() -> Unit>()

    @Volatile
    private var takesNoMore = false

    override fun execute(command: Runnable) {
        if (takesNoMore) throw RejectedExecutionException("the executor was shut down")
        val work = Work(command)
        pending += work
        handToWorld(work)
    }

    private inner class Work(
        private val command: Runnable,
    ) : Runnable {
        override fun run() {
            if (!pending.remove(this)) return
            try {
                command.run()
            } finally {
                endIfDone()
            }
        }

        val original get() = command
    }

    override fun shutdown() {
        takesNoMore = true
        endIfDone()
    }

    override fun shutdownNow(): MutableList<Runnable> {
        val left = pending.mapTo(ArrayList()) { it.original }
        pending.clear()
        shutdown()
        return left
    }

    private fun endIfDone() {
        if (!takesNoMore || pending.isNotEmpty()) return
        ended.countDown()
        val callbacks = whenTerminated.toTypedArray()
        whenTerminated.clear()
        for (callback in callbacks) callback()
    }

    override fun whenTerminated(callback: () -> Unit) {
        if (isTerminated) callback() else whenTerminated += callback
    }

    override fun isShutdown(): Boolean = takesNoMore

    override fun isTerminated(): Boolean = ended.count == 0L

    override fun awaitTermination(
        timeout: Long,
        unit: TimeUnit,
    ): Boolean = ended.await(timeout, unit)
}
