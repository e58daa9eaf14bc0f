// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.knownbugs

import dev.simul.createTask
import dev.simul.queues.Queue
import dev.simul.sync.Semaphore
import dev.simul.wait
import kotlinx.coroutines.CancellationException

/** What limits how many do something at once. */
internal interface Permits {
    suspend fun acquire()

    fun release()
}

/** Ours. */
internal class RightSemaphore(
    permits: Int,
) : Permits {
    private val semaphore = Semaphore(permits)

    override suspend fun acquire() {
        semaphore.acquire()
    }

    override fun release() = semaphore.release()
}

/** A pool of connections, of which [take] takes one. */
internal class Pool(
    connections: Int,
    private val take: suspend (Queue<String>) -> String,
) : Permits {
    private val idle = Queue<String>().apply { repeat(connections) { putNowait("connection ${it + 1}") } }
    private val taken = ArrayDeque<String>()

    override suspend fun acquire() {
        taken += take(idle)
    }

    override fun release() = idle.putNowait(taken.removeFirst())
}

/**
 * Runs [block] in a coroutine of its own, and returns its result.
 *
 * If the caller is cancelled after [block] has ended and before it runs itself, it throws, and nobody has the result: what it holds is lost.
 *
 * Source: `withContext` of kotlinx.coroutines, with another dispatcher than the caller's; Kotlin/kotlinx.coroutines#3504.
 */
internal suspend fun <T> inOtherContext(block: suspend () -> T): T {
    val task = createTask(coroutine = block)
    try {
        return task.await() // The mistake: if this throws, the task may have a result.
    } catch (e: CancellationException) {
        if (!task.done()) wait(listOf(task))
        throw e
    }
}
