// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.Future
import dev.simul.loop.EventLoop
import dev.simul.transports.ConnectionResetException
import dev.simul.transports.Transport
import java.nio.ByteBuffer

/**
 * The sending half of a connection: heads and bodies, one after the other, for one task.
 *
 * @param scratch a buffer that all connections of a loop share; it is used for the duration of a call.
 */
internal class Outgoing(
    private val loop: EventLoop,
    private val scratch: ByteBuffer,
    /** Called each time the task has to wait for the peer. */
    private val onWait: () -> Unit = {},
) {
    private lateinit var transport: Transport
    private var isPaused = false
    private var isLost = false
    private var failure: Throwable? = null
    private var waiter: Future<Unit>? = null

    fun begin(transport: Transport) {
        this.transport = transport
    }

    // Called by the task.

    /** Sends [head] with the fields that [more] puts, and as much of [content] with it as goes into one buffer; then the rest. */
    inline fun send(
        head: MessageHead,
        content: ByteBuffer?,
        more: (ByteBuffer) -> Unit = {},
    ) {
        val buffer =
            if (head.encodedSize + ROOM_FOR_MORE <= scratch.capacity()) {
                scratch.clear()
            } else {
                ByteBuffer.allocate(
                    head.encodedSize + ROOM_FOR_MORE,
                )
            }
        head.encodeOpenTo(buffer)
        more(buffer)
        buffer.put(Octets.CR).put(Octets.LF)
        if (content != null && content.remaining() <= buffer.remaining()) buffer.put(content)
        write(buffer.flip())
        if (content != null && content.hasRemaining()) write(content)
    }

    /** Sends [content] as a chunk. */
    fun sendChunk(content: ByteBuffer) {
        if (!content.hasRemaining()) return
        val buffer = scratch.clear()
        ChunkEncoder.begin(buffer, content.remaining())
        if (content.remaining() + LINE_END <= buffer.remaining()) {
            ChunkEncoder.end(buffer.put(content))
            return write(buffer.flip())
        }
        write(buffer.flip())
        write(content)
        ChunkEncoder.end(buffer.clear())
        write(buffer.flip())
    }

    /** Sends the end of a body in chunks. */
    fun sendLastChunk(trailers: Headers) {
        val size = ChunkEncoder.lastSize(trailers)
        val buffer = if (size <= scratch.capacity()) scratch.clear() else ByteBuffer.allocate(size)
        ChunkEncoder.last(buffer, trailers)
        write(buffer.flip())
    }

    fun write(bytes: ByteBuffer) {
        checkOpen()
        transport.write(bytes)
    }

    /** Waits while too many bytes are unsent. */
    suspend fun drain() {
        checkOpen()
        if (!isPaused) return
        check(waiter == null) { "another task is already writing to $transport: one writes at a time" }
        val waiter = Future<Unit>(loop).also { this.waiter = it }
        onWait()
        try {
            waiter.await()
        } finally {
            this.waiter = null
        }
        checkOpen()
    }

    /** Whether the task waits for the peer. */
    val isWaiting: Boolean get() = waiter != null

    /** Sends nothing more; TLS cannot tell the peer so, and leaves it at that. */
    fun end() {
        checkOpen()
        if (transport.canWriteEof()) transport.writeEof()
    }

    private fun checkOpen() {
        if (isLost) throw failure ?: ConnectionResetException("the connection is closed: $transport")
    }

    // Called by the protocol.

    fun pause() {
        isPaused = true
    }

    fun resume() {
        isPaused = false
        wake()
    }

    /** The connection is to be closed because of [exception]. */
    fun fail(exception: Throwable) {
        failure = exception
    }

    fun lost(exception: Throwable?) {
        isLost = true
        if (failure == null) failure = exception
        wake()
    }

    private fun wake() {
        waiter?.let { if (!it.done()) it.setResult(Unit) }
    }

    companion object {
        /** In bytes: for the fields about the body and the connection, which the sender adds. */
        const val ROOM_FOR_MORE = 128

        /** In bytes: of the scratch buffer of a loop. */
        const val SCRATCH = 64 * 1024
        private const val LINE_END = 2
    }
}
