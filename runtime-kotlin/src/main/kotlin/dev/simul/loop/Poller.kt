// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.spi.SelectorProvider

/**
 * How a loop waits for events: one of its two seams; the other is [Clock].
 *
 * Source: the selector of `asyncio.SelectorEventLoop`.
 */
public interface Poller {
    /**
     * Opens the channels of this poller's loop: a selector watches only channels of its own provider. The default is the JDK's.
     */
    public val selectorProvider: SelectorProvider get() = SelectorProvider.provider()

    /**
     * Waits until something happened, [wakeup] was called or [timeoutNanos] have passed.
     *
     * Zero polls without waiting, a negative number waits without a limit. It may return early.
     *
     * @throws InterruptedException if the thread was interrupted; the loop then stops running and passes it on.
     */
    public fun poll(timeoutNanos: Long)

    /** Makes the current or the next [poll] return at once; called from any thread. */
    public fun wakeup()

    /**
     * The key by which this watches [channel], which is in non-blocking mode; the first call makes it, with an empty interest set.
     *
     * When a [poll] finds the channel ready for an operation of the key's interest set, it calls the key's attachment, if that is a
     * [ReadinessListener].
     *
     * @throws UnsupportedOperationException if this poller watches no channels.
     */
    public fun register(channel: SelectableChannel): SelectionKey =
        throw UnsupportedOperationException("$this watches no channels: make the loop with a NioPoller")

    /** Tells that a channel may have become ready: the next [poll] has to look, even if it does not wait. */
    public fun expectNews() {}

    /** Releases what the poller holds; called once, when its loop closes. */
    public fun close()
}

/** Called in the loop's thread when a channel is ready. It only takes note: the loop is in the middle of its poll. */
public fun interface ReadinessListener {
    /** The channel is ready for [operations]: some of [SelectionKey]'s constants, added up. */
    public fun ready(operations: Int)
}
