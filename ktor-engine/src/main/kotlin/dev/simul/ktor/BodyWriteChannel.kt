// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor

import dev.simul.dispatcher
import dev.simul.http.BodyWriter
import dev.simul.http.Headers
import dev.simul.loop.EventLoop
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.ClosedWriteChannelException
import io.ktor.utils.io.InternalAPI
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.withContext
import kotlinx.io.Buffer
import kotlinx.io.Sink
import kotlinx.io.readByteArray
import kotlinx.io.readTo
import java.io.IOException
import java.nio.ByteBuffer

/**
 * The body of a message as Ktor writes it: what was written is sent by [flush], which waits while the peer takes no more.
 *
 * It is used by one coroutine at a time, in any thread; what has to be sent is sent in the loop's.
 *
 * @param trailers makes the fields that follow the body, if it goes in chunks.
 * @param onCancel called when it is cancelled before its end, in the thread that does so.
 * @param onFailure called in the loop's thread when sending has failed.
 * @param finish ends the body, in the loop's thread.
 */
@OptIn(InternalAPI::class)
internal class BodyWriteChannel(
    private val body: BodyWriter,
    private val loop: EventLoop,
    private val trailers: () -> Headers = { Headers.EMPTY },
    private val onCancel: (Throwable) -> Unit = {},
    private val onFailure: (Throwable) -> Unit = {},
    private val finish: (BodyWriter) -> Unit = { it.finish(trailers()) },
) : ByteWriteChannel {
    private val buffer = Buffer()

    @Volatile
    private var cause: Throwable? = null

    @Volatile
    private var isClosed = false

    /** What a large buffer is sent from, piece by piece. */
    private var piece: ByteArray? = null

    override val closedCause: Throwable? get() = cause

    override val isClosedForWrite: Boolean get() = isClosed || cause != null

    override val writeBuffer: Sink
        get() {
            rethrow()
            if (isClosed) throw ClosedWriteChannelException()
            return buffer
        }

    override suspend fun flush() {
        rethrow()
        if (buffer.exhausted()) return
        if (loop.isInLoop) send() else withContext(loop.dispatcher) { send() }
    }

    /** Sends what was written, and ends the body; a failure is the [closedCause] then. */
    override suspend fun flushAndClose() {
        if (isClosedForWrite) return
        try {
            if (loop.isInLoop) end() else withContext(loop.dispatcher) { end() }
        } catch (e: CancellationException) {
            throw e
        } catch (e: Throwable) {
            if (cause == null) cause = e
        }
    }

    private suspend fun end() {
        send()
        isClosed = true
        finish(body)
    }

    private suspend fun send() {
        try {
            while (!buffer.exhausted()) body.write(next())
        } catch (e: CancellationException) {
            throw e
        } catch (e: Throwable) {
            if (cause == null) cause = e
            onFailure(e)
            throw e
        }
    }

    private fun next(): ByteBuffer {
        if (buffer.size <= SMALL) return ByteBuffer.wrap(buffer.readByteArray())
        val piece = piece ?: ByteArray(PIECE).also { piece = it }
        val count = minOf(buffer.size, PIECE.toLong()).toInt()
        buffer.readTo(piece, 0, count)
        return ByteBuffer.wrap(piece, 0, count)
    }

    override fun cancel(cause: Throwable?) {
        if (isClosedForWrite) return
        val reason = cause ?: IOException("the body was cancelled")
        this.cause = reason
        onCancel(reason)
    }

    /** A failure is not thrown again as it is: it belongs to the coroutine that had it. */
    private fun rethrow() {
        val cause = cause ?: return
        throw if (cause is CancellationException) CancellationException(cause.message, cause) else ClosedWriteChannelException(cause)
    }

    override fun toString(): String = "<BodyWriteChannel to $body>"

    private companion object {
        /** In bytes: as many are copied into an array of their own. */
        const val SMALL = 8 * 1024

        /** In bytes: a chunk of this size and its framing fit into the buffer that a loop sends through. */
        const val PIECE = 48 * 1024
    }
}
