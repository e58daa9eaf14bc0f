// SPDX-License-Identifier: Apache-2.0
package dev.simul.channels

import dev.simul.Waiter
import dev.simul.loop.EventLoop
import dev.simul.queues.QueueFull
import dev.simul.queues.QueueShutDown

/**
 * The end of a channel between loops at which tasks of [loop] send; see [channelTo].
 *
 * Close it when there is nothing more to send: by `use { }`, or by [close]. The receiver gets what was sent before, and then the end.
 *
 * asyncio has no equivalent; compare `trio.MemorySendChannel`.
 *
 * @property loop the loop whose tasks send.
 */
public class MemorySendChannel<T> internal constructor(
    private val link: ChannelLink<T>,
    public val loop: EventLoop,
) : AutoCloseable {
    private val items = link.items
    private val receiver: ChannelSide<Any?> get() = link.receiver.side
    internal val side: ChannelSide<Unit> =
        ChannelSide<Unit>(
            loop,
            link.receivingLoop,
            this,
            "MemorySendChannel.send",
            link.name,
            possible = { if (receiver.ending == null) link.capacity - items.size else Int.MAX_VALUE },
            onWake = ::endSend,
        )

    /** The maximum number of items. */
    public val capacity: Int get() = link.capacity

    /** The name that reports of waiting tasks show. */
    public val name: String? get() = link.name

    /** The number of items that were sent and not yet received. Any thread may ask. */
    public fun qsize(): Int = items.size

    /**
     * Sends [item]; waits until there is room for it.
     *
     * A task that is cancelled while it waits has sent nothing; otherwise the item is on its way once, and this returns. Several tasks that
     * wait are woken in the order of their arrival, and try again, as those of a [dev.simul.queues.Queue] do. A call that need not wait does
     * not give up the turn.
     *
     * @throws QueueShutDown if either end is closed, before the call or during the wait, or the receiver's loop is; its cause is what
     *   `close` was given.
     * @throws IllegalStateException if the caller is not in [loop].
     */
    public suspend fun send(item: T) {
        if (isFull()) sendWhenReceived(item) else add(item)
    }

    private suspend fun sendWhenReceived(item: T) {
        side.expectWake()
        if (isFull()) side.wait(item) else add(item)
    }

    /**
     * Sends [item] at once.
     *
     * @throws QueueFull if there is no room for it.
     * @throws QueueShutDown as [send] does.
     * @throws IllegalStateException if the caller is not in [loop].
     */
    public fun sendNowait(item: T) {
        if (isFull()) throw QueueFull("$this is full: await send() to wait until an item is received")
        add(item)
    }

    private fun isFull(): Boolean {
        side.checkLoop()
        if (side.ending != null || receiver.ending != null) throwNotSent()
        return items.isFull
    }

    private fun throwNotSent(): Nothing {
        items.dropBySender()
        throw link.whyNotSent()!!
    }

    private fun add(item: T) {
        items.add(item)
        // If the receiver was closed meanwhile, it may have missed this item.
        if (receiver.ending != null) items.dropBySender()
        receiver.wake()
    }

    @Suppress("UNCHECKED_CAST")
    private fun endSend(
        waiter: Waiter<Unit>,
        failure: Throwable?,
    ): Any {
        if (failure != null) {
            side.withdraw(waiter, isPossible = !items.isFull)
            throw failure
        }
        if (isFull()) {
            side.expectWake()
            if (isFull()) return side.waitAgain(waiter)
        }
        return add(waiter.item as T)
    }

    /**
     * Ends the sending: tasks that wait in [send] fail, and those that receive get the items sent before, and then the end. Does nothing if
     * this end is closed. In another thread than the loop's, it takes effect in the loop's next turn.
     */
    override fun close(): Unit = close(null)

    /** As [close], because of [cause]: the receivers' [QueueShutDown] has it as its cause, and their `for` loops throw that. */
    public fun close(cause: Throwable?): Unit = link.closeSender(cause)

    /** Closes this end after [block], and because of what [block] throws, if it throws: tasks at the other end learn that. */
    public inline fun <R> use(block: (MemorySendChannel<T>) -> R): R {
        var failure: Throwable? = null
        try {
            return block(this)
        } catch (e: Throwable) {
            failure = e
            throw e
        } finally {
            close(failure)
        }
    }

    override fun toString(): String = link.describe("MemorySendChannel")
}
