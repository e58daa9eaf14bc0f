// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * The two ends of a channel between two loops, made by {@link EventLoop#channelTo}: what tasks of one loop send, tasks of the other one
 * receive, in the same order.
 *
 * <p>asyncio has no equivalent; compare the pair that {@code trio.open_memory_channel()} returns.
 *
 * @param sender the end for tasks of the loop whose {@code channelTo} was called
 * @param receiver the end for tasks of the other loop
 */
public record MemoryChannel<T extends @Nullable Object>(MemorySendChannel<T> sender, MemoryReceiveChannel<T> receiver) {
    static <T extends @Nullable Object> MemoryChannel<T> of(dev.simul.channels.MemoryChannel<T> channel) {
        return new MemoryChannel<>(new MemorySendChannel<>(channel.getSender()), new MemoryReceiveChannel<>(channel.getReceiver()));
    }

    @Override
    public String toString() {
        return "<MemoryChannel " + sender + " " + receiver + ">";
    }
}
