// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import java.io.IOException
import java.net.SocketException
import java.nio.ByteBuffer
import java.nio.channels.SelectionKey.OP_READ
import java.nio.channels.SelectionKey.OP_WRITE
import kotlin.math.min

/**
 * One end of an established connection, as TCP keeps it. Guarded by the network's lock.
 *
 * @param link leads to the other end.
 * @param changed called when it may have become ready to read or write.
 */
internal class Endpoint(
    private val link: Direction,
    private val changed: () -> Unit,
) : Receiver {
    private val unread = ArrayDeque<ByteBuffer>()

    /** How many bytes were sent that the other end has not read yet. */
    private var outstanding = 0

    private var isEnded = false
    private var isClosed = false
    private var isAborted = false
    private var isInputShut = false

    /** Whether the connection is broken off: by a reset, or because it [isTimedOut]. */
    private var isReset = false
    private var isTimedOut = false

    /** Whether a call has reported the reset; the next write finds a broken pipe. */
    private var isResetTold = false

    var isOutputShut = false
        private set

    private val room get() = WINDOW - outstanding

    val readyNow: Int
        get() {
            val readable = unread.isNotEmpty() || isEnded || isReset || isInputShut
            val writable = room > 0 || isReset || isOutputShut
            return (if (readable) OP_READ else 0) or (if (writable) OP_WRITE else 0)
        }

    override fun receive(segment: Segment) {
        if (isClosed || isTimedOut) {
            if (isUnexpected(segment)) link.send(Segment.Rst)
            return
        }
        when (segment) {
            is Segment.Bytes -> unread.addLast(segment.bytes)
            is Segment.Ack -> outstanding -= segment.count
            Segment.Fin -> isEnded = true
            Segment.Rst -> isReset = true
            else -> return
        }
        changed()
    }

    /** Whether [segment] is answered by a reset, now that nobody reads it. What was closed in order still awaits the end of the stream. */
    private fun isUnexpected(segment: Segment): Boolean =
        segment is Segment.Bytes || segment == Segment.Probe || (segment == Segment.Fin && (isAborted || isTimedOut))

    override fun timedOut() {
        if (isReset) return
        isTimedOut = true
        isReset = true
        if (!isClosed) changed()
    }

    /**
     * As `SocketChannel.read`. What came before the end or the reset is read first.
     *
     * @throws SocketException if the connection is broken off.
     */
    fun read(target: ByteBuffer): Int {
        if (isInputShut) return END
        if (!target.hasRemaining()) return 0
        if (unread.isNotEmpty()) return take(target).also { link.send(Segment.Ack(it)) }
        if (isEnded) return END
        if (!isReset) return 0
        isResetTold = true
        throw SocketException(if (isTimedOut) TIMED_OUT else "Connection reset")
    }

    private fun take(target: ByteBuffer): Int {
        val start = target.position()
        while (target.hasRemaining() && unread.isNotEmpty()) {
            val first = unread.first()
            val count = min(first.remaining(), target.remaining())
            target.put(target.position(), first, first.position(), count).position(target.position() + count)
            first.position(first.position() + count)
            if (!first.hasRemaining()) unread.removeFirst()
        }
        return target.position() - start
    }

    /**
     * Sends as much of [source] as there is room for; returns how many bytes.
     *
     * @throws IOException if the connection is broken off.
     */
    fun write(source: ByteBuffer): Int {
        if (isReset) throw brokenOff()
        val most = min(room, source.remaining())
        if (most == 0) return 0
        val count = link.mostToWrite(most)
        val bytes = ByteBuffer.allocate(count).put(0, source, source.position(), count)
        source.position(source.position() + count)
        outstanding += count
        link.send(Segment.Bytes(bytes))
        return count
    }

    /** After the end of the stream, the system does not report a reset as such. */
    private fun brokenOff(): IOException {
        val isFirst = !isResetTold && !isEnded
        isResetTold = true
        return SocketException(
            if (!isFirst) {
                "Broken pipe"
            } else if (isTimedOut) {
                TIMED_OUT
            } else {
                "Connection reset by peer"
            },
        )
    }

    fun shutdownInput() {
        isInputShut = true
        changed()
    }

    fun shutdownOutput() {
        if (isOutputShut) return
        isOutputShut = true
        if (!isReset) link.send(Segment.Fin)
        changed()
    }

    /** Ends the connection; as with TCP, it is reset if something that was received is not read. */
    fun close() {
        if (unread.isNotEmpty()) return abort()
        if (!isReset && !isOutputShut) link.send(Segment.Fin)
        isClosed = true
    }

    /** Resets the connection. */
    fun abort() {
        if (!isReset) link.send(Segment.Rst)
        unread.clear()
        isClosed = true
        isAborted = true
    }

    companion object {
        /** The most bytes that are sent and not read yet. */
        const val WINDOW = 64 * 1024

        private const val END = -1
        private const val TIMED_OUT = "Connection timed out"
    }
}
