// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.loop.EventLoop
import dev.simul.loop.NioPoller
import dev.simul.loop.Poller
import dev.simul.refusal
import dev.simul.testing.network.LoopSelectors
import dev.simul.testing.network.Machine
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.spi.SelectorProvider

/**
 * How a host's loop waits: not at all. Each turn looks at its channels, which are of its [machine], and then ends the loop's run, so that
 * the world decides what happens next.
 *
 * @param woken is called when the loop has something to do, by any thread.
 */
internal class HostPoller(
    private val machine: Machine,
    clock: HostClock,
    private val woken: () -> Unit,
) : Poller {
    private val selectors = LoopSelectors(machine, woken)
    private val channels = NioPoller(clock, selectors)
    lateinit var loop: EventLoop

    /** Whether a channel that the loop watches is ready. */
    val hasReadyChannels: Boolean get() = selectors.hasReadyChannels

    override val selectorProvider: SelectorProvider get() = machine

    override fun poll(timeoutNanos: Long) {
        channels.expectNews()
        channels.poll(0)
        loop.stop()
    }

    override fun wakeup() = woken()

    override fun register(channel: SelectableChannel): SelectionKey {
        if (channel.provider() !== machine) {
            throw refusal("$channel, which ${channel.provider()} has opened,", "open channels by the loop's selectorProvider")
        }
        return channels.register(channel)
    }

    override fun close() = channels.close()
}
