// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.SingleWaiter
import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.Watch
import java.io.IOException
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.net.SocketException
import java.nio.ByteBuffer
import java.nio.channels.DatagramChannel
import java.nio.channels.UnsupportedAddressTypeException

/**
 * Datagrams over a [channel], which it owns and closes.
 *
 * Source: `asyncio.selector_events._SelectorDatagramTransport`.
 *
 * @param address the only address to send to; null for any. The channel may or may not be connected to it.
 * @param system sends as many bytes of a datagram as the system takes now: all or none.
 */
internal class DatagramChannelTransport(
    private val loop: EventLoop,
    private val channel: DatagramChannel,
    override var protocol: DatagramProtocol,
    private val address: SocketAddress?,
    private val system: (ByteBuffer, SocketAddress) -> Int = channel::send,
) : DatagramTransport,
    Releasable {
    private val watch = Watch.ofFree(loop, channel).also { it.owner = this }
    private val buffers = BufferPool[loop]
    private val flow = WriteFlow(loop, this) { protocol }
    private val unsent = ArrayDeque<Unsent>()
    private val sockname = channel.localAddress
    private val peername = channel.remoteAddress

    /** How often the endpoint was found to be lost. */
    private var lost = 0

    override var writeBufferSize: Int = 0
        private set

    override var isClosing: Boolean = false
        private set

    private class Unsent(
        val data: ByteBuffer,
        val address: SocketAddress,
    ) {
        val size = data.remaining() + HEADER_SIZE
    }

    override fun getExtraInfo(name: String): Any? =
        when (name) {
            "socket" -> channel
            "sockname" -> sockname
            "peername" -> peername
            else -> null
        }

    /** Calls the protocol's `connectionMade`, then begins to receive, then completes [waiter]: each in a callback of its own. */
    fun start(waiter: SingleWaiter): Unit = begin(loop, waiter, { protocol.connectionMade(this) }, { receive() })

    private fun receive() {
        if (!isClosing) watch.read(CallbackHandle(loop, loop.copyCurrentContext(), ::readReady))
    }

    private fun readReady() {
        if (lost > 0) return
        buffers.use { buffer ->
            val sender =
                try {
                    channel.receive(buffer) ?: return
                } catch (e: IOException) {
                    return protocol.errorReceived(e)
                }
            protocol.datagramReceived(buffer.flip(), sender)
        }
    }

    // Sending.

    override val writeBufferLimits: WriteBufferLimits get() = flow.limits

    override fun setWriteBufferLimits(
        high: Int?,
        low: Int?,
    ): Unit = flow.setLimits(high, low, writeBufferSize)

    override fun sendto(
        data: ByteBuffer,
        addr: SocketAddress?,
    ) {
        val target = target(addr)
        if (!data.hasRemaining() && peername != null) {
            throw UnsupportedOperationException(
                "the JDK sends no empty datagrams by a connected channel: create the endpoint without a remote address, and name it here",
            )
        }
        when {
            lost > 0 -> drop(data)
            unsent.isNotEmpty() -> keep(data, target)
            !send(data, target) -> {
                watch.write(CallbackHandle(loop, loop.copyCurrentContext(), ::writeReady))
                keep(data, target)
            }
        }
    }

    private fun target(addr: SocketAddress?): SocketAddress {
        require(addr == null || address == null || addr == address) { "Invalid address $addr: must be null or $address" }
        val target = requireNotNull(addr ?: address) { "addr is null, and the endpoint has no remote address: say where to send this" }
        require(target !is InetSocketAddress || !target.isUnresolved) { "$target has no IP address: ask getaddrinfo for it before" }
        return target
    }

    private fun drop(data: ByteBuffer): Unit = drop(data, lost++, "sent: it is closed")

    private fun keep(
        data: ByteBuffer,
        target: SocketAddress,
    ) {
        val datagram = Unsent(ByteBuffer.allocate(data.remaining()).put(data).flip(), target)
        unsent.addLast(datagram)
        writeBufferSize += datagram.size
        flow.grown(writeBufferSize)
    }

    /** Returns whether the datagram is done: the system took or refused it. */
    private fun send(
        data: ByteBuffer,
        target: SocketAddress,
    ): Boolean {
        val failure =
            try {
                val isSent = system(data, target) > 0 || !data.hasRemaining()
                loop.poller.expectNews()
                return isSent
            } catch (e: IOException) {
                e
            } catch (e: UnsupportedAddressTypeException) {
                SocketException("Address family not supported by this endpoint: $target").apply { initCause(e) }
            }
        data.position(data.limit())
        protocol.errorReceived(failure)
        return true
    }

    private fun writeReady() {
        if (lost > 0) return
        while (unsent.isNotEmpty()) {
            // The protocol, if it is told of an error, may throw, send or abort.
            val datagram = unsent.removeFirst()
            writeBufferSize -= datagram.size
            if (send(datagram.data, datagram.address)) continue
            unsent.addFirst(datagram)
            writeBufferSize += datagram.size
            break
        }
        if (lost > 0) return
        flow.shrunk(writeBufferSize) // which may send again, or close
        if (unsent.isNotEmpty() || lost > 0) return
        watch.stopWriting()
        if (isClosing) lose()
    }

    // The end.

    override fun close() {
        if (isClosing) return
        isClosing = true
        watch.stopReading()
        if (unsent.isEmpty()) loseSoon()
    }

    override fun abort() {
        if (lost > 0) return
        unsent.clear()
        writeBufferSize = 0
        isClosing = true
        watch.stopReading()
        loseSoon()
    }

    private fun loseSoon() {
        lost++
        watch.stopWriting()
        loop.callInOrder { lose() }
    }

    private fun lose() {
        lost++
        end(loop) { protocol.connectionLost(null) }
    }

    override fun release() {
        isClosing = true
        watch.end()
        channel.close()
    }

    override fun toString(): String =
        buildString {
            append("<DatagramChannelTransport ").append(sockname)
            if (address != null) append(" to ").append(address)
            if (isClosing) append(" closing")
            if (unsent.isNotEmpty()) append(", unsent: ").append(unsent.size)
            append('>')
        }

    private companion object {
        const val HEADER_SIZE = 8
    }
}
