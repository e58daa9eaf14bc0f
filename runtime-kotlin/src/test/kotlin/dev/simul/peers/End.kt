// SPDX-License-Identifier: Apache-2.0
package dev.simul.peers

import dev.simul.loop.getRunningLoop
import dev.simul.net.Server
import dev.simul.net.createConnection
import dev.simul.net.createServer
import dev.simul.queues.Queue
import dev.simul.streams.ByteQueue
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.sync.Event
import dev.simul.transports.BufferedProtocol
import dev.simul.transports.Protocol
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import java.io.IOException
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel

/** Our end of a connection, the same to a test in whichever [Style] it is made. */
internal interface End {
    val transport: Transport

    /** How many bytes have come that nobody has taken yet. */
    val held: Int

    /** Waits while too much is unsent. */
    suspend fun send(data: ByteArray)

    /** What comes first; nothing at the end. */
    suspend fun some(): ByteArray

    suspend fun receive(count: Int): ByteArray

    suspend fun rest(): ByteArray

    /** Waits until the connection is gone, and returns what it was lost by. */
    suspend fun lost(): Throwable?
}

internal val End.socket: SocketChannel get() = transport.getExtraInfo("socket") as SocketChannel

/** So that it is soon noticed when one end does not read. */
internal fun End.smallBuffers() {
    socket.setOption(StandardSocketOptions.SO_RCVBUF, 64 * 1024)
    socket.setOption(StandardSocketOptions.SO_SNDBUF, 64 * 1024)
}

/** Breaks the connection off, so that the peer finds it reset. */
internal fun End.reset() {
    socket.setOption(StandardSocketOptions.SO_LINGER, 0)
    transport.abort()
}

/** What an [End] is made with. */
internal enum class Style {
    STREAMS {
        override suspend fun connect(port: Int): End {
            val (reader, writer) = openConnection(LOOPBACK, port)
            return StreamsEnd(reader, writer)
        }

        override suspend fun listen(ends: Queue<End>): Server =
            startServer(LOOPBACK, 0) { reader, writer -> ends.putNowait(StreamsEnd(reader, writer)) }
    },
    PROTOCOL {
        override suspend fun connect(port: Int): End = connect(port) { CopyingEnd() }

        override suspend fun listen(ends: Queue<End>): Server = listen(ends) { CopyingEnd(it) }
    },
    BUFFERED_PROTOCOL {
        override suspend fun connect(port: Int): End = connect(port) { BufferedEnd() }

        override suspend fun listen(ends: Queue<End>): Server = listen(ends) { BufferedEnd(it) }
    }, ;

    abstract suspend fun connect(port: Int): End

    /** Listens at a free port, and puts what is made of each connection into [ends]. */
    abstract suspend fun listen(ends: Queue<End>): Server

    protected suspend fun connect(
        port: Int,
        newEnd: () -> ProtocolEnd,
    ): End = getRunningLoop().createConnection(LOOPBACK, port, protocolFactory = newEnd).protocol

    protected suspend fun listen(
        ends: Queue<End>,
        newEnd: (made: (End) -> Unit) -> ProtocolEnd,
    ): Server = getRunningLoop().createServer(LOOPBACK, 0) { newEnd(ends::putNowait) }
}

private class StreamsEnd(
    private val reader: StreamReader,
    private val writer: StreamWriter,
) : End {
    override val transport: Transport get() = writer.transport

    override val held: Int
        get() = Regex("([0-9]+) bytes").find("$reader")?.run { groupValues[1].toInt() } ?: 0

    override suspend fun send(data: ByteArray) {
        writer.write(data)
        writer.drain()
    }

    override suspend fun some(): ByteArray = reader.read(64 * 1024)

    override suspend fun receive(count: Int): ByteArray = reader.readexactly(count)

    override suspend fun rest(): ByteArray = reader.read()

    override suspend fun lost(): Throwable? =
        try {
            writer.waitClosed()
            null
        } catch (e: IOException) {
            e
        }
}

/** Keeps what comes, and receives nothing while that is much. */
internal abstract class ProtocolEnd(
    private val made: (End) -> Unit,
) : StreamingProtocol,
    End {
    final override lateinit var transport: Transport
        private set
    private val received = ByteQueue()
    private val changed = Event()
    private val writable = Event().also { it.set() }
    private var hasEnded = false
    private var isLost = false
    private var lostBy: Throwable? = null

    override val held: Int get() = received.size

    override fun connectionMade(transport: Transport) {
        this.transport = transport
        made(this)
    }

    protected fun keep(data: ByteBuffer) {
        check(!hasEnded) { "${data.remaining()} bytes have come after the end" }
        received.add(data)
        if (received.size > MOST_HELD) transport.pauseReading()
        changed.set()
    }

    override fun eofReceived(): Boolean {
        check(!hasEnded) { "there are two ends" }
        hasEnded = true
        changed.set()
        return true
    }

    override fun pauseWriting() {
        check(writable.isSet) { "paused while it is paused" }
        writable.clear()
    }

    override fun resumeWriting() {
        check(!writable.isSet) { "resumed without a pause" }
        writable.set()
    }

    override fun connectionLost(exception: Throwable?) {
        check(!isLost) { "lost twice" }
        isLost = true
        hasEnded = true
        lostBy = exception
        writable.set()
        changed.set()
    }

    override suspend fun send(data: ByteArray) {
        lostBy?.let { throw it }
        transport.write(data)
        writable.wait()
        lostBy?.let { throw it }
    }

    private suspend fun await(condition: () -> Boolean) {
        while (!condition()) {
            changed.clear()
            changed.wait()
        }
    }

    private fun take(count: Int): ByteArray {
        lostBy?.let { throw it }
        check(received.size >= count || hasEnded)
        return received.take(minOf(count, received.size)).also { if (received.size <= MOST_HELD) transport.resumeReading() }
    }

    override suspend fun some(): ByteArray {
        await { !received.isEmpty() || hasEnded }
        return take(received.size)
    }

    override suspend fun receive(count: Int): ByteArray {
        await { received.size >= count || hasEnded }
        return take(count)
    }

    override suspend fun rest(): ByteArray {
        val all = ByteQueue()
        while (true) {
            val part = some()
            if (part.isEmpty()) return all.take(all.size)
            all.add(ByteBuffer.wrap(part))
        }
    }

    override suspend fun lost(): Throwable? {
        await { isLost }
        return lostBy
    }

    companion object {
        const val MOST_HELD = 128 * 1024
    }
}

private class CopyingEnd(
    made: (End) -> Unit = {},
) : ProtocolEnd(made),
    Protocol {
    override fun dataReceived(data: ByteArray) = keep(ByteBuffer.wrap(data))
}

private class BufferedEnd(
    made: (End) -> Unit = {},
) : ProtocolEnd(made),
    BufferedProtocol {
    private val buffer = ByteBuffer.allocate(10_000)

    override fun getBuffer(sizeHint: Int): ByteBuffer = buffer.clear()

    override fun bufferUpdated(count: Int) {
        check(buffer.position() == count) { "$count bytes have come, and the position is ${buffer.position()}" }
        keep(buffer.flip())
    }
}
