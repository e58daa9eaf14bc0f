// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.TaskRegistry
import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import dev.simul.transports.OpenTransports
import java.lang.invoke.VarHandle

private val metricsOf = LoopLocal(initial = ::LoopMetrics)

/** What this loop has to do, as numbers; there is one object for each loop. asyncio has no equivalent. */
public val EventLoop.metrics: LoopMetrics get() = metricsOf[this]

/**
 * What a loop has to do, as numbers, which are read from it when you ask: nothing is recorded for them.
 *
 * Any thread may ask. Another thread than the loop's gets numbers of a moment ago, each by itself: they need not fit together.
 * `EventLoopMeters` gives them to Micrometer, and the MXBean `dev.simul:type=EventLoops` to JMX. asyncio has no equivalent.
 */
public class LoopMetrics internal constructor(
    private val loop: EventLoop,
) {
    private val lag = LagProbe(loop)

    /**
     * How many turns the loop has begun since it was made.
     *
     * Between turns that have nothing to run, it waits; so a loop whose turns stand still either waits or is held by one callback, which
     * [lagNanos] tells.
     */
    @get:JvmName("turns")
    public val turns: Long get() = fresh { loop.turns }

    /**
     * How late the loop runs what is ready, in nanoseconds of the machine's clock: how long a callback that was handed in by another thread
     * had to wait.
     *
     * Each reading hands in such a callback, unless the previous one still waits, and returns the wait of the one before, or how long the
     * one that still waits has done so, if that is longer. So the first reading is 0, a loop that nobody asks runs no such callback, and a
     * loop that is held by a callback has a lag that grows with each reading. It is 0 while the loop does not run.
     */
    @get:JvmName("lagNanos")
    public val lagNanos: Long get() = lag.read()

    /** How many callbacks are ready to run, in this turn or the next. Tasks that are ready are among them. */
    @get:JvmName("ready")
    public val ready: Int get() = fresh { loop.readyCount }

    /** How many tasks are not done. */
    @get:JvmName("tasks")
    public val tasks: Int get() = fresh { TaskRegistry.orNull(loop)?.size ?: 0 }

    /** How many timers (`callLater`, `callAt`, sleeping tasks, timeouts) are neither due nor cancelled. */
    @get:JvmName("timers")
    public val timers: Int get() = fresh { loop.timerCount }

    /**
     * How many connections of streams are open, TCP's and those of Unix sockets, on either side. Those of other libraries, such as Netty's
     * channels, are not among them, nor are pipes, datagram endpoints and sockets that your code opens itself.
     */
    @get:JvmName("connections")
    public val connections: Int get() = fresh { OpenTransports.orNull(loop)?.connections ?: 0 }

    /** Reads what the loop's thread writes without a fence. */
    private inline fun <T> fresh(read: () -> T): T {
        VarHandle.fullFence()
        return read()
    }

    override fun toString(): String =
        "<LoopMetrics turns=$turns ready=$ready tasks=$tasks timers=$timers connections=$connections of $loop>"
}
