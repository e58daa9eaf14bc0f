// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import java.nio.channels.CancelledKeyException
import java.nio.channels.ClosedSelectorException
import java.nio.channels.IllegalSelectorException
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.Selector
import java.nio.channels.spi.AbstractSelectableChannel
import java.nio.channels.spi.AbstractSelectionKey
import java.nio.channels.spi.AbstractSelector
import java.util.Collections
import java.util.concurrent.TimeUnit.MILLISECONDS
import java.util.function.Consumer
import kotlin.concurrent.withLock

/**
 * Selects the channels of a [machine], in the order in which they have become ready.
 *
 * @param whenReady is called when one becomes ready: in the thread that made it ready, under the network's lock.
 */
internal class MemorySelector(
    private val machine: MemoryMachine,
    private val whenReady: Runnable? = null,
) : AbstractSelector(machine) {
    private val keys = LinkedHashSet<SelectionKey>()
    private val selected = LinkedHashSet<SelectionKey>()

    /** The keys that have become ready, in that order; all others are not. */
    private val ready = LinkedHashSet<MemoryKey>()
    private val news = machine.lock.newCondition()
    private var isWoken = false

    override fun keys(): Set<SelectionKey> = Collections.unmodifiableSet(keys).also { checkOpen() }

    override fun selectedKeys(): MutableSet<SelectionKey> = selected.also { checkOpen() }

    private fun checkOpen() {
        if (!isOpen) throw ClosedSelectorException()
    }

    override fun register(
        channel: AbstractSelectableChannel,
        ops: Int,
        attachment: Any?,
    ): SelectionKey {
        checkOpen()
        if (channel !is Watched || channel.provider() !== machine) throw IllegalSelectorException()
        val key = MemoryKey(this, channel, channel).also { it.attach(attachment) }
        machine.lock.withLock {
            keys += key
            channel.watchers += key
        }
        key.interestOps(ops)
        return key
    }

    override fun selectNow(): Int = addSelected(0)

    override fun select(): Int = addSelected(FOREVER)

    override fun select(timeout: Long): Int = addSelected(nanosOf(timeout))

    /** Adds the ready keys to the selected ones; returns how many are new there, or ready for something new. */
    private fun addSelected(nanos: Long): Int =
        readyKeys(nanos).count { key ->
            if (selected.add(key)) {
                key.report()
                true
            } else {
                key.reportMore()
            }
        }

    override fun selectNow(action: Consumer<SelectionKey>): Int = tell(action, 0)

    override fun select(action: Consumer<SelectionKey>): Int = tell(action, FOREVER)

    override fun select(
        action: Consumer<SelectionKey>,
        timeout: Long,
    ): Int = tell(action, nanosOf(timeout))

    private fun tell(
        action: Consumer<SelectionKey>,
        nanos: Long,
    ): Int {
        val ready = readyKeys(nanos)
        for (key in ready) {
            key.report()
            action.accept(key)
        }
        return ready.size
    }

    private fun nanosOf(millis: Long): Long {
        require(millis >= 0) { "the timeout is $millis milliseconds: it must not be negative" }
        return if (millis == 0L) FOREVER else MILLISECONDS.toNanos(millis)
    }

    /** Waits for a ready key, at most that long; returns all that are ready. */
    private fun readyKeys(nanos: Long): List<MemoryKey> {
        checkOpen()
        forgetCancelled()
        return machine.lock.withLock { awaitReady(nanos) }
    }

    private fun awaitReady(nanos: Long): List<MemoryKey> {
        var left = nanos
        var found = findReady()
        while (found.isEmpty() && !isWoken && left != 0L) {
            left = awaitNews(left)
            checkOpen()
            found = findReady()
        }
        isWoken = false
        return found
    }

    private fun findReady(): List<MemoryKey> {
        if (ready.isEmpty()) return emptyList()
        return if (hasReady) ready.toList() else emptyList()
    }

    /** Returns how many nanoseconds are left. An interrupt ends the wait, as it does with the JDK's selectors. */
    private fun awaitNews(nanos: Long): Long =
        try {
            if (nanos == FOREVER) {
                news.await()
                FOREVER
            } else {
                news.awaitNanos(nanos).coerceAtLeast(0)
            }
        } catch (_: InterruptedException) {
            Thread.currentThread().interrupt()
            0
        }

    override fun wakeup(): Selector {
        machine.lock.withLock {
            isWoken = true
            news.signalAll()
        }
        return this
    }

    private fun forgetCancelled() {
        val cancelled = cancelledKeys()
        val forgotten =
            synchronized(cancelled) {
                if (cancelled.isEmpty()) return
                cancelled.toList().also { cancelled.clear() }
            }
        forget(forgotten)
    }

    private fun forget(forgotten: List<SelectionKey>) {
        machine.lock.withLock {
            for (key in forgotten) {
                keys -= key
                selected -= key
                ready -= key as MemoryKey
                key.watched.watchers -= key
            }
        }
        // Takes the channel's own lock, under which it registers.
        for (key in forgotten) deregister(key as AbstractSelectionKey)
    }

    override fun implCloseSelector() {
        wakeup()
        val all = machine.lock.withLock { keys.toList() }
        all.forEach { it.cancel() }
        forget(all)
        machine.closed(this)
    }

    /**
     * Whether a selection would find something; if not, [whenReady] is told of the next key that becomes ready. Under the
     * network's lock.
     */
    val hasReady: Boolean
        get() {
            ready.removeIf { !it.isReady() }
            return ready.isNotEmpty()
        }

    /** Looks whether [key] has become ready, or is no longer. Under the network's lock. */
    fun look(key: MemoryKey) {
        if (!key.isReady()) {
            ready -= key
        } else if (ready.add(key)) {
            news.signalAll()
            whenReady?.run()
        }
    }

    private companion object {
        const val FOREVER = -1L
    }
}

/** A [watched] channel in a [selector]. */
internal class MemoryKey(
    private val selector: MemorySelector,
    private val channel: SelectableChannel,
    val watched: Watched,
) : AbstractSelectionKey() {
    private val machine = selector.provider() as MemoryMachine

    @Volatile
    private var interest = 0

    @Volatile
    private var reported = 0

    /** What it was ready for when it was last looked at. */
    private var found = 0

    override fun channel(): SelectableChannel = channel

    override fun selector(): Selector = selector

    override fun interestOps(): Int {
        checkValid()
        return interest
    }

    override fun interestOps(ops: Int): SelectionKey {
        checkValid()
        require(ops and channel.validOps().inv() == 0) { "$channel has no operations $ops: only some of ${channel.validOps()}" }
        machine.lock.withLock {
            interest = ops
            changed()
        }
        return this
    }

    override fun readyOps(): Int {
        checkValid()
        return reported
    }

    private fun checkValid() {
        if (!isValid) throw CancelledKeyException()
    }

    /** The channel, or the interest in it, has changed. Under the network's lock, as [isReady]. */
    fun changed() = selector.look(this)

    fun isReady(): Boolean {
        found = if (isValid) interest and watched.readyNow else 0
        return found != 0
    }

    /** Makes what was found the ready set. */
    fun report() {
        reported = found
    }

    /** Adds what was found to the ready set; returns whether that is more. */
    fun reportMore(): Boolean {
        val before = reported
        reported = before or found
        return reported != before
    }
}
