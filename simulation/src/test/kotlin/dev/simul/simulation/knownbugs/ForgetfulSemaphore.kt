// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.knownbugs

import dev.simul.Future
import dev.simul.createFuture
import dev.simul.loop.getRunningLoop
import kotlinx.coroutines.CancellationException

/**
 * A semaphore that notes that a wake-up is under way, so that nobody overtakes the task that is woken.
 *
 * If that task is cancelled before it runs, and no other one waits, the note stays: whoever comes later waits for ever, although there is a permit.
 *
 * Source: the first repair of `asyncio.Semaphore`, which Python 3.10.4 had; python/cpython#90155.
 */
internal class ForgetfulSemaphore(
    private var permits: Int,
) : Permits {
    private val waiters = ArrayDeque<Future<Unit>>()
    private var isWakeUpUnderWay = false

    override suspend fun acquire() {
        while (isWakeUpUnderWay || permits <= 0) {
            val waiter = getRunningLoop().createFuture<Unit>()
            waiters += waiter
            try {
                waiter.await()
                isWakeUpUnderWay = false
            } catch (e: CancellationException) {
                wakeNext() // The mistake: if there is no next one, no wake-up is under way.
                throw e
            }
        }
        permits--
    }

    override fun release() {
        permits++
        wakeNext()
    }

    private fun wakeNext() {
        while (true) {
            val waiter = waiters.removeFirstOrNull() ?: return
            if (waiter.done()) continue
            waiter.setResult(Unit)
            isWakeUpUnderWay = true
            return
        }
    }
}

/**
 * A semaphore whose release wakes the first task that waits, and leaves the permit to whoever takes it first. The task that has released it and
 * asks for it at once overtakes the woken one, which goes to the end of the queue.
 *
 * Source: `asyncio.Semaphore` up to Python 3.10.3; python/cpython#90155.
 */
internal class OvertakenSemaphore(
    private var permits: Int,
) : Permits {
    private val waiters = ArrayDeque<Future<Unit>>()

    override suspend fun acquire() {
        while (permits <= 0) { // The mistake: it does not ask whether others wait.
            val waiter = getRunningLoop().createFuture<Unit>()
            waiters += waiter
            try {
                waiter.await()
            } catch (e: CancellationException) {
                if (permits > 0 && !waiter.cancelled()) wakeNext()
                throw e
            }
        }
        permits--
    }

    override fun release() {
        permits++
        wakeNext()
    }

    private fun wakeNext() {
        while (true) {
            val waiter = waiters.removeFirstOrNull() ?: return
            if (!waiter.done()) return waiter.setResult(Unit)
        }
    }
}
