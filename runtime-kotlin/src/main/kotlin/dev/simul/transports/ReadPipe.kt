// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.SingleWaiter
import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import java.nio.ByteBuffer

/**
 * Receives bytes from [end], which it owns and closes.
 *
 * Source: `asyncio.unix_events._UnixReadPipeTransport`.
 */
internal class ReadPipe(
    loop: EventLoop,
    private val end: ReadEnd,
    override var protocol: StreamingProtocol,
) : ReceivingTransport(loop) {
    override val kind get() = "pipe"

    override var isClosing: Boolean = false
        private set

    override fun getExtraInfo(name: String): Any? = end.pipe.takeIf { name == "pipe" }

    /** Calls the protocol's `connectionMade`, then begins to receive, then completes [waiter]: each in a callback of its own. */
    fun start(waiter: SingleWaiter?): Unit = begin(loop, waiter, { protocol.connectionMade(this) }, { receive() })

    override fun listen(handle: CallbackHandle) = end.listen(handle)

    override fun ignore() = end.ignore()

    override fun read(buffer: ByteBuffer): Int = end.read(buffer)

    override fun ended() {
        isClosing = true
        end.ignore()
        loop.callInOrder { protocol.eofReceived() }
        loop.callInOrder { lose(null) }
    }

    override fun close(): Unit = forceClose(null)

    override fun forceClose(exception: Throwable?) {
        if (isClosing) return
        isClosing = true
        end.ignore()
        loop.callInOrder { lose(exception) }
    }

    private fun lose(exception: Throwable?) {
        end(loop) { protocol.connectionLost(exception) }
    }

    override fun release() {
        isClosing = true
        end.close()
    }

    // There is no other direction.

    override fun write(data: ByteBuffer): Unit = readOnly("write")

    override fun canWriteEof(): Boolean = false

    override fun writeEof(): Unit = readOnly("writeEof")

    override val writeBufferSize: Int get() = 0

    override val writeBufferLimits: WriteBufferLimits get() = readOnly("writeBufferLimits")

    override fun setWriteBufferLimits(
        high: Int?,
        low: Int?,
    ): Unit = readOnly("setWriteBufferLimits")

    private fun readOnly(what: String): Nothing =
        throw UnsupportedOperationException("$this is a pipe for reading, it has no $what: connect one for writing")

    override fun toString(): String = if (isClosing) "<ReadPipe $end closing>" else "<ReadPipe $end>"
}
