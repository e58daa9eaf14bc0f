// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.SingleWaiter
import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import java.nio.ByteBuffer

/**
 * Sends bytes to [end], which it owns and closes.
 *
 * Source: `asyncio.unix_events._UnixWritePipeTransport`.
 */
internal class WritePipe(
    override val loop: EventLoop,
    private val end: WriteEnd,
    override var protocol: StreamingProtocol,
) : SendingTransport,
    Releasable {
    override val sending: Sending = Sending(this)
    private var isLost = false
    private var dropped = 0

    override var isClosing: Boolean = false
        private set

    override fun getExtraInfo(name: String): Any? = end.pipe.takeIf { name == "pipe" }

    /** Calls the protocol's `connectionMade`, then completes [waiter]: each in a callback of its own. */
    fun start(waiter: SingleWaiter?): Unit = begin(loop, waiter, { protocol.connectionMade(this) })

    override fun write(data: ByteBuffer) {
        if (!data.hasRemaining()) return
        if (isClosing) return drop(data)
        sending.write(data)
    }

    private fun drop(data: ByteBuffer): Unit = drop(data, dropped++, "written: it is closed, or nobody reads from it")

    override fun send(buffer: ByteBuffer): Int = end.write(buffer)

    override val unsent: Int get() = end.unsent

    override fun awaitRoom(handle: CallbackHandle) = end.listen(handle)

    override fun ignoreRoom() = end.ignore()

    override fun sentAll() {
        if (isClosing) lose(null)
    }

    override fun sendingFailed(exception: Throwable) {
        loop.reportFailure(exception, "Fatal write error on pipe transport", this, protocol)
        loseSoon(exception)
    }

    override fun canWriteEof(): Boolean = true

    override fun writeEof(): Unit = close()

    override fun close() {
        if (isClosing) return
        isClosing = true
        if (writeBufferSize == 0) loseSoon(null)
    }

    override fun abort(): Unit = loseSoon(null)

    private fun loseSoon(exception: Throwable?) {
        if (isLost) return
        isLost = true
        isClosing = true
        sending.clear()
        end.ignore()
        loop.callInOrder { lose(exception) }
    }

    private fun lose(exception: Throwable?) {
        isLost = true
        end(loop) { protocol.connectionLost(exception) }
    }

    override fun release() {
        isClosing = true
        end.close()
    }

    // There is no other direction.

    override val isReading: Boolean get() = false

    override fun pauseReading(): Unit = writeOnly("pauseReading")

    override fun resumeReading(): Unit = writeOnly("resumeReading")

    private fun writeOnly(what: String): Nothing =
        throw UnsupportedOperationException("$this is a pipe for writing, it has no $what: connect one for reading")

    override fun toString(): String =
        buildString {
            append("<WritePipe ").append(end)
            if (isClosing) append(" closing")
            if (writeBufferSize > 0) append(", unsent: ").append(writeBufferSize)
            append('>')
        }
}
