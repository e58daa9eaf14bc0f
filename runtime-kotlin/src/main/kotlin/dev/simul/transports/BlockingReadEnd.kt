// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.OutsideWork
import dev.simul.loop.Callback
import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.News
import dev.simul.loop.surely
import java.io.InputStream
import java.nio.ByteBuffer

/**
 * A stream that cannot be selected: a thread blocks in it for one chunk at a time. It reads the next chunk only when the loop has taken the
 * last one, and still listens.
 */
internal class BlockingReadEnd(
    private val loop: EventLoop,
    override val pipe: InputStream,
) : ReadEnd {
    private val bytes by lazy { ByteArray(CHUNK) }
    private var listener: CallbackHandle? = null
    private var state = State.IDLE
    private var chunk: ByteBuffer = NOTHING
    private var failure: Throwable? = null

    private enum class State { IDLE, READING, ENDED, FAILED, CLOSED }

    override fun listen(handle: CallbackHandle) {
        ignore()
        listener = handle
        goOn()
    }

    override fun ignore() {
        listener?.cancel()
        listener = null
    }

    private fun goOn() {
        val listener = listener ?: return
        when {
            chunk.hasRemaining() || state == State.ENDED || state == State.FAILED -> loop.enqueue(listener)
            state == State.IDLE -> readChunk()
        }
    }

    private fun readChunk() {
        state = State.READING
        OutsideWork[loop].begin()
        val chunk = Chunk()
        try {
            PipeThreads.execute(chunk::read)
        } catch (e: IllegalStateException) {
            chunk.failure = e
            chunk.tell()
        }
    }

    /** The next chunk. */
    private inner class Chunk : News(loop) {
        private var count = 0
        var failure: Throwable? = null

        fun read() {
            try {
                count = pipe.read(bytes)
            } catch (e: Throwable) {
                failure = e
            }
            surely { tell() }
        }

        override fun hear() {
            if (state == State.READING) arrived(count, failure)
            goOn()
        }
    }

    private fun arrived(
        count: Int,
        failure: Throwable?,
    ) {
        OutsideWork[loop].end()
        if (failure == null) return arrived(count)
        this.failure = failure
        state = State.FAILED
    }

    private fun arrived(count: Int) {
        state = if (count < 0) State.ENDED else State.IDLE
        if (count > 0) chunk = ByteBuffer.wrap(bytes, 0, count)
    }

    override fun read(buffer: ByteBuffer): Int {
        failure?.let { throw it }
        val count = minOf(chunk.remaining(), buffer.remaining())
        buffer.putSome(chunk)
        // By then the receiver of this chunk has decided whether it wants more.
        if (state == State.IDLE) loop.enqueue(Callback(::goOn))
        return if (count == 0 && state == State.ENDED) -1 else count
    }

    override fun close() {
        if (state == State.CLOSED) return
        ignore()
        if (state == State.READING) OutsideWork[loop].end()
        state = State.CLOSED
        if (!PipeThreads.close(pipe)) runCatching { pipe.close() }
    }

    override fun toString(): String = pipe.toString()

    private companion object {
        /** In bytes: the usual capacity of a system's pipe. */
        const val CHUNK = 64 * 1024
        val NOTHING: ByteBuffer = ByteBuffer.allocate(0)
    }
}
