// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import java.net.InetAddress
import java.nio.channels.spi.SelectorProvider
import kotlin.concurrent.withLock

/**
 * A network in memory, for tests on virtual time: connections, servers, streams, TLS, datagrams and whatever is built on these run on it
 * unchanged, and open no socket of the system's.
 *
 * ```
 * @Test
 * fun `a slow server is given up after a minute`() = runTest(MemoryNetwork()) {
 *     startServer("127.0.0.1", 80) { reader, writer ->
 *         sleep(1.hours)
 *         writer.close()
 *     }
 *     val (reader, writer) = openConnection("127.0.0.1", 80)
 *     shouldThrow<TimeoutException> { timeout(1.minutes) { reader.readline() } }
 *     writer.close()
 * }
 * ```
 *
 * Nothing outside the loop can make its sockets ready. So virtual time jumps to the next timer as soon as nothing is ready, though sockets
 * are waited for; a test in which nothing more can happen fails at once; and events come in the same order each time. Give the network to
 * `runTest`, or to the clock of a loop: `VirtualClock(selectorProvider = network)`.
 *
 * - **Addresses.** There is one machine. Its addresses are those of the loopback interface and of the hosts that [addHost] adds; all other
 *   addresses are unreachable, and names that were not added are unknown. The clock's loop looks names up here, not in the system and not in
 *   other threads, unless it is given another resolver. The paths of Unix domain sockets are names on the network, without files. Free ports
 *   are assigned in order, from 49152.
 * - **Connections** behave as those of TCP over Linux's loopback interface do, and bytes arrive at once. Up to 64 KiB that the peer has not
 *   read are in transit; the sender waits for more room. A port where nobody listens refuses; a server whose backlog is full keeps its clients
 *   waiting. A socket that is closed before it has read everything, or with a linger time of zero, resets the connection. Socket options keep
 *   their values; of these only `SO_LINGER` and `SO_REUSEPORT` have an effect.
 * - **Datagrams** arrive whole and in order, and are lost only if the receiver has 256 KiB waiting, or if nobody is there; a connected socket is
 *   told of that.
 * - **Not here:** multicast, pipes, sockets that block, and `java.net`'s view of a channel, `channel.socket()`. They fail with an
 *   [UnsupportedOperationException] that says so.
 *
 * A network serves one test, and usually one loop. Loops that share one can connect to each other; each of them then waits for sockets in real
 * time, as it does with the system's. Any thread may call the methods.
 *
 * asyncio has no equivalent.
 */
public class MemoryNetwork : MemoryMachine(MachineNetwork()) {
    override val name: String get() = "the network"
    override val broadcastSource: InetAddress get() = LOOPBACK_4

    /**
     * Adds a host, so that servers can listen by its [name], and clients connect to them. A name that is added again has several addresses, which
     * are tried in that order.
     *
     * @param name case does not matter.
     * @param address belongs to the machine from now on; if null, it is the next free one of 10.0.0.0/8, from 10.0.0.1.
     * @return the address, with the name.
     * @throws IllegalArgumentException if no single host can have that address.
     */
    @JvmOverloads
    public fun addHost(
        name: String,
        address: InetAddress? = null,
    ): InetAddress {
        requireOfHost(name, address)
        return lock.withLock { network.give(this, name, address) }
    }

    override fun toString(): String = "<MemoryNetwork>"
}
