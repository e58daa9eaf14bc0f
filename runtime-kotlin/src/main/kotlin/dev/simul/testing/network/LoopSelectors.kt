// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import dev.simul.loop.SimulationApi
import java.net.ProtocolFamily
import java.nio.channels.DatagramChannel
import java.nio.channels.Pipe
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.channels.spi.AbstractSelector
import java.nio.channels.spi.SelectorProvider
import kotlin.concurrent.withLock

/**
 * Opens the selectors of one loop on a [machine], which may have several loops, and all else as the machine does.
 *
 * @param whenReady is called when a channel that such a selector watches becomes ready: in the thread that made it ready, under the network's
 *   lock.
 */
@SimulationApi
public class LoopSelectors(
    private val machine: Machine,
    private val whenReady: Runnable,
) : SelectorProvider() {
    private val selectors = ArrayList<MemorySelector>()

    /** Whether one of its selectors would find a channel that is ready. */
    public val hasReadyChannels: Boolean get() = machine.lock.withLock { selectors.any { it.hasReady } }

    override fun openSelector(): AbstractSelector {
        val selector = machine.opened(MemorySelector(machine, whenReady))
        machine.lock.withLock { selectors += selector }
        return selector
    }

    override fun openSocketChannel(): SocketChannel = machine.openSocketChannel()

    override fun openSocketChannel(family: ProtocolFamily): SocketChannel = machine.openSocketChannel(family)

    override fun openServerSocketChannel(): ServerSocketChannel = machine.openServerSocketChannel()

    override fun openServerSocketChannel(family: ProtocolFamily): ServerSocketChannel = machine.openServerSocketChannel(family)

    override fun openDatagramChannel(): DatagramChannel = machine.openDatagramChannel()

    override fun openDatagramChannel(family: ProtocolFamily): DatagramChannel = machine.openDatagramChannel(family)

    override fun openPipe(): Pipe = machine.openPipe()

    override fun toString(): String = "<LoopSelectors of $machine>"
}
