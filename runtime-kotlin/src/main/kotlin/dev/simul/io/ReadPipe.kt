package dev.simul.io

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
    private val context = loop.copyCurrentContext()
    private val incoming = Scratch.incoming[loop]
    private var isPaused = false

    override var isClosing: Boolean = false
        private set

    override fun getExtraInfo(name: String): Any? = end.pipe.takeIf { name == "pipe" }

    /** Tells the protocol of the pipe, then begins to receive, then completes [waiter]: each in a turn's callback. */
    fun start(waiter: Future<Unit>?) {
        OpenTransports[loop].add(this)
        loop.callSoon(context) { protocol.connectionMade(this) }
        loop.callSoon(context) { receive() }
        if (waiter != null) loop.callSoon(context) { if (!waiter.done()) waiter.setResult(Unit) }
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
        if (isReading) end.listen(CallbackHandle(loop, context, ::readReady))
    }

    private fun readReady() {
        if (!isClosing) incoming.use(::read)
    }

    private fun read(buffer: ByteBuffer) {
        val count =
            try {
                end.read(buffer)
            } catch (e: Exception) {
                return fail((e as? IOException)?.named() ?: e, "Fatal read error on pipe transport")
            }
        if (count < 0) return ended()
        try {
            protocol.receive(buffer.flip())
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            fail(e, "Fatal error: the protocol of a pipe failed to receive.")
        }
    }

    private fun ended() {
        isClosing = true
        end.ignore()
        loop.callSoon(context) { protocol.eofReceived() }
        loop.callSoon(context) { lose(null) }
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
        loop.callSoon(context) { lose(exception) }
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

    override val canWriteEof: Boolean get() = false

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
