// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.isFatal
import java.io.IOException
import java.nio.ByteBuffer

/** The receiving half of a transport of bytes: it begins, pauses and resumes, and passes received bytes to the protocol. */
internal abstract class ReceivingTransport(
    val loop: EventLoop,
) : Transport,
    Releasable,
    ProtocolCaller {
    private val buffers = BufferPool[loop]
    private var isPaused = false

    /** Describes what it receives from. */
    protected abstract val kind: String

    /** Runs [handle] in each turn in which there is something to [read], until [ignore]. */
    protected abstract fun listen(handle: CallbackHandle)

    protected abstract fun ignore()

    /** Returns how many bytes were read into [buffer]: 0 if there are none now, -1 if there will be no more. */
    protected abstract fun read(buffer: ByteBuffer): Int

    /** Called at the end of the stream. */
    protected abstract fun ended()

    /** Closes it at once, because of [exception] if there is one; does nothing if that has begun. */
    protected abstract fun forceClose(exception: Throwable?)

    final override fun abort(): Unit = forceClose(null)

    final override fun fail(
        exception: Throwable,
        message: String,
    ) {
        loop.reportFailure(exception, message, this, protocol)
        forceClose(exception)
    }

    final override val isReading: Boolean get() = !isClosing && !isPaused

    final override fun pauseReading() {
        if (!isReading) return
        isPaused = true
        ignore()
    }

    final override fun resumeReading() {
        if (isClosing || !isPaused) return
        isPaused = false
        receive()
    }

    /** Begins to receive, unless it is paused or closing. */
    protected open fun receive() {
        if (isReading) listen(CallbackHandle(loop, loop.copyCurrentContext()) { readReady() })
    }

    private fun readReady() {
        if (isClosing) return
        when (val protocol = protocol) {
            is BufferedProtocol -> receiveInto(protocol, buffers, ::readOrFail)
            else -> buffers.use { if (readOrFail(it) > 0) give(protocol, it.flip(), buffers) }
        }
    }

    /** Returns how many bytes were read; if 0 or fewer, there is nothing more to do. */
    private fun readOrFail(buffer: ByteBuffer): Int =
        try {
            read(buffer).also { if (it < 0) ended() }
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            fail((e as? IOException)?.classified() ?: e, "Fatal read error on $kind transport")
            0
        }
}
