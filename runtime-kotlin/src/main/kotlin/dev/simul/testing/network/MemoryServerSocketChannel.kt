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
    private val machine: MemoryMachine,
    private val family: ProtocolFamily,
) : ServerSocketChannel(machine),
    Watched {
    private val options = RememberedOptions.ofServer(family)
    private var address: SocketAddress? = null
    private var backlog = DEFAULT_BACKLOG
    private val established = ArrayDeque<MemorySocketChannel>()

    /** Those that have been answered; each of them has a place among the [established]. */
    private val opening = LinkedHashSet<Attempt>()
    private val waiting = ArrayDeque<Attempt>()

    override val watchers: MutableList<MemoryKey> = ArrayList(1)

    override val readyNow: Int get() = if (established.isEmpty()) 0 else SelectionKey.OP_ACCEPT

    private inline fun <R> whileOpen(block: () -> R): R =
        machine.lock.withLock {
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
            address = machine.bind(this, family, local, isShared)
            if (backlog > 0) this.backlog = backlog
        }
        return this
    }

    /** Answers [attempt] as soon as there is room for its connection. Under the network's lock, as [withdraw] and [established]. */
    fun offer(attempt: Attempt) {
        waiting.addLast(attempt)
        answer()
    }

    /** The client does not want to be connected any longer. */
    fun withdraw(attempt: Attempt) {
        waiting.remove(attempt)
        if (opening.remove(attempt)) answer()
    }

    private fun answer() {
        while (established.size + opening.size < backlog && waiting.isNotEmpty()) {
            val attempt = waiting.removeFirst()
            opening += attempt
            attempt.answer(MemorySocketChannel(machine, family))
        }
    }

    /** The client of [attempt] knows that it is connected to [channel]. */
    fun established(
        attempt: Attempt,
        channel: MemorySocketChannel,
    ) {
        opening -= attempt
        established.addLast(channel)
        changed()
    }

    override fun accept(): SocketChannel? {
        val accepted =
            whileOpen {
                if (address == null) throw NotYetBoundException()
                requireNonBlocking()
                established.removeFirstOrNull()?.also { answer() }
            }
        return accepted?.also(machine::opened)
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
            machine.lock.withLock {
                address?.let { machine.release(this, it) }
                val refused = opening + waiting
                opening.clear()
                waiting.clear()
                refused.forEach { it.refuse() }
                established.toList().also { established.clear() }
            }
        lost.forEach { it.abort() }
        machine.closed(this)
    }

    override fun toString(): String = "<MemoryServerSocketChannel ${if (isOpen) address ?: "not bound" else "closed"}>"

    private companion object {
        const val DEFAULT_BACKLOG = 50
    }
}
