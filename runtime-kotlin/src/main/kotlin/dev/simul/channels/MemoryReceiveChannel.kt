// SPDX-License-Identifier: Apache-2.0
package dev.simul.channels

import dev.simul.Waiter
import dev.simul.exceptions.CancelledException
import dev.simul.generators.AsyncIterator
import dev.simul.loop.Callback
import dev.simul.loop.EventLoop
import dev.simul.queues.QueueEmpty
import dev.simul.queues.QueueShutDown
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.ExperimentalForInheritanceCoroutinesApi
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector

/**
 * The end of a channel between loops at which tasks of [loop] receive; see [channelTo].
 *
 * A `for` loop over it awaits one item after the other until the sending end is closed, and leaves this end open; several tasks may share the
 * items so. As a `Flow` it does the same, and is closed at the end, also by an exception or a cancellation. Close it when nobody receives any
 * longer, by `use { }` or [close]: otherwise senders wait until one of the loops closes.
 *
 * asyncio has no equivalent; compare `trio.MemoryReceiveChannel`.
 *
 * @property loop the loop whose tasks receive.
 */
@OptIn(ExperimentalForInheritanceCoroutinesApi::class)
public class MemoryReceiveChannel<T> internal constructor(
    private val link: ChannelLink<T>,
    public val loop: EventLoop,
) : Flow<T>,
    AutoCloseable {
    private val items = link.items
    private val sender: ChannelSide<Unit> get() = link.sender.side
    internal val side: ChannelSide<Any?> =
        ChannelSide<Any?>(
            loop,
            link.sendingLoop,
            this,
            "MemoryReceiveChannel.receive",
            link.name,
            possible = { if (sender.ending == null) items.size else Int.MAX_VALUE },
            onWake = ::endReceive,
        )

    /** Wakes the senders when this turn's callbacks have taken what they take. */
    private val tellRoom =
        Callback {
            willTellRoom = false
            sender.wake()
        }
    private var willTellRoom = false

    /** The maximum number of items. */
    public val capacity: Int get() = link.capacity

    /** The name that reports of waiting tasks show. */
    public val name: String? get() = link.name

    /** The number of items that were sent and not yet received. Any thread may ask. */
    public fun qsize(): Int = items.size

    /**
     * Receives the next item; waits until there is one.
     *
     * A task that is cancelled while it waits has taken nothing: the item goes to the next one that asks. Several tasks that wait are woken
     * in the order of their arrival, and try again. A call that need not wait does not give up the turn.
     *
     * @throws QueueShutDown if this end is closed, or if the sending end is and everything sent before was received, before the call or
     *   during the wait; its cause is what `close` was given.
     * @throws IllegalStateException if the caller is not in [loop].
     */
    public suspend fun receive(): T {
        val item = receiveOrEnd()
        if (item === END) throw link.whyNotReceived()
        @Suppress("UNCHECKED_CAST")
        return item as T
    }

    private suspend fun receiveOrEnd(): Any? = if (mustWait()) receiveWhenSent() else takeOrEnd()

    private suspend fun receiveWhenSent(): Any? {
        side.expectWake()
        return if (mustWait()) side.wait() else takeOrEnd()
    }

    /**
     * Receives the next item at once.
     *
     * @throws QueueEmpty if there is none.
     * @throws QueueShutDown as [receive] does.
     * @throws IllegalStateException if the caller is not in [loop].
     */
    public fun receiveNowait(): T {
        if (mustWait()) throw QueueEmpty("$this is empty: await receive() to wait for an item")
        val item = takeOrEnd()
        if (item === END) throw link.whyNotReceived()
        @Suppress("UNCHECKED_CAST")
        return item as T
    }

    private fun mustWait(): Boolean {
        side.checkLoop()
        return items.isEmpty && side.ending == null && sender.ending == null
    }

    private fun takeOrEnd(): Any? {
        if (items.isEmpty || side.ending != null) return END
        val item = items.take()
        if (sender.awaitsWake) giveRoom()
        return item
    }

    /** Senders that were woken for each item would fill the channel one by one, at a wake-up each. */
    private fun giveRoom() {
        if (items.size <= capacity / 2) {
            sender.wake()
        } else if (!willTellRoom) {
            loop.enqueue(tellRoom)
            willTellRoom = true
        }
    }

    private fun endReceive(
        waiter: Waiter<Any?>,
        failure: Throwable?,
    ): Any? {
        if (failure != null) {
            side.withdraw(waiter, isPossible = !items.isEmpty)
            throw failure
        }
        if (mustWait()) {
            side.expectWake()
            if (mustWait()) return side.waitAgain(waiter)
        }
        return takeOrEnd()
    }

    /**
     * An iterator over the items, which ends when the sending end was closed, or this one.
     *
     * Its `hasNext()` throws [QueueShutDown] if either was closed because of an exception.
     */
    public operator fun iterator(): AsyncIterator<T> =
        object : AsyncIterator<T> {
            private var item: Any? = END

            override suspend fun hasNext(): Boolean {
                if (item === END) item = receiveOrEnd()
                if (item !== END) return true
                link.whyNotReceived().let { if (it.cause != null) throw it }
                return false
            }

            override fun next(): T {
                val next = item
                if (next === END) throw NoSuchElementException("ask hasNext() before next()")
                item = END
                @Suppress("UNCHECKED_CAST")
                return next as T
            }
        }

    /**
     * Emits the items until the sending end is closed, and then closes this end; if an exception or a cancellation ends it earlier, it closes
     * this end because of that.
     *
     * @throws QueueShutDown if either end was closed because of an exception.
     * @throws IllegalStateException if the caller is not in [loop].
     */
    override suspend fun collect(collector: FlowCollector<T>) {
        try {
            for (item in this) collector.emit(item)
        } catch (e: Throwable) {
            // Flows that need no more items, as those of first() and take(), throw an exception of kotlinx, which tells senders nothing.
            close(e.takeUnless { it is CancellationException && it !is CancelledException })
            throw e
        }
        close()
    }

    /**
     * Ends the receiving: items that were not received are dropped, tasks that wait in [receive] fail, and so do those that send. Does
     * nothing if this end is closed. In another thread than the loop's, it takes effect in the loop's next turn.
     */
    override fun close(): Unit = close(null)

    /** As [close], because of [cause], which the [QueueShutDown] at both ends has as its cause. */
    public fun close(cause: Throwable?): Unit = link.closeReceiver(cause)

    /** Closes this end after [block], and because of what [block] throws, if it throws: tasks at the other end learn that. */
    public inline fun <R> use(block: (MemoryReceiveChannel<T>) -> R): R {
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

    override fun toString(): String = link.describe("MemoryReceiveChannel")
}

/** Stands for the item that never comes. */
private val END = Any()
