// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.Future
import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.isFatal
import java.io.IOException
import java.nio.ByteBuffer

/**
 * Sends into [end], which it owns and closes.
 *
 * Source: `asyncio.unix_events._UnixWritePipeTransport`.
 */
internal class WritePipe(
    private val loop: EventLoop,
    private val end: WriteEnd,
    override var protocol: StreamingProtocol,
) : Transport,
    Releasable {
    private val outgoing = Scratch.outgoing[loop]
    private val flow = WriteFlow(loop, this) { protocol }
    private val backlog = Backlog()
    private var isWaiting = false
    private var isLost = false
    private var dropped = 0

    override var isClosing: Boolean = false
        private set

    override fun getExtraInfo(name: String): Any? = end.pipe.takeIf { name == "pipe" }

    /** Tells the protocol of the pipe, then completes [waiter]: each in a turn's callback. */
    fun start(waiter: Future<Unit>?) {
        OpenTransports[loop].add(this)
        loop.callSoon { protocol.connectionMade(this) }
        if (waiter != null) loop.callSoon { if (!waiter.done()) waiter.setResult(Unit) }
    }

    override val writeBufferSize: Int get() = backlog.size + end.unsent

    override val writeBufferLimits: WriteBufferLimits get() = flow.limits

    override fun setWriteBufferLimits(
        high: Int?,
        low: Int?,
    ): Unit = flow.setLimits(high, low, writeBufferSize)

    override fun write(data: ByteBuffer) {
        if (!data.hasRemaining()) return
        if (isClosing) return drop(data)
        backlog.add(data)
        if (!isWaiting && !send()) return
        if (!isWaiting && writeBufferSize > 0) waitUntilSent()
        flow.grown(writeBufferSize)
    }

    private fun drop(data: ByteBuffer): Unit = drop(data, dropped++, "written: it is closed, or nobody reads from it")

    /** Sends what the pipe takes now. Returns false if that failed. */
    private fun send(): Boolean {
        try {
            outgoing.use { backlog.sendTo(end, it) }
            return true
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            fail((e as? IOException)?.named() ?: e)
            return false
        }
    }

    private fun waitUntilSent() {
        isWaiting = true
        end.listen(CallbackHandle(loop, loop.copyCurrentContext(), ::writeReady))
    }

    private fun stopWaiting() {
        isWaiting = false
        end.ignore()
    }

    private fun writeReady() {
        if (isLost || !send()) return
        flow.shrunk(writeBufferSize) // which may write again
        if (isLost) return
        if (writeBufferSize > 0) return waitUntilSent()
        stopWaiting()
        if (isClosing) lose(null)
    }

    override fun canWriteEof(): Boolean = true

    override fun writeEof(): Unit = close()

    override fun close() {
        if (isClosing) return
        isClosing = true
        if (writeBufferSize == 0) loseSoon(null)
    }

    override fun abort(): Unit = loseSoon(null)

    private fun fail(exception: Throwable) {
        loop.reportFailure(exception, "Fatal write error on pipe transport", this, protocol)
        loseSoon(exception)
    }

    private fun loseSoon(exception: Throwable?) {
        if (isLost) return
        isLost = true
        isClosing = true
        backlog.clear()
        stopWaiting()
        loop.callSoon { lose(exception) }
    }

    private fun lose(exception: Throwable?) {
        isLost = true
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
