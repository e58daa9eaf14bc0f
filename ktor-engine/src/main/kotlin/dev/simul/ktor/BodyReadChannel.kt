// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor

import dev.simul.dispatcher
import dev.simul.http.BodyReader
import dev.simul.loop.EventLoop
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ClosedReadChannelException
import io.ktor.utils.io.InternalAPI
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.withContext
import kotlinx.io.Buffer
import kotlinx.io.Source
import kotlinx.io.UnsafeIoApi
import kotlinx.io.unsafe.UnsafeBufferOperations
import java.nio.ByteBuffer

/**
 * The body of a message as Ktor reads it. What nobody reads stays in the connection.
 *
 * It is used by one coroutine at a time, in any thread; what has to be received is received in the loop's.
 *
 * @param onCancel called when it is cancelled, in the thread that does so.
 */
@OptIn(InternalAPI::class)
internal class BodyReadChannel(
    private val body: BodyReader,
    private val loop: EventLoop,
    private val onCancel: (Throwable) -> Unit = {},
) : ByteReadChannel {
    private val buffer = Buffer()

    private var cause: Throwable? = null

    override val closedCause: Throwable? get() = cause

    override val isClosedForRead: Boolean get() = cause != null || (buffer.exhausted() && body.isDone)

    override val readBuffer: Source
        get() {
            rethrow()
            return buffer
        }

    override suspend fun awaitContent(min: Int): Boolean {
        rethrow()
        if (buffer.size >= min) return true
        if (body.isDone) return false
        return if (loop.isInLoop) receive(min) else withContext(loop.dispatcher) { receive(min) }
    }

    /** Receives until there are [min] bytes. Returns false if the body ends before. */
    private suspend fun receive(min: Int): Boolean {
        try {
            while (buffer.size < min) if (!receiveSome()) return false
            return true
        } catch (e: CancellationException) {
            throw e
        } catch (e: Throwable) {
            if (cause == null) cause = e
            throw e
        }
    }

    private suspend fun receiveSome(): Boolean {
        val bytes = ByteArray((body.bytesLeft ?: PIECE).coerceIn(1, PIECE).toInt())
        val count = body.read(ByteBuffer.wrap(bytes))
        if (count < 0) return false
        append(bytes, count)
        return true
    }

    @OptIn(UnsafeIoApi::class)
    private fun append(
        bytes: ByteArray,
        count: Int,
    ) {
        // A full array becomes part of the buffer; a small rest of a large one would only hold memory.
        if (count == bytes.size) UnsafeBufferOperations.moveToTail(buffer, bytes) else buffer.write(bytes, 0, count)
    }

    override fun cancel(cause: Throwable?) {
        if (this.cause != null) return
        val closed = ClosedReadChannelException(cause)
        this.cause = closed
        buffer.clear()
        if (!body.isDone) onCancel(cause ?: closed)
    }

    private fun rethrow() {
        cause?.let { throw it }
    }

    override fun toString(): String = "<BodyReadChannel of $body>"

    private companion object {
        /** In bytes: how many are received at once. */
        const val PIECE = 16 * 1024L
    }
}
