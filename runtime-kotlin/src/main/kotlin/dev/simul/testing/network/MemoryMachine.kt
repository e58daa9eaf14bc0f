// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import java.net.BindException
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
import java.nio.ByteBuffer
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
 * The sockets of one machine in memory: what a [MemoryNetwork] is, and each of the machines of a simulated network.
 *
 * asyncio has no equivalent.
 */
public abstract class MemoryMachine internal constructor(
    internal val network: MachineNetwork,
) : SelectorProvider() {
    internal val lock: ReentrantLock = network.lock
    internal abstract val name: String
    internal val addresses = LinkedHashSet<InetAddress>()
    internal var isCutOff = false
    private val ports = Ports()
    private val datagramPorts = Ports()
    private val channels = LinkedHashSet<Channel>()
    internal val selectors = HashSet<MemorySelector>()

    /** The addresses of the host with that name; null if there is none. */
    internal fun addressesOf(name: String): List<InetAddress>? = lock.withLock { network.hosts.addresses(name) }

    /** The name of the host with that address; null if there is none. */
    internal fun nameOf(address: InetAddress): String? = lock.withLock { network.hosts.name(address) }

    /** The sockets that are open, in the order in which they were opened or accepted. */
    internal val openChannels: List<Channel> get() = lock.withLock { channels.toList() }

    /** Whether several loops select its channels: then one of them may have to wait for another. */
    internal val isShared: Boolean get() = lock.withLock { selectors.size > 1 }

    // Channels.

    override fun openSelector(): AbstractSelector = opened(MemorySelector(this))

    internal fun opened(selector: MemorySelector): MemorySelector = selector.also { lock.withLock { selectors += it } }

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

    internal fun closed(selector: MemorySelector) {
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
        if (address is InetSocketAddress && !address.address.isAnyLocalAddress && !isHere(address)) {
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
            target.address.isLoopbackAddress -> InetSocketAddress(loopback(target.address), 0)
            target.address.isBroadcast -> InetSocketAddress(broadcastSource, 0)
            isHere(target) -> InetSocketAddress(target.address, 0)
            else -> InetSocketAddress(towards(target.address), 0)
        }

    /** The address of this machine from which broadcasts come. */
    internal abstract val broadcastSource: InetAddress

    /** This machine's address on the way to another's. */
    private fun towards(target: InetAddress): InetAddress =
        addresses.takeIf { network.machineAt(target) != null }?.firstOrNull { (it is Inet4Address) == (target is Inet4Address) }
            ?: throw NoRouteToHostException("No route to host")

    /** Whether [target] is on this machine. */
    internal fun isHere(target: SocketAddress): Boolean =
        target !is InetSocketAddress || target.address.isLoopbackAddress || target.address in addresses

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

    /** The server that listens at [target]; null if there is none. */
    internal fun listenerAt(target: SocketAddress): MemoryServerSocketChannel? =
        ports.holderAt(target, MemoryServerSocketChannel::class.java)

    /** Brings [packet], which [sender] has sent, to whom it is for; whatever datagrams do passes through here. */
    internal fun deliver(
        packet: Packet,
        sender: MemoryDatagramChannel,
    ) {
        val target = packet.target
        when {
            target.address.isBroadcast -> broadcast(packet, sender)
            isHere(target) -> if (!take(packet)) sender.notDelivered()
            else -> sendAway(packet, target.address) { if (!it.take(packet)) it.tellUnreachable(packet, sender) }
        }
    }

    private fun broadcast(
        packet: Packet,
        sender: MemoryDatagramChannel,
    ) {
        if (!sender.allowsBroadcast) throw SocketException("Permission denied")
        takeBroadcast(packet)
        if (packet.target.address.isLoopbackAddress) return
        for (other in network.all) if (other !== this) sendAway(packet, other.addresses.first()) { it.takeBroadcast(packet) }
    }

    private fun takeBroadcast(packet: Packet) =
        datagramPorts.allAt(packet.target.port).forEach { (it as MemoryDatagramChannel).takes(packet) }

    private fun take(packet: Packet) = datagramPorts.holderAt(packet.target, MemoryDatagramChannel::class.java)?.takes(packet) == true

    private fun sendAway(
        packet: Packet,
        to: InetAddress,
        arrive: (MemoryMachine) -> Unit,
    ) {
        val receiver = network.machineAt(to)
        if (isCutOff || receiver == null) return
        network.medium.send(Datagram(network, name, receiver.name, packet.data.remaining(), to, arrive))
    }

    private fun tellUnreachable(
        packet: Packet,
        sender: MemoryDatagramChannel,
    ) = sendAway(
        Packet(packet.target, packet.source, NOTHING),
        packet.source.address,
    ) { if (it === sender.provider()) sender.notDelivered() }

    private companion object {
        val NOTHING: ByteBuffer = ByteBuffer.allocate(0)
        val FAMILIES = setOf(INET, INET6, UNIX)
        val UNNAMED: SocketAddress = UnixDomainSocketAddress.of("")
        val LOOPBACK_6: InetAddress = InetAddress.getByAddress(ByteArray(16).also { it[15] = 1 })

        fun loopback(like: InetAddress) = if (like is Inet4Address) LOOPBACK_4 else LOOPBACK_6

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

internal val LOOPBACK_4: InetAddress = InetAddress.getByAddress(byteArrayOf(127, 0, 0, 1))

private val BROADCASTS = setOf("255.255.255.255", "127.255.255.255", "10.255.255.255")

internal val InetAddress.isBroadcast get() = this is Inet4Address && hostAddress in BROADCASTS
