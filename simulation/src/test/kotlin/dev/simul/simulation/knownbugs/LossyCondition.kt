// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.knownbugs

import dev.simul.Future
import dev.simul.createFuture
import dev.simul.loop.getRunningLoop
import dev.simul.sync.Condition
import dev.simul.sync.Lock
import kotlinx.coroutines.CancellationException

/** A condition, as far as the program needs it. */
internal interface Signal {
    suspend fun acquire()

    fun release()

    suspend fun wait()

    fun notifyOne()
}

/**
 * A condition that loses a notification if the task that it wakes is cancelled before it runs: no other task learns of it.
 *
 * Source: `asyncio.Condition` of Python up to 3.12; python/cpython#112202.
 */
internal class LossyCondition : Signal {
    private val lock = Lock()
    private val waiters = ArrayDeque<Future<Unit>>()

    override suspend fun acquire() {
        lock.acquire()
    }

    override fun release() = lock.release()

    override suspend fun wait() {
        val waiter = getRunningLoop().createFuture<Unit>()
        waiters += waiter
        lock.release()
        try {
            waiter.await() // The mistake: if this throws, a notification may be due to somebody else.
        } finally {
            waiters -= waiter
            acquireAgain()
        }
    }

    private suspend fun acquireAgain() {
        var cancellation: CancellationException? = null
        while (true) {
            try {
                lock.acquire()
                break
            } catch (e: CancellationException) {
                cancellation = e
            }
        }
        if (cancellation != null) throw cancellation
    }

    override fun notifyOne() {
        waiters.firstOrNull { !it.done() }?.setResult(Unit)
    }
}

/** Ours. */
internal class RightCondition : Signal {
    private val condition = Condition()

    override suspend fun acquire() {
        condition.acquire()
    }

    override fun release() = condition.release()

    override suspend fun wait() {
        condition.wait()
    }

    override fun notifyOne() = condition.notify()
}
