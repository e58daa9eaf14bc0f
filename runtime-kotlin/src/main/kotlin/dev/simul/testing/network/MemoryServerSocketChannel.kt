// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import java.net.ProtocolFamily
import java.net.ServerSocket
import java.net.SocketAddress
import java.net.SocketOption
import java.net.StandardSocketOptions
import java.nio.channels.AlreadyBoundException
import java.nio.channels.ClosedChannelException
import java.nio.channels.NotYetBoundException
import java.nio.channels.SelectionKey
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import kotlin.concurrent.withLock

/** Listens on a [MemoryNetwork]. Connections beyond its backlog are not made until there is room, as with Linux. */
internal class MemoryServerSocketChannel(
    private val network: MemoryNetwork,
    private val family: ProtocolFamily,
) : ServerSocketChannel(network),
    Watched {
    private val options = RememberedOptions.ofServer(family)
    private var address: SocketAddress? = null
    private var backlog = DEFAULT_BACKLOG
    private val established = ArrayDeque<MemorySocketChannel>()
    private val waiting = ArrayDeque<MemorySocketChannel>()

    override val watchers: MutableList<MemoryKey> = ArrayList(1)

    override val readyNow: Int get() = if (established.isEmpty()) 0 else SelectionKey.OP_ACCEPT

    private inline fun <R> whileOpen(block: () -> R): R =
        network.lock.withLock {
            if (!isOpen) throw ClosedChannelException()
            block()
        }

    override fun bind(
        local: SocketAddress?,
        backlog: Int,
    ): ServerSocketChannel {
        whileOpen {
            if (address != null) throw AlreadyBoundException()
            val isShared = StandardSocketOptions.SO_REUSEPORT in options.names && options[StandardSocketOptions.SO_REUSEPORT]
            address = network.bind(this, family, local, isShared)
            if (backlog > 0) this.backlog = backlog
        }
        return this
    }

    /** Makes a connection to [client], as soon as there is room for it. Under the network's lock, as [withdraw]. */
    fun offer(client: MemorySocketChannel) {
        waiting.addLast(client)
        establish()
    }

    /** The client does not want to be connected any longer. */
    fun withdraw(client: MemorySocketChannel) {
        waiting.remove(client)
    }

    private fun establish() {
        while (established.size < backlog && waiting.isNotEmpty()) {
            established.addLast(waiting.removeFirst().connectedTo(MemorySocketChannel(network, family)))
            changed()
        }
    }

    override fun accept(): SocketChannel? {
        val accepted =
            whileOpen {
                if (address == null) throw NotYetBoundException()
                requireNonBlocking()
                established.removeFirstOrNull()?.also { establish() }
            }
        return accepted?.also(network::opened)
    }

    override fun getLocalAddress(): SocketAddress? = whileOpen { address }

    override fun <T> setOption(
        name: SocketOption<T>,
        value: T,
    ): ServerSocketChannel {
        whileOpen { options[name] = value }
        return this
    }

    override fun <T> getOption(name: SocketOption<T>): T = whileOpen { options[name] }

    override fun supportedOptions(): Set<SocketOption<*>> = options.names

    override fun socket(): ServerSocket = throw noAdaptor()

    override fun implConfigureBlocking(block: Boolean) = refuseBlocking(block)

    override fun implCloseSelectableChannel() {
        val lost =
            network.lock.withLock {
                address?.let { network.release(this, it) }
                waiting.forEach { it.refused() }
                waiting.clear()
                established.toList().also { established.clear() }
            }
        lost.forEach { it.abort() }
        network.closed(this)
    }

    override fun toString(): String = "<MemoryServerSocketChannel ${if (isOpen) address ?: "not bound" else "closed"}>"

    private companion object {
        const val DEFAULT_BACKLOG = 50
    }
}
