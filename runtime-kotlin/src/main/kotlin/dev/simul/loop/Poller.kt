// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.spi.SelectorProvider

/**
 * How a loop waits for the world: one of its two seams, the other being [Clock].
 *
 * Source: the selector of `asyncio.SelectorEventLoop`.
 */
public interface Poller {
    /**
     * What opens the channels of this poller's loop: a selector watches those of its own provider alone. The JDK's, unless the poller
     * says otherwise.
     */
    public val selectorProvider: SelectorProvider get() = SelectorProvider.provider()

    /**
     * Waits until something happened, [wakeup] was called or [timeoutNanos] have passed.
     *
     * Zero looks without waiting, a negative number waits without a limit. Returning early is allowed.
     *
     * @throws InterruptedException if the thread was interrupted; the loop then stops running and passes it on.
     */
    public fun poll(timeoutNanos: Long)

    /** Makes the current or the next [poll] return at once; called from any thread. */
    public fun wakeup()

    /**
     * The key by which this watches [channel], which is in non-blocking mode: made with an empty interest set at the first call.
     *
     * When a [poll] finds the channel ready for something of its key's interest set, it tells the key's attachment, if that is a
     * [ReadinessListener].
     *
     * @throws UnsupportedOperationException if this poller watches no channels.
     */
    public fun register(channel: SelectableChannel): SelectionKey =
        throw UnsupportedOperationException("$this watches no channels: make the loop with a NioPoller")

    /** Something was done that may have made a channel ready: the next [poll] has to look, even if it does not wait. */
    public fun expectNews() {}

    /** Releases what the poller holds; called once, when its loop closes. */
    public fun close()
}

/** Who is told, in the loop's thread, that a channel is ready. It only takes note: the loop is in the middle of its poll. */
public fun interface ReadinessListener {
    /** The channel can do [operations]: some of [SelectionKey]'s constants, added up. */
    public fun ready(operations: Int)
}
