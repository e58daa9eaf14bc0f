// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import java.net.BindException
import java.net.ConnectException
import java.net.Inet4Address
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.NoRouteToHostException
import java.net.ProtocolFamily
import java.net.SocketAddress
import java.net.SocketException
import java.net.StandardProtocolFamily.INET
import java.net.StandardProtocolFamily.INET6
import java.net.StandardProtocolFamily.UNIX
import java.net.UnixDomainSocketAddress
import java.nio.channels.Channel
import java.nio.channels.DatagramChannel
import java.nio.channels.Pipe
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.channels.UnresolvedAddressException
import java.nio.channels.UnsupportedAddressTypeException
import java.nio.channels.spi.AbstractSelector
import java.nio.channels.spi.SelectorProvider
import java.util.concurrent.locks.ReentrantLock
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
public class MemoryNetwork : SelectorProvider() {
    internal val lock = ReentrantLock()
    private val hosts = Hosts()
    private val ports = Ports()
    private val datagramPorts = Ports()
    private val channels = LinkedHashSet<Channel>()
    private val selectors = HashSet<AbstractSelector>()

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
        require(address == null || !(address.isAnyLocalAddress || address.isMulticastAddress || address.isBroadcast)) {
            "the address of $name is $address: it must be that of a single host"
        }
        return lock.withLock { hosts.add(name, address) }
    }

    /** The addresses of the host with that name; null if there is none. */
    internal fun addressesOf(name: String): List<InetAddress>? = lock.withLock { hosts.addresses(name) }

    /** The name of the host with that address; null if there is none. */
    internal fun nameOf(address: InetAddress): String? = lock.withLock { hosts.name(address) }

    /** The sockets that are open, in the order in which they were opened or accepted. */
    internal val openChannels: List<Channel> get() = lock.withLock { channels.toList() }

    /** Whether several loops select its channels: then one of them may have to wait for another. */
    internal val isShared: Boolean get() = lock.withLock { selectors.size > 1 }

    // Channels.

    override fun openSelector(): AbstractSelector = MemorySelector(this).also { lock.withLock { selectors += it } }

    override fun openSocketChannel(): SocketChannel = openSocketChannel(INET6)

    override fun openSocketChannel(family: ProtocolFamily): SocketChannel = MemorySocketChannel(this, supported(family)).also(::opened)

    override fun openServerSocketChannel(): ServerSocketChannel = openServerSocketChannel(INET6)

    override fun openServerSocketChannel(family: ProtocolFamily): ServerSocketChannel =
        MemoryServerSocketChannel(this, supported(family)).also(::opened)

    private fun supported(family: ProtocolFamily): ProtocolFamily =
        if (family in FAMILIES) family else throw UnsupportedOperationException("Protocol family not supported: $family")

    override fun openDatagramChannel(): DatagramChannel = openDatagramChannel(INET6)

    override fun openDatagramChannel(family: ProtocolFamily): DatagramChannel {
        if (family == UNIX) throw UnsupportedOperationException("$this has no datagrams in the Unix domain")
        return MemoryDatagramChannel(this, supported(family)).also(::opened)
    }

    override fun openPipe(): Pipe = throw UnsupportedOperationException("$this has no pipes")

    internal fun opened(channel: Channel) {
        lock.withLock { channels += channel }
    }

    internal fun closed(channel: Channel) {
        lock.withLock { channels -= channel }
    }

    internal fun closed(selector: AbstractSelector) {
        lock.withLock { selectors -= selector }
    }

    // Addresses; all of this under the lock.

    /** Binds [holder] to [wanted], or to any address. */
    internal fun bind(
        holder: Watched,
        family: ProtocolFamily,
        wanted: SocketAddress?,
        isShared: Boolean,
    ): SocketAddress {
        val address = own(wanted, family)
        return if (address == UNNAMED) address else ports.bind(holder, address, isShared)
    }

    /** As [bind]; the ports of datagrams are others than those of connections. */
    internal fun bindDatagrams(
        holder: MemoryDatagramChannel,
        family: ProtocolFamily,
        wanted: SocketAddress?,
        isShared: Boolean,
    ): SocketAddress = datagramPorts.bind(holder, own(wanted, family), isShared)

    /** [wanted], or any address, if this machine has it. */
    private fun own(
        wanted: SocketAddress?,
        family: ProtocolFamily,
    ): SocketAddress {
        val address = wanted?.also { it.requireOf(family) } ?: anyOf(family)
        if (address is InetSocketAddress && !address.address.isAnyLocalAddress && !hosts.isHere(address.address)) {
            throw BindException("Cannot assign requested address")
        }
        return address
    }

    /**
     * The address from which [target] is reached, at any port.
     *
     * @throws NoRouteToHostException if it cannot be reached.
     */
    internal fun sourceFor(target: SocketAddress): SocketAddress =
        when {
            target !is InetSocketAddress -> UNNAMED
            target.address.isLoopbackAddress || target.address.isBroadcast -> InetSocketAddress(loopback(target.address), 0)
            hosts.isHere(target.address) -> InetSocketAddress(target.address, 0)
            else -> throw NoRouteToHostException("No route to host")
        }

    internal fun release(
        holder: Watched,
        address: SocketAddress,
    ) = ports.release(holder, address)

    internal fun releaseDatagrams(
        holder: MemoryDatagramChannel,
        address: SocketAddress,
    ) = datagramPorts.release(holder, address)

    /** [target], by an address that a socket of that [family] can have; the wildcard leads to this machine. */
    internal fun reachable(
        target: SocketAddress,
        family: ProtocolFamily,
    ): SocketAddress {
        target.requireOf(family)
        if (target !is InetSocketAddress || !target.address.isAnyLocalAddress) return target
        return InetSocketAddress(loopback(target.address), target.port)
    }

    /** @throws ConnectException if nobody listens at [target]. */
    internal fun listenerAt(target: SocketAddress): MemoryServerSocketChannel =
        ports.holderAt(target, MemoryServerSocketChannel::class.java)
            ?: throw if (target is InetSocketAddress) ConnectException(REFUSED) else SocketException(NO_FILE)

    /** Brings [packet], which [sender] has sent, to whom it is for, at once; whatever datagrams do passes through here. */
    internal fun deliver(
        packet: Packet,
        sender: MemoryDatagramChannel,
    ) {
        val target = packet.target
        if (target.address.isBroadcast) {
            if (!sender.allowsBroadcast) throw SocketException("Permission denied")
            return datagramPorts.allAt(target.port).forEach { (it as MemoryDatagramChannel).takes(packet) }
        }
        val receiver = datagramPorts.holderAt(target, MemoryDatagramChannel::class.java)
        if (receiver == null || !receiver.takes(packet)) sender.notDelivered()
    }

    override fun toString(): String = "<MemoryNetwork>"

    private companion object {
        const val REFUSED = "Connection refused"
        const val NO_FILE = "No such file or directory"
        val BROADCASTS = setOf("255.255.255.255", "127.255.255.255", "10.255.255.255")
        val FAMILIES = setOf(INET, INET6, UNIX)
        val UNNAMED: SocketAddress = UnixDomainSocketAddress.of("")
        val LOOPBACK_4: InetAddress = InetAddress.getByAddress(byteArrayOf(127, 0, 0, 1))
        val LOOPBACK_6: InetAddress = InetAddress.getByAddress(ByteArray(16).also { it[15] = 1 })

        fun loopback(like: InetAddress) = if (like is Inet4Address) LOOPBACK_4 else LOOPBACK_6

        val InetAddress.isBroadcast get() = this is Inet4Address && hostAddress in BROADCASTS

        fun anyOf(family: ProtocolFamily): SocketAddress =
            when (family) {
                UNIX -> UNNAMED
                INET -> InetSocketAddress(InetAddress.getByAddress(ByteArray(4)), 0)
                else -> InetSocketAddress(InetAddress.getByAddress(ByteArray(16)), 0)
            }

        fun SocketAddress.requireOf(family: ProtocolFamily) {
            if (this is InetSocketAddress && isUnresolved) throw UnresolvedAddressException()
            val isOf =
                when (family) {
                    UNIX -> this is UnixDomainSocketAddress
                    INET -> this is InetSocketAddress && address is Inet4Address
                    else -> this is InetSocketAddress
                }
            if (!isOf) throw UnsupportedAddressTypeException()
        }
    }
}
