// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createFuture
import dev.simul.loop.EventLoop
import kotlin.time.Duration

/** A condition that a task on [loop] waits for. */
internal class AwaitedCondition(
    private val loop: EventLoop,
    private val holds: () -> Boolean,
) : Condition {
    private val decided = loop.createFuture<Boolean>()
    private var isReported = false

    /** What the condition threw when it was asked last. */
    var thrown: Throwable? = null
        private set

    fun holdsNow(): Boolean {
        val result = runCatching(holds)
        thrown = result.exceptionOrNull()
        return result.getOrDefault(false)
    }

    /** Asked after the host of [loop] has crashed, too, since its task cannot take the condition back. */
    override fun ask(turn: Turn) {
        if (isReported || loop.isClosed || !holdsNow()) return
        isReported = true
        loop.callSoonThreadsafe { decide(true) }
    }

    /** Returns whether it came true. */
    suspend fun await(within: Duration): Boolean {
        val timer = loop.callLater(within) { decide(false) }
        try {
            return decided.await()
        } finally {
            timer.cancel()
        }
    }

    private fun decide(isFulfilled: Boolean) {
        if (!decided.done()) decided.setResult(isFulfilled)
    }
}
