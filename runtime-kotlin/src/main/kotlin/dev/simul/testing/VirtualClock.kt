// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.OutsideWork
import dev.simul.allTasks
import dev.simul.loop.Clock
import dev.simul.loop.EventLoop
import dev.simul.loop.NioPoller
import dev.simul.loop.Poller
import dev.simul.net.setDefaultResolver
import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.network.resolver
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.spi.SelectorProvider
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

/**
 * A clock that stands still while anything runs, and jumps to the next timer when nothing is ready.
 *
 * It serves as both seams of one loop, see [newLoop]. Work of other threads takes no virtual time: the clock stands still while `toThread`,
 * `runInExecutor` or `wrapFuture` have work in progress, or a socket is waited for. If that takes longer than [autojumpThreshold], time
 * advances, since the work may be waiting for a timer itself. When nothing more can happen, the clock throws a [Deadlock].
 *
 * With a [MemoryNetwork] as its [selectorProvider], sockets are not waited for: what makes them ready is on the loop, so time jumps at once.
 * That holds as long as no other loop has sockets on the same network.
 *
 * @param autojumpThreshold how long, in real time, an idle loop waits for work of other threads and for sockets before time jumps to the
 *   next timer, and also, before a deadlock, for code that it knows nothing about (a Ktor request, say, or `withContext(Dispatchers.IO)`).
 * @property selectorProvider opens the channels of its loop.
 */
public class VirtualClock(
    private val autojumpThreshold: Duration = 1.seconds,
    override val selectorProvider: SelectorProvider = SelectorProvider.provider(),
) : Clock,
    Poller {
    internal val poller = NioPoller(this, selectorProvider)
    private val network = selectorProvider as? MemoryNetwork

    @Volatile
    private var nowNanos = 0L

    @Volatile
    private var woken = false
    private var loop: EventLoop? = null

    /** The virtual time since the clock was made. */
    public val now: Duration get() = nowNanos.nanoseconds

    /**
     * A new loop on this clock.
     *
     * @throws IllegalStateException if the clock already has a loop.
     */
    public fun newLoop(): EventLoop = newLoop(this)

    /** A new loop on this clock, which polls through [inFront]. */
    internal fun newLoop(inFront: Poller): EventLoop {
        check(loop == null) { "this VirtualClock has a loop already: make a clock for each loop" }
        return EventLoop(this, inFront).also {
            loop = it
            if (network != null) it.setDefaultResolver(network.resolver)
        }
    }

    /**
     * Lets [duration] pass at once, as code that blocks the loop's thread for that long would; timers that are due run afterwards.
     *
     * Call it in the loop's thread, or while the loop does not run.
     *
     * @throws IllegalArgumentException if [duration] is negative or infinite.
     */
    public fun advance(duration: Duration) {
        require(duration >= Duration.ZERO && duration.isFinite()) { "time cannot advance by $duration: give a finite time, not negative" }
        nowNanos += duration.inWholeNanoseconds
    }

    override fun nanoTime(): Long = nowNanos

    override fun poll(timeoutNanos: Long) {
        if (timeoutNanos == 0L) return look()
        if (network != null && isReadyAfterLook()) return
        if (awaitOthers(isIdle = timeoutNanos < 0)) return
        if (timeoutNanos < 0) throw deadlock()
        nowNanos += timeoutNanos
    }

    /** A network in memory is looked at in each turn: that costs little, and the order of events depends on the program alone. */
    private fun look() {
        if (network != null) poller.expectNews()
        poller.poll(0)
    }

    private fun isReadyAfterLook(): Boolean {
        look()
        return loop?.hasReady == true
    }

    /** Whether channels are watched that something outside the loop can make ready. */
    private val isWatchingOthers get() = poller.isWatching && (network == null || network.isShared)

    /** Waits for other threads and sockets; returns whether the loop is to look again. No timer is left if it [isIdle]. */
    private fun awaitOthers(isIdle: Boolean): Boolean {
        val loop = loop ?: return takeWoken()
        val isOutside = OutsideWork[loop].isUnderWay
        if (isOutside && isIdle) {
            poller.poll(-1)
            return true
        }
        if (isOutside || isWatchingOthers || (isIdle && isInForeignCode(loop))) return isWokenInTime(loop)
        return takeWoken() // Work that has just ended handed in its result first, perhaps after the loop had looked.
    }

    /** Whether anything but a timer can still make the loop continue. */
    internal val isWaitingForOthers: Boolean
        get() = isWatchingOthers || loop?.let { OutsideWork[it].isUnderWay || isInForeignCode(it) } == true

    private fun isInForeignCode(loop: EventLoop) = allTasks(loop).any { it.step.isInForeignCode }

    private fun isWokenInTime(loop: EventLoop): Boolean {
        // Threads and sockets go by the machine's clock.
        val deadline = System.nanoTime() + autojumpThreshold.inWholeNanoseconds
        while (!takeWoken() && !loop.hasReady) {
            val left = deadline - System.nanoTime()
            if (left <= 0) return false
            poller.poll(left)
        }
        return true
    }

    private fun takeWoken(): Boolean = woken.also { woken = false }

    private fun deadlock(): Deadlock {
        val stuck = StuckTasks(loop)
        return stuck.addTo(Deadlock("deadlock at $now: nothing more can happen, and ${stuck.count} task(s) are stuck${stuck.lines}"))
    }

    override fun wakeup() {
        woken = true
        poller.wakeup()
    }

    override fun register(channel: SelectableChannel): SelectionKey = poller.register(channel)

    override fun expectNews(): Unit = poller.expectNews()

    override fun close(): Unit = poller.close()
}

/**
 * Nothing more can happen on a loop with a [VirtualClock]. The message names each stuck task and what it waits for; the stack traces of the
 * [suppressed exceptions][Throwable.getSuppressed] show where.
 */
public class Deadlock(
    message: String,
) : AssertionError(message)
