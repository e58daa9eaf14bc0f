// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.loop.EventLoop
import dev.simul.loop.TimerHandle
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds

/**
 * The deadline of a connection, which moves with each of its steps and almost never passes.
 *
 * Moving it stores a number. There is at most one timer, which finds out when it fires whether the deadline has moved, and then waits for the
 * rest; only a deadline before that of the timer needs another one.
 */
internal class Deadline(
    private val loop: EventLoop,
    private val onExpired: () -> Unit,
) {
    /** In nanoseconds of the loop's clock; [NONE] if there is no deadline. */
    private var nanos = NONE
    private var timer: TimerHandle? = null
    private var timerNanos = NONE

    /** Moves the deadline to [delay] from now; null removes it. */
    fun set(delay: Duration?) {
        if (delay == null || delay.isInfinite()) return clear()
        nanos = loop.time().inWholeNanoseconds + delay.inWholeNanoseconds
        if (timer == null || nanos < timerNanos) start()
    }

    /** Removes the deadline. The timer stays, for the next one. */
    fun clear() {
        nanos = NONE
    }

    /** Removes the deadline and the timer. */
    fun end() {
        clear()
        timer?.cancel()
        timer = null
    }

    private fun start() {
        timer?.cancel()
        timerNanos = nanos
        timer = loop.callAt(nanos.nanoseconds) { fired() }
    }

    private fun fired() {
        timer = null
        when {
            nanos == NONE -> Unit
            loop.time().inWholeNanoseconds < nanos -> start()
            else -> {
                clear()
                onExpired()
            }
        }
    }

    private companion object {
        const val NONE = Long.MAX_VALUE
    }
}
