// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.nio.channels.IllegalSelectorException
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.SelectionKey.OP_CONNECT
import java.nio.channels.Selector
import java.nio.channels.spi.SelectorProvider
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.locks.LockSupport
import java.util.function.Consumer

/**
 * A poller that also waits for channels: it selects as soon as there is a channel to watch. Before that it parks the loop's thread and uses
 * no descriptor.
 *
 * While the loop has callbacks to run, it does not ask the system in every turn: only if something may have made a channel ready since the
 * last time, see [expectNews], and otherwise every 50 microseconds by [clock], and every 4096 turns if that clock stands still.
 *
 * Of more than 64 channels that are ready it tells 64 in each turn, and asks the system again when all are told; a connection that is made
 * is told at once.
 *
 * Source: `asyncio.SelectorEventLoop`, `selectors.DefaultSelector`.
 *
 * @param clock the clock of its loop.
 * @property selectorProvider opens the selector and the channels of the loop: the JDK's, or another one, such as a simulated network's.
 */
public class NioPoller(
    private val clock: Clock = MonotonicClock,
    override val selectorProvider: SelectorProvider = SelectorProvider.provider(),
) : Poller {
    private val awake = AtomicBoolean()

    /** What a waking thread must wake: a [Selector], a [Thread], or nothing. */
    @Volatile
    private var blocked: Any? = null

    private var selector: Selector? = null
    private var newsExpected = false
    private var lookedAt = 0L
    private var turnsSinceLook = 0

    /** Keys that were selected; the listeners of the first [told] of them were told. */
    private val selected = ArrayList<SelectionKey>()
    private var told = 0
    private val keep = Consumer<SelectionKey> { key -> if (key.readyOps() and OP_CONNECT != 0) tell(key) else selected.add(key) }

    /** Whether the loop's thread waits in it; any thread may ask. */
    internal val isBlocked: Boolean get() = blocked != null

    /** Whether there is a channel whose readiness it would report. */
    internal val isWatching: Boolean get() = selector?.keys().orEmpty().any { it.isValid && it.interestOps() != 0 }

    /** The channels that users watch by a handle or a registration, without a transport. */
    internal val watchedByUsers: List<SelectableChannel>
        get() =
            selector?.keys().orEmpty().filter { it.isValid && (it.attachment() as? Watch)?.isOfUser == true }.map { it.channel() }

    override fun register(channel: SelectableChannel): SelectionKey {
        val selector = selector ?: newSelector().also { selector = it }
        newsExpected = true
        val key = channel.keyFor(selector)
        if (key != null && key.isValid) return key
        // The key of a cancelled registration is removed by the next selection.
        if (key != null) selectNow(selector)
        return registerNew(channel, selector)
    }

    private fun registerNew(
        channel: SelectableChannel,
        selector: Selector,
    ): SelectionKey =
        try {
            channel.register(selector, 0)
        } catch (e: IllegalSelectorException) {
            throw IllegalArgumentException(
                "$channel was opened by ${channel.provider()}, and this loop selects channels of $selectorProvider: " +
                    "open it by the loop's selectorProvider",
                e,
            )
        }

    private fun newSelector(): Selector {
        NioClasses.initialize()
        return selectorProvider.openSelector()
    }

    override fun expectNews() {
        newsExpected = true
    }

    override fun poll(timeoutNanos: Long) {
        val selector = selector
        when {
            told < selected.size -> tellSome()
            timeoutNanos != 0L -> wait(selector, timeoutNanos)
            selector != null && mayHaveNews() -> look(selector)
        }
    }

    private fun mayHaveNews() =
        newsExpected || ++turnsSinceLook >= MOST_TURNS_BETWEEN_LOOKS || clock.nanoTime() - lookedAt >= LOOK_EVERY_NANOS

    private fun look(selector: Selector) {
        selectNow(selector)
        hasLooked()
        tellSome()
    }

    private fun selectNow(selector: Selector) {
        forget()
        selector.selectNow(keep)
    }

    /** Keys whose listeners were not told are selected again: they are still ready. */
    private fun forget() {
        selected.clear()
        told = 0
    }

    /** If it told all at once, what a callback has read would leave the processor's cache before the task that it wakes up uses it. */
    private fun tellSome() {
        val end = minOf(selected.size, told + MOST_TOLD_AT_ONCE)
        while (told < end) tell(selected[told++])
        if (told == selected.size) forget()
    }

    /** What its listener does not wait for any more, since it was selected, is not told. */
    private fun tell(key: SelectionKey) {
        if (!key.isValid) return
        val ready = key.readyOps() and key.interestOps()
        if (ready != 0) (key.attachment() as? ReadinessListener)?.ready(ready)
    }

    private fun hasLooked() {
        newsExpected = false
        turnsSinceLook = 0
        lookedAt = clock.nanoTime()
    }

    private fun wait(
        selector: Selector?,
        timeoutNanos: Long,
    ) {
        blocked = selector ?: Thread.currentThread()
        try {
            when {
                awake.get() -> selector?.let(::selectNow)
                selector == null -> park(timeoutNanos)
                else -> select(selector, timeoutNanos)
            }
        } finally {
            blocked = null
        }
        awake.set(false)
        if (selector != null) {
            hasLooked()
            tellSome()
        }
        if (Thread.interrupted()) throw InterruptedException("the thread of a running event loop was interrupted")
    }

    /** The system waits by the machine's clock, whatever clock the loop has. */
    private fun park(timeoutNanos: Long) {
        if (timeoutNanos < 0) LockSupport.park(this) else LockSupport.parkNanos(this, timeoutNanos)
    }

    /** Selectors count in milliseconds, and a timeout of 0 means no limit. */
    private fun select(
        selector: Selector,
        timeoutNanos: Long,
    ) {
        forget()
        selector.select(keep, if (timeoutNanos < 0) 0 else (timeoutNanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI)
    }

    override fun wakeup() {
        if (awake.getAndSet(true)) return
        when (val blocked = blocked) {
            is Selector -> blocked.wakeup()
            is Thread -> LockSupport.unpark(blocked)
        }
    }

    override fun close() {
        selector?.close()
    }

    private companion object {
        const val LOOK_EVERY_NANOS = 50_000L

        /** So many connections with what belongs to them, in the JVM and in the system, fit into a processor's cache. */
        const val MOST_TOLD_AT_ONCE = 64
        const val MOST_TURNS_BETWEEN_LOOKS = 4096
        const val NANOS_PER_MILLI = 1_000_000L
    }
}

/** A poller that delegates to another one. */
internal interface PollerInFront : Poller {
    val behind: Poller
}

/** Whether the loop's thread is known to wait in it; any thread may ask. */
internal val Poller.isKnownToBlock: Boolean get() = ((this as? PollerInFront)?.behind ?: this).let { it is NioPoller && it.isBlocked }

/** Whether a [NioPoller] alone watches the channels. */
internal val Poller.isNio: Boolean get() = this is NioPoller || (this is PollerInFront && behind is NioPoller)
