// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.isFatal
import java.io.IOException
import java.nio.ByteBuffer

/** A transport that sends bytes through [Sending]. */
internal interface SendingTransport : Transport {
    val loop: EventLoop

    val sending: Sending

    override val writeBufferSize: Int get() = sending.size

    override val writeBufferLimits: WriteBufferLimits get() = sending.limits

    override fun setWriteBufferLimits(
        high: Int?,
        low: Int?,
    ): Unit = sending.setLimits(high, low)

    /** Takes as many bytes of [buffer] as it can now; returns how many. */
    fun send(buffer: ByteBuffer): Int

    /** How many bytes it has taken but not passed to the system yet. */
    val unsent: Int get() = 0

    /** Runs [handle] in each turn in which it can take more, until [ignoreRoom]. */
    fun awaitRoom(handle: CallbackHandle)

    fun ignoreRoom()

    /** Everything that was written is sent. */
    fun sentAll()

    /** Nothing more can be sent, because of [exception]. */
    fun sendingFailed(exception: Throwable)
}

/**
 * The sending half of a [transport]: bytes that the transport does not take now are kept and sent later; while there are many, the protocol
 * is paused.
 */
internal class Sending(
    private val transport: SendingTransport,
) {
    private val buffers = BufferPool[transport.loop]
    private val flow = WriteFlow(transport.loop, transport) { transport.protocol }
    private val backlog = Backlog()
    private var isWaiting = false

    /** How many bytes are unsent. */
    val size: Int get() = backlog.size + transport.unsent

    val limits: WriteBufferLimits get() = flow.limits

    fun setLimits(
        high: Int?,
        low: Int?,
    ): Unit = flow.setLimits(high, low, size)

    /** Sends as much of [data] as can be sent now, and keeps the rest. */
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

    /** A direct buffer is sent as it is, once; any other through a buffer of the loop. */
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

    /** Returns false if [send] failed: the failure was handled. */
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

    /** Drops the unsent bytes. */
    fun clear() {
        backlog.clear()
        if (isWaiting) stopWaiting()
    }
}
