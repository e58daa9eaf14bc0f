// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import java.net.DatagramSocket
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.NetworkInterface
import java.net.PortUnreachableException
import java.net.ProtocolFamily
import java.net.SocketAddress
import java.net.SocketException
import java.net.SocketOption
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.AlreadyBoundException
import java.nio.channels.AlreadyConnectedException
import java.nio.channels.ClosedChannelException
import java.nio.channels.DatagramChannel
import java.nio.channels.MembershipKey
import java.nio.channels.NotYetConnectedException
import java.nio.channels.SelectionKey.OP_READ
import java.nio.channels.SelectionKey.OP_WRITE
import kotlin.concurrent.withLock
import kotlin.math.min

/** A datagram on its way, or waiting to be received; if it was broadcast, at several sockets. */
internal class Packet(
    val source: InetSocketAddress,
    val target: InetSocketAddress,
    val data: ByteBuffer,
)

/** Sends and receives datagrams on a [MemoryNetwork]. */
internal class MemoryDatagramChannel(
    private val machine: MemoryMachine,
    private val family: ProtocolFamily,
) : DatagramChannel(machine),
    Watched {
    private val options = RememberedOptions.ofDatagrams()
    private var local: InetSocketAddress? = null
    private var remote: InetSocketAddress? = null
    private val received = ArrayDeque<Packet>()
    private var receivedBytes = 0

    /** Whether nobody was there for a datagram to [remote], which the next call reports. */
    private var isUnreachable = false

    override val watchers: MutableList<MemoryKey> = ArrayList(1)

    override val readyNow: Int get() = if (received.isNotEmpty() || isUnreachable) OP_READ or OP_WRITE else OP_WRITE

    val allowsBroadcast: Boolean get() = options[StandardSocketOptions.SO_BROADCAST]

    private inline fun <R> whileOpen(block: () -> R): R =
        machine.lock.withLock {
            if (!isOpen) throw ClosedChannelException()
            block()
        }

    // Addresses.

    override fun bind(local: SocketAddress?): DatagramChannel {
        whileOpen {
            if (this.local != null) throw AlreadyBoundException()
            bindTo(local)
        }
        return this
    }

    private fun bindTo(wanted: SocketAddress?): InetSocketAddress {
        val isShared = options[StandardSocketOptions.SO_REUSEPORT]
        return (machine.bindDatagrams(this, family, wanted, isShared) as InetSocketAddress).also { local = it }
    }

    override fun connect(remote: SocketAddress): DatagramChannel {
        whileOpen {
            if (this.remote != null) throw AlreadyConnectedException()
            val target = machine.reachable(remote, family) as InetSocketAddress
            local = sourceFor(target)
            this.remote = target
            received.clear()
            receivedBytes = 0
        }
        return this
    }

    override fun disconnect(): DatagramChannel {
        whileOpen { remote = null }
        return this
    }

    /** This channel's address, as [target] sees it. */
    private fun sourceFor(target: InetSocketAddress): InetSocketAddress {
        val bound = local ?: bindTo(null)
        if (!bound.address.isAnyLocalAddress) return bound
        return InetSocketAddress((machine.sourceFor(target) as InetSocketAddress).address, bound.port)
    }

    override fun isConnected(): Boolean = machine.lock.withLock { remote != null }

    override fun getRemoteAddress(): SocketAddress? = whileOpen { remote }

    override fun getLocalAddress(): SocketAddress? = whileOpen { local }

    // Sending.

    override fun send(
        source: ByteBuffer,
        target: SocketAddress,
    ): Int =
        whileOpen {
            if (remote != null && remote != target) throw AlreadyConnectedException()
            sendTo(machine.reachable(target, family) as InetSocketAddress, source)
        }

    override fun write(source: ByteBuffer): Int = whileOpen { sendTo(remote ?: throw NotYetConnectedException(), source) }

    override fun write(
        sources: Array<ByteBuffer>,
        offset: Int,
        length: Int,
    ): Long {
        val parts = sources.slice(offset until offset + length)
        val whole = ByteBuffer.allocate(parts.sumOf { it.remaining() })
        parts.forEach { whole.put(it.duplicate()) }
        val count = write(whole.flip())
        parts.forEach { it.position(it.limit()) }
        return count.toLong()
    }

    private fun sendTo(
        target: InetSocketAddress,
        data: ByteBuffer,
    ): Int {
        tellUnreachable()
        val size = data.remaining()
        if (size > MOST) throw SocketException("Message too long")
        val packet = Packet(sourceFor(target), target, ByteBuffer.allocate(size).put(0, data, data.position(), size))
        machine.deliver(packet, this)
        data.position(data.limit())
        return size
    }

    private fun tellUnreachable() {
        if (!isUnreachable) return
        isUnreachable = false
        throw PortUnreachableException()
    }

    /** Nobody was there for what this has sent; only a connected socket is told. Under the network's lock, as [takes]. */
    fun notDelivered() {
        if (remote == null) return
        isUnreachable = true
        changed()
    }

    // Receiving.

    /** Returns whether this channel is the one that [packet] is for; one for which there is no room is lost. */
    fun takes(packet: Packet): Boolean {
        if (remote != null && remote != packet.source) return false
        if (receivedBytes + packet.data.remaining() <= ROOM) {
            received.addLast(packet)
            receivedBytes += packet.data.remaining()
            changed()
        }
        return true
    }

    override fun receive(target: ByteBuffer): SocketAddress? =
        whileOpen {
            requireNonBlocking()
            if (local == null) bindTo(null)
            take()?.let {
                it.data.duplicate().copyTo(target)
                it.source
            }
        }

    override fun read(target: ByteBuffer): Int = read(arrayOf(target), 0, 1).toInt()

    override fun read(
        targets: Array<ByteBuffer>,
        offset: Int,
        length: Int,
    ): Long =
        whileOpen {
            requireNonBlocking()
            if (remote == null) throw NotYetConnectedException()
            val data = take()?.data?.duplicate() ?: return 0
            val start = data.position()
            for (index in offset until offset + length) data.copyTo(targets[index])
            (data.position() - start).toLong()
        }

    private fun take(): Packet? {
        tellUnreachable()
        return received.removeFirstOrNull()?.also { receivedBytes -= it.data.remaining() }
    }

    /** What does not fit is lost. */
    private fun ByteBuffer.copyTo(target: ByteBuffer) {
        val count = min(remaining(), target.remaining())
        target.put(target.position(), this, position(), count).position(target.position() + count)
        position(position() + count)
    }

    // The rest.

    override fun <T> setOption(
        name: SocketOption<T>,
        value: T,
    ): DatagramChannel {
        whileOpen { options[name] = value }
        return this
    }

    override fun <T> getOption(name: SocketOption<T>): T = whileOpen { options[name] }

    override fun supportedOptions(): Set<SocketOption<*>> = options.names

    override fun socket(): DatagramSocket = throw noAdaptor()

    override fun join(
        group: InetAddress,
        interf: NetworkInterface,
    ): MembershipKey = throw noMulticast()

    override fun join(
        group: InetAddress,
        interf: NetworkInterface,
        source: InetAddress,
    ): MembershipKey = throw noMulticast()

    private fun noMulticast() = UnsupportedOperationException("$machine has no multicast")

    override fun implConfigureBlocking(block: Boolean) = refuseBlocking(block)

    override fun implCloseSelectableChannel() {
        machine.lock.withLock { local?.let { machine.releaseDatagrams(this, it) } }
        machine.closed(this)
    }

    override fun toString(): String = "<MemoryDatagramChannel ${if (isOpen) local ?: "not bound" else "closed"}>"

    private companion object {
        /** The most bytes of a datagram over IPv4. */
        const val MOST = 65_507

        /** The most bytes that wait to be received. */
        const val ROOM = 4 * Endpoint.WINDOW
    }
}
