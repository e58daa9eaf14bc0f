// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.OutsideWork
import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.News
import dev.simul.loop.surely
import java.io.IOException
import java.io.OutputStream
import java.nio.ByteBuffer

/** A stream that cannot be selected: a thread writes one chunk at a time into it, and flushes it. */
internal class BlockingWriteEnd(
    private val loop: EventLoop,
    override val pipe: OutputStream,
) : WriteEnd {
    private var listener: CallbackHandle? = null
    private var failure: Throwable? = null

    @Volatile
    private var isClosed = false

    /** The chunk that was last passed to a thread. */
    private var last: Chunk? = null

    override var unsent: Int = 0
        private set

    override fun listen(handle: CallbackHandle) {
        ignore()
        listener = handle
        if (unsent == 0) loop.enqueue(handle)
    }

    override fun ignore() {
        listener?.cancel()
        listener = null
    }

    override fun write(buffer: ByteBuffer): Int {
        failure?.let { throw it }
        if (unsent > 0 || !buffer.hasRemaining()) return 0
        val bytes = ByteArray(minOf(buffer.remaining(), CHUNK)).also { buffer.get(it) }
        val chunk = Chunk(bytes)
        PipeThreads.execute(chunk::write)
        last = chunk
        unsent = bytes.size
        OutsideWork[loop].begin()
        return bytes.size
    }

    /** The chunk that is being written. */
    private inner class Chunk(
        private val bytes: ByteArray,
    ) : News(loop) {
        private var failure: Throwable? = null
        private var isWritten = false

        /** Whether its thread owns the stream, and closes it afterwards if [isClosed]. */
        @Volatile
        var isBusy = true

        fun write() {
            try {
                pipe.write(bytes)
                pipe.flush()
            } catch (e: Throwable) {
                failure = e
            }
            surely { tell() }
            isBusy = false
            if (isClosed) runCatching { pipe.close() }
        }

        override fun hear() {
            if (isClosed) return
            if (!isWritten) {
                isWritten = true
                written(failure)
            }
            listener?.let(loop::enqueue)
        }
    }

    private fun written(exception: Throwable?) {
        OutsideWork[loop].end()
        unsent = 0
        failure = exception?.brokenPipe()
    }

    /** The JDK closes the stream to a process that has ended, and each system has its own message for that. */
    private fun Throwable.brokenPipe(): Throwable {
        val text = message.orEmpty()
        val isBroken = this is IOException && ("pipe" in text || text.equals("Stream closed", ignoreCase = true))
        return if (isBroken) BrokenPipeException("Broken pipe").also { it.initCause(this) } else this
    }

    override fun close() {
        if (isClosed) return
        isClosed = true
        ignore()
        if (unsent > 0) OutsideWork[loop].end()
        if (!PipeThreads.close(pipe) && last?.isBusy != true) runCatching { pipe.close() }
    }

    override fun toString(): String = pipe.toString()

    private companion object {
        /** In bytes: the usual capacity of a system's pipe. */
        const val CHUNK = 64 * 1024
    }
}
