// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.isFatal
import java.io.IOException
import java.nio.ByteBuffer

/** A transport that sends bytes, by [Sending]. */
internal interface SendingTransport : Transport {
    val loop: EventLoop

    /** Takes as many bytes of [buffer] as it can now; returns how many. */
    fun send(buffer: ByteBuffer): Int

    /** How many bytes it has taken, and not yet given to the system. */
    val unsent: Int get() = 0

    /** Has [handle] run in each turn in which it can take more, until [ignoreRoom]. */
    fun awaitRoom(handle: CallbackHandle)

    fun ignoreRoom()

    /** All that was written is sent. */
    fun sentAll()

    /** Nothing more can be sent, for this reason. */
    fun sendingFailed(exception: Throwable)
}

/**
 * The sending half of a [transport]: what that does not take now is kept, and sent when it can be; meanwhile the protocol is paused if
 * that is much.
 */
internal class Sending(
    private val transport: SendingTransport,
) {
    private val buffers = BufferPool[transport.loop]
    private val flow = WriteFlow(transport.loop, transport) { transport.protocol }
    private val backlog = Backlog()
    private var isWaiting = false

    /** How many bytes wait to be sent. */
    val size: Int get() = backlog.size + transport.unsent

    val limits: WriteBufferLimits get() = flow.limits

    fun setLimits(
        high: Int?,
        low: Int?,
    ): Unit = flow.setLimits(high, low, size)

    /** Sends [data], as far as it can be sent now, and keeps the rest. */
    fun write(data: ByteBuffer) {
        val isFirst = size == 0
        if (isFirst && !sending { sendNow(data) }) {
            data.position(data.limit())
            return
        }
        if (data.hasRemaining()) backlog.add(data)
        if (size == 0) return
        if (isFirst) awaitRoom()
        flow.grown(size)
    }

    /** What is direct goes as it is, once; anything else by way of a buffer of the loop's. */
    private fun sendNow(data: ByteBuffer) {
        if (data.isDirect) {
            transport.send(data)
            return
        }
        buffers.use { buffer ->
            do {
                val start = data.position()
                buffer.clear().putSome(data)
                data.position(start + transport.send(buffer.flip()))
            } while (!buffer.hasRemaining() && data.hasRemaining())
        }
    }

    private fun awaitRoom() {
        isWaiting = true
        transport.awaitRoom(CallbackHandle(transport.loop, transport.loop.copyCurrentContext(), ::roomReady))
    }

    private fun roomReady() {
        if (!isWaiting || !sending { buffers.use { backlog.sendTo(transport, it) } }) return
        flow.shrunk(size) // which may write again, or close
        if (!isWaiting || size > 0) return
        stopWaiting()
        transport.sentAll()
    }

    /** Returns false if [send] failed: that has been dealt with. */
    private inline fun sending(send: () -> Unit): Boolean =
        try {
            send()
            true
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            clear()
            transport.sendingFailed((e as? IOException)?.classified() ?: e)
            false
        }

    private fun stopWaiting() {
        isWaiting = false
        transport.ignoreRoom()
    }

    /** Forgets what was not sent. */
    fun clear() {
        backlog.clear()
        if (isWaiting) stopWaiting()
    }
}
