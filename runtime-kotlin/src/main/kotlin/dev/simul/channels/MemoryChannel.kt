// SPDX-License-Identifier: Apache-2.0
package dev.simul.channels

import dev.simul.loop.EventLoop

/**
 * Opens a channel from tasks of this loop to tasks of another one, which another thread runs: what one sends, the other receives, in the same
 * order.
 *
 * ```
 * val (sender, receiver) = loop.channelTo<Order>(other, capacity = 100)
 * ```
 *
 * The channel holds up to [capacity] items, counted until they are received; then senders wait. Only objects are handed over: a task stays in
 * its loop, and so do its context variables. What an item refers to, the receiver sees as it was when it was sent; nobody should change it
 * afterwards.
 *
 * Each end is used in its own loop, by as many tasks as you like, and is closed by its user, or else with its loop. Tasks that wait at the
 * other end then fail instead of waiting for ever. Two loops of one simulation can have a channel too; it knows nothing of the network, so
 * they should be of one host. Both ends may belong to one loop; a [dev.simul.queues.Queue] is less for that.
 *
 * Any thread may call this. asyncio has no equivalent; compare `trio.open_memory_channel(max_buffer_size)`, whose ends are in one loop.
 *
 * @param other the loop of the tasks that receive.
 * @param capacity the maximum number of items, at least 1.
 * @param name shown by reports of the tasks that wait, and by the text of both ends.
 * @throws IllegalArgumentException if [capacity] is less than 1.
 * @throws IllegalStateException if one of the loops is closed.
 */
@JvmOverloads
public fun <T> EventLoop.channelTo(
    other: EventLoop,
    capacity: Int,
    name: String? = null,
): MemoryChannel<T> {
    require(capacity >= 1) { "a channel needs room for at least 1 item, not $capacity" }
    checkOpen()
    other.checkOpen()
    val link = ChannelLink<T>(this, other, capacity, name)
    link.open()
    return MemoryChannel(link.sender, link.receiver)
}

/**
 * The two ends of a channel between loops; made by [channelTo].
 *
 * asyncio has no equivalent; compare the pair that `trio.open_memory_channel()` returns.
 *
 * @property sender the end for tasks of the loop whose [channelTo] was called.
 * @property receiver the end for tasks of the other loop.
 */
public class MemoryChannel<T> internal constructor(
    public val sender: MemorySendChannel<T>,
    public val receiver: MemoryReceiveChannel<T>,
) {
    /** As [sender]: `val (sender, receiver) = loop.channelTo<Int>(other, 10)`. */
    public operator fun component1(): MemorySendChannel<T> = sender

    /** As [receiver]. */
    public operator fun component2(): MemoryReceiveChannel<T> = receiver

    override fun toString(): String = "<MemoryChannel $sender $receiver>"
}
