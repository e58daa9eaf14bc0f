// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import java.io.IOException
import java.net.ConnectException
import java.net.InetSocketAddress
import java.net.ProtocolFamily
import java.net.Socket
import java.net.SocketAddress
import java.net.SocketException
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
    private val machine: MemoryMachine,
    private val family: ProtocolFamily,
) : SocketChannel(machine),
    Watched {
    private enum class State { UNCONNECTED, CONNECTING, CONNECTED }

    private val options = RememberedOptions.ofStream(family)
    private var state = State.UNCONNECTED
    private var local: SocketAddress? = null
    private var remote: SocketAddress? = null

    /** Whether [local] is this channel's own; the server that accepted a connection shares its address. */
    private var isBound = false

    /** Leads to the server that has not answered yet. */
    private var asked: Direction? = null
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
        machine.lock.withLock {
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
            bindTo(machine.bind(this, family, local, isShared = false))
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
                val target = machine.reachable(remote, family)
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

    /** Asks the server at [target]; [finishConnect] tells what came of it. */
    private fun seek(target: SocketAddress) {
        try {
            bindTowards(target)
            if (target !is InetSocketAddress && machine.listenerAt(target) == null) throw SocketException("No such file or directory")
            val there = Direction.open(machine, local!!, target)
            there.opposite.receiver = Answer(there)
            asked = there
            there.send(Segment.Syn)
        } catch (e: IOException) {
            fail(e)
        }
    }

    private fun bindTowards(target: SocketAddress) {
        val source = machine.sourceFor(target)
        val bound = local
        when {
            bound == null -> bindTo(machine.bind(this, family, source, isShared = false))
            bound is InetSocketAddress && bound.address.isAnyLocalAddress ->
                local = InetSocketAddress((source as InetSocketAddress).address, bound.port)
        }
    }

    /** What the server answers. Under the network's lock. */
    private inner class Answer(
        private val there: Direction,
    ) : Receiver {
        override fun receive(segment: Segment) {
            when {
                segment == Segment.Rst -> if (asked != null) fail(ConnectException("Connection refused"))
                asked == null -> there.send(Segment.Rst)
                segment == Segment.SynAck -> connected()
            }
        }

        private fun connected() {
            asked = null
            val mine = Endpoint(there, this@MemorySocketChannel::changed)
            there.opposite.receiver = mine
            endpoint = mine
            changed()
            there.send(Segment.Established)
        }

        override fun timedOut() {
            if (asked != null) fail(ConnectException("Connection timed out"))
        }
    }

    private fun fail(reason: IOException) {
        asked = null
        failure = reason
        changed()
    }

    /** A server has accepted this; [back] leads to the client. Under the network's lock. */
    fun acceptedFrom(back: Direction) {
        endpoint = Endpoint(back, ::changed)
        local = back.source
        remote = back.target
        state = State.CONNECTED
    }

    /** This end of the connection. */
    val connectedEnd: Endpoint get() = endpoint!!

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

    override fun isConnected(): Boolean = machine.lock.withLock { state == State.CONNECTED }

    override fun isConnectionPending(): Boolean = machine.lock.withLock { state == State.CONNECTING }

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
        machine.lock.withLock {
            asked?.let { giveUp(it) }
            endpoint?.let { close(it, isSelected) }
            if (isBound) machine.release(this, local!!)
        }
        machine.closed(this)
    }

    private fun giveUp(there: Direction) {
        asked = null
        there.send(Segment.Rst)
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
        machine.lock.withLock { options[StandardSocketOptions.SO_LINGER] = 0 }
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
