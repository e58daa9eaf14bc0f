// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import java.io.IOException
import java.net.ConnectException
import java.net.InetSocketAddress
import java.net.ProtocolFamily
import java.net.Socket
import java.net.SocketAddress
import java.net.SocketOption
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.AlreadyBoundException
import java.nio.channels.AlreadyConnectedException
import java.nio.channels.ClosedChannelException
import java.nio.channels.ConnectionPendingException
import java.nio.channels.IllegalBlockingModeException
import java.nio.channels.NoConnectionPendingException
import java.nio.channels.NotYetConnectedException
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.SocketChannel
import java.util.Objects
import kotlin.concurrent.withLock

/** A socket of a [MemoryNetwork]: the NIO contract around an [Endpoint]. */
internal class MemorySocketChannel(
    private val network: MemoryNetwork,
    private val family: ProtocolFamily,
) : SocketChannel(network),
    Watched {
    private enum class State { UNCONNECTED, CONNECTING, CONNECTED }

    private val options = RememberedOptions.ofStream(family)
    private var state = State.UNCONNECTED
    private var local: SocketAddress? = null
    private var remote: SocketAddress? = null

    /** Whether [local] is this channel's own; the server that accepted a connection shares its address. */
    private var isBound = false

    /** The server that has no room for this connection yet. */
    private var server: MemoryServerSocketChannel? = null
    private var endpoint: Endpoint? = null
    private var failure: IOException? = null

    override val watchers: MutableList<MemoryKey> = ArrayList(1)

    override val readyNow: Int
        get() =
            when (state) {
                State.UNCONNECTED -> 0
                State.CONNECTING -> if (endpoint != null || failure != null) SelectionKey.OP_CONNECT else 0
                State.CONNECTED -> endpoint!!.readyNow
            }

    private inline fun <R> whileOpen(block: () -> R): R =
        network.lock.withLock {
            if (!isOpen) throw ClosedChannelException()
            block()
        }

    private inline fun <R> whileConnected(block: (Endpoint) -> R): R =
        whileOpen {
            if (state != State.CONNECTED) throw NotYetConnectedException()
            block(endpoint!!)
        }

    // Connecting.

    override fun bind(local: SocketAddress?): SocketChannel {
        whileOpen {
            if (this.local != null) throw AlreadyBoundException()
            if (state == State.CONNECTING) throw ConnectionPendingException()
            bindTo(network.bind(this, family, local, isShared = false))
        }
        return this
    }

    private fun bindTo(address: SocketAddress) {
        local = address
        isBound = true
    }

    override fun connect(remote: SocketAddress): Boolean {
        try {
            whileOpen {
                if (state == State.CONNECTED) throw AlreadyConnectedException()
                if (state == State.CONNECTING) throw ConnectionPendingException()
                requireNonBlocking()
                val target = network.reachable(remote, family)
                this.remote = target
                state = State.CONNECTING
                seek(target)
            }
        } catch (e: IOException) {
            close()
            throw e
        }
        return false
    }

    /** Finds a server at [target]; [finishConnect] tells what came of it. */
    private fun seek(target: SocketAddress) {
        try {
            bindTowards(target)
            network.listenerAt(target).also { server = it }.offer(this)
        } catch (e: IOException) {
            failure = e
            changed()
        }
    }

    private fun bindTowards(target: SocketAddress) {
        val source = network.sourceFor(target)
        val bound = local
        when {
            bound == null -> bindTo(network.bind(this, family, source, isShared = false))
            bound is InetSocketAddress && bound.address.isAnyLocalAddress ->
                local = InetSocketAddress((source as InetSocketAddress).address, bound.port)
        }
    }

    /** Connects this to [far], a new channel of the server's, which it returns. Under the network's lock, as [refused]. */
    fun connectedTo(far: MemorySocketChannel): MemorySocketChannel {
        val (mine, its) = Endpoint.pair(::changed, far::changed)
        server = null
        endpoint = mine
        far.endpoint = its
        far.local = remote
        far.remote = local
        far.state = State.CONNECTED
        changed()
        return far
    }

    fun refused() {
        server = null
        failure = ConnectException("Connection refused")
        changed()
    }

    override fun finishConnect(): Boolean {
        try {
            return whileOpen {
                if (state == State.CONNECTED) return true
                if (state == State.UNCONNECTED) throw NoConnectionPendingException()
                failure?.let { throw it }
                if (endpoint == null) return false
                state = State.CONNECTED
                changed()
                true
            }
        } catch (e: IOException) {
            close()
            throw e
        }
    }

    override fun isConnected(): Boolean = network.lock.withLock { state == State.CONNECTED }

    override fun isConnectionPending(): Boolean = network.lock.withLock { state == State.CONNECTING }

    override fun getRemoteAddress(): SocketAddress? = whileOpen { remote }

    override fun getLocalAddress(): SocketAddress? = whileOpen { local }

    // Connected.

    override fun read(target: ByteBuffer): Int =
        whileConnected {
            requireNonBlocking()
            it.read(target)
        }

    override fun read(
        targets: Array<ByteBuffer>,
        offset: Int,
        length: Int,
    ): Long = each(targets, offset, length) { read(it) }

    override fun write(source: ByteBuffer): Int =
        whileConnected {
            requireNonBlocking()
            if (it.isOutputShut) throw ClosedChannelException()
            it.write(source)
        }

    override fun write(
        sources: Array<ByteBuffer>,
        offset: Int,
        length: Int,
    ): Long = each(sources, offset, length) { write(it) }

    /** Adds up what [transfer] does, until a buffer is not used up. */
    private inline fun each(
        buffers: Array<ByteBuffer>,
        offset: Int,
        length: Int,
        transfer: (ByteBuffer) -> Int,
    ): Long {
        Objects.checkFromIndexSize(offset, length, buffers.size)
        var total = 0L
        for (index in offset until offset + length) {
            if (index > offset && !buffers[index].hasRemaining()) continue
            val count = transfer(buffers[index])
            if (count < 0) return if (total == 0L) count.toLong() else total
            total += count
            if (buffers[index].hasRemaining()) break
        }
        return total
    }

    override fun shutdownInput(): SocketChannel {
        whileConnected { it.shutdownInput() }
        return this
    }

    override fun shutdownOutput(): SocketChannel {
        whileConnected { it.shutdownOutput() }
        return this
    }

    // The rest.

    override fun <T> setOption(
        name: SocketOption<T>,
        value: T,
    ): SocketChannel {
        whileOpen { options[name] = value }
        return this
    }

    override fun <T> getOption(name: SocketOption<T>): T = whileOpen { options[name] }

    override fun supportedOptions(): Set<SocketOption<*>> = options.names

    override fun socket(): Socket = throw noAdaptor()

    override fun implConfigureBlocking(block: Boolean) = refuseBlocking(block)

    override fun implCloseSelectableChannel() {
        val isSelected = isRegistered
        network.lock.withLock {
            server?.withdraw(this)
            endpoint?.let { close(it, isSelected) }
            if (isBound) network.release(this, local!!)
        }
        network.closed(this)
    }

    /** Before it closes a channel that is selected, the JDK ends the stream: the peer finds that end, and only then a reset. */
    private fun close(
        endpoint: Endpoint,
        isSelected: Boolean,
    ) {
        if (options[StandardSocketOptions.SO_LINGER] == 0) return endpoint.abort()
        if (isSelected) endpoint.shutdownOutput()
        endpoint.close()
    }

    /** Closes it so that the other end finds it reset. */
    fun abort() {
        network.lock.withLock { options[StandardSocketOptions.SO_LINGER] = 0 }
        close()
    }

    override fun toString(): String =
        when {
            !isOpen -> "<MemorySocketChannel closed>"
            state == State.UNCONNECTED -> "<MemorySocketChannel ${local ?: "not bound"}>"
            else -> "<MemorySocketChannel $local to $remote${if (state == State.CONNECTING) ", connecting" else ""}>"
        }
}

/** Called before what would block. */
internal fun SelectableChannel.requireNonBlocking() {
    if (isBlocking) throw IllegalBlockingModeException()
}

internal fun SelectableChannel.refuseBlocking(block: Boolean) {
    if (block) throw UnsupportedOperationException("$this does not block: a loop waits for it")
}

internal fun SelectableChannel.noAdaptor() = UnsupportedOperationException("$this has no java.net socket: use the channel")
