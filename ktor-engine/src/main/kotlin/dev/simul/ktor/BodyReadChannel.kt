// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor

import dev.simul.dispatcher
import dev.simul.http.BodyReader
import dev.simul.loop.EventLoop
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.InternalAPI
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.withContext
import kotlinx.io.Buffer
import kotlinx.io.Source
import kotlinx.io.UnsafeIoApi
import kotlinx.io.unsafe.UnsafeBufferOperations
import java.io.IOException
import java.nio.ByteBuffer

/**
 * The body of a message as Ktor reads it. What nobody reads stays in the connection.
 *
 * It is used by one coroutine at a time, in any thread; what has to be received is received in the loop's. A reader that is cancelled while
 * it waits takes nothing with it: another may go on.
 *
 * @param onCancel called when it is cancelled before its end, in the thread that does so.
 * @param onEnd called in the loop's thread when the body is read to its end, or broken.
 * @param rename makes the failure that readers get of the one that happened.
 */
@OptIn(InternalAPI::class)
internal class BodyReadChannel(
    private val body: BodyReader,
    private val loop: EventLoop,
    private val onCancel: (Throwable) -> Unit = {},
    private val onEnd: () -> Unit = {},
    private val rename: (Throwable) -> Throwable = { it },
) : ByteReadChannel {
    private val buffer = Buffer()

    @Volatile
    private var cause: Throwable? = null

    override val closedCause: Throwable? get() = cause

    override val isClosedForRead: Boolean get() = cause != null || (body.isDone && buffer.exhausted())

    override val readBuffer: Source
        get() {
            cause?.let { throw thrown(it) }
            return buffer
        }

    override suspend fun awaitContent(min: Int): Boolean {
        cause?.let { throw thrown(it) }
        if (buffer.size >= min) return true
        if (body.isDone) return false
        return if (loop.isInLoop) receive(min) else withContext(loop.dispatcher) { receive(min) }
    }

    /** Receives until there are [min] bytes. Returns false if the body ends before. */
    private suspend fun receive(min: Int): Boolean {
        while (true) {
            receiveNow()
            cause?.let { throw thrown(it) }
            if (buffer.size >= min || body.isDone) return buffer.size >= min
            body.awaitAvailable()
        }
    }

    /** Takes what the connection has received, up to a limit; in the loop's thread. A failure is for the reader. */
    fun receiveNow() {
        if (cause != null || body.isDone) return
        try {
            val enough = buffer.size + PIECE
            while (buffer.size < enough) if (receiveSome() <= 0) break
        } catch (e: Throwable) {
            if (cause == null) cause = rename(e)
        }
        if (cause != null || body.isDone) onEnd()
    }

    @OptIn(UnsafeIoApi::class)
    private fun receiveSome(): Int {
        var count = 0
        UnsafeBufferOperations.writeToTail(buffer, 1) { bytes, start, end ->
            count = body.readAvailable(ByteBuffer.wrap(bytes, start, end - start))
            count.coerceAtLeast(0)
        }
        return count
    }

    override fun cancel(cause: Throwable?) {
        if (this.cause != null) return
        val reason = cause ?: IOException("the body was cancelled")
        this.cause = reason
        if (!body.isDone) onCancel(reason)
    }

    override fun toString(): String = "<BodyReadChannel of $body>"

    private companion object {
        /** In bytes: how many are taken at once. */
        const val PIECE = 64 * 1024L
    }
}

/** What is thrown for [cause]: whoever waits is not to be taken for what was cancelled. */
private fun thrown(cause: Throwable): Throwable = if (cause is CancellationException) CancellationException(cause.message, cause) else cause
