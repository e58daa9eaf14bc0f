// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.Future
import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.isFatal
import java.io.IOException
import java.nio.ByteBuffer

/**
 * Receives what comes out of [end], which it owns and closes.
 *
 * Source: `asyncio.unix_events._UnixReadPipeTransport`.
 */
internal class ReadPipe(
    private val loop: EventLoop,
    private val end: ReadEnd,
    override var protocol: StreamingProtocol,
) : Transport,
    Releasable {
    private val incoming = Scratch.incoming[loop]
    private var isPaused = false

    override var isClosing: Boolean = false
        private set

    override fun getExtraInfo(name: String): Any? = end.pipe.takeIf { name == "pipe" }

    /** Tells the protocol of the pipe, then begins to receive, then completes [waiter]: each in a turn's callback. */
    fun start(waiter: Future<Unit>?) {
        OpenTransports[loop].add(this)
        loop.callSoon { protocol.connectionMade(this) }
        loop.callSoon { receive() }
        if (waiter != null) loop.callSoon { if (!waiter.done()) waiter.setResult(Unit) }
    }

    override val isReading: Boolean get() = !isClosing && !isPaused

    override fun pauseReading() {
        if (!isReading) return
        isPaused = true
        end.ignore()
    }

    override fun resumeReading() {
        if (isClosing || !isPaused) return
        isPaused = false
        receive()
    }

    private fun receive() {
        if (isReading) end.listen(CallbackHandle(loop, loop.copyCurrentContext(), ::readReady))
    }

    private fun readReady() {
        if (isClosing) return
        val protocol = protocol
        if (protocol is BufferedProtocol) readInto(protocol) else incoming.use(::readBy)
    }

    private fun readInto(protocol: BufferedProtocol) {
        val buffer = call { protocol.getBuffer(-1).also(::checkRoom) } ?: return
        val count = read(buffer)
        if (count > 0) call { protocol.bufferUpdated(count) }
    }

    private fun readBy(buffer: ByteBuffer) {
        if (read(buffer) > 0) call { protocol.receive(buffer.flip()) }
    }

    /** Returns how many bytes have come; with 0 or fewer there is nothing more to do. */
    private fun read(buffer: ByteBuffer): Int =
        try {
            end.read(buffer).also { if (it < 0) ended() }
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            fail((e as? IOException)?.named() ?: e, "Fatal read error on pipe transport")
            0
        }

    /** Returns null if it failed: that has been dealt with. */
    private inline fun <R> call(block: () -> R): R? =
        try {
            block()
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            fail(e, "Fatal error: the protocol of a pipe failed to receive.")
            null
        }

    private fun ended() {
        isClosing = true
        end.ignore()
        loop.callSoon { protocol.eofReceived() }
        loop.callSoon { lose(null) }
    }

    override fun close(): Unit = loseSoon(null)

    override fun abort(): Unit = loseSoon(null)

    private fun fail(
        exception: Throwable,
        message: String,
    ) {
        loop.reportFailure(exception, message, this, protocol)
        loseSoon(exception)
    }

    private fun loseSoon(exception: Throwable?) {
        if (isClosing) return
        isClosing = true
        end.ignore()
        loop.callSoon { lose(exception) }
    }

    private fun lose(exception: Throwable?) {
        try {
            protocol.connectionLost(exception)
        } finally {
            release()
            OpenTransports[loop].remove(this)
        }
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
