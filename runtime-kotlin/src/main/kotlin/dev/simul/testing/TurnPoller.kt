// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.loop.EventLoop
import dev.simul.loop.NioPoller
import dev.simul.loop.Poller
import dev.simul.loop.PollerInFront
import java.util.concurrent.ScheduledExecutorService
import java.util.concurrent.TimeUnit

/**
 * Wraps a loop's poller, which is called once in each turn, and so knows when a turn begins.
 *
 * @param behind the wrapped poller.
 * @param alarm wakes the loop when its time is over.
 */
internal class TurnPoller(
    override val behind: Poller,
    private val options: CancelOptions,
    private val alarm: ScheduledExecutorService,
) : PollerInFront,
    Poller by behind {
    lateinit var loop: EventLoop

    /** How many turns have begun. */
    var turns = 0
        private set

    /** Called at the beginning of each turn, before anything in it runs, with the number of turns before it. */
    var onTurn: (Int) -> Unit = {}

    /** Called before the loop waits; returns how many nanoseconds to wait for other threads and sockets, or null for no change. */
    var onIdle: () -> Long? = { null }

    private var turnsLeft = 0
    private var deadline = 0L

    /** Grants the following part of the run as many turns, and as much time, as the options allow. */
    fun grant() {
        turnsLeft = options.turnLimit
        // By the machine's clock, to catch a hang on a virtual one too.
        deadline = System.nanoTime() + options.timeLimit.inWholeNanoseconds
        alarm.schedule(::wakeup, options.timeLimit.inWholeNanoseconds, TimeUnit.NANOSECONDS)
    }

    override fun poll(timeoutNanos: Long) {
        if (loop.current.isActive) return behind.poll(timeoutNanos) // A callback has something to tell the system: no turn begins.
        if (turnsLeft-- <= 0) throw NeverEnds("${options.turnLimit} turns")
        if (System.nanoTime() - deadline >= 0) throw NeverEnds("${options.timeLimit}")
        onTurn(turns++)
        behind.poll(0)
        if (timeoutNanos == 0L || loop.hasReady) return
        when (val nanos = onIdle()) {
            null -> behind.poll(timeoutNanos)
            0L -> behind.poll(0)
            else -> others.poll(nanos)
        }
    }

    /** The poller that waits for sockets and other threads, and has no clock of its own. */
    private val others: NioPoller get() = behind as? NioPoller ?: (behind as VirtualClock).poller
}

/** The program has not ended in time. */
internal class NeverEnds(
    limit: String,
) : AssertionError("it has not ended after $limit")
