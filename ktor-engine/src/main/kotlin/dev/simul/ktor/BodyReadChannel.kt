// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor

import dev.simul.dispatcher
import dev.simul.http.BodyReader
import dev.simul.loop.EventLoop
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.InternalAPI
import io.ktor.utils.io.rethrowCloseCauseIfNeeded
import kotlinx.coroutines.withContext
import kotlinx.io.Buffer
import kotlinx.io.Source
import kotlinx.io.UnsafeIoApi
import kotlinx.io.unsafe.UnsafeBufferOperations
import java.nio.ByteBuffer

/**
 * The body of a message as Ktor reads it, in any thread: other threads than the loop's have the loop read for them.
 *
 * @param onCancel called in the loop's thread when the reader gives up.
 */
internal class BodyReadChannel(
    private val loop: EventLoop,
    private val body: BodyReader,
    private val onCancel: (Throwable) -> Unit,
) : ByteReadChannel {
    private val content = Buffer()

    @Volatile
    override var closedCause: Throwable? = null
        private set

    @InternalAPI
    override val readBuffer: Source
        get() {
            closedCause?.let { throw it }
            return content
        }

    override val isClosedForRead: Boolean get() = closedCause != null || body.isDone && content.exhausted()

    @OptIn(InternalAPI::class)
    override suspend fun awaitContent(min: Int): Boolean {
        rethrowCloseCauseIfNeeded()
        if (content.size >= min) return true
        if (loop.isInLoop) fill(min) else withContext(loop.dispatcher) { fill(min) }
        return content.size >= min
    }

    @OptIn(UnsafeIoApi::class)
    private suspend fun fill(min: Int) {
        try {
            while (content.size < min && !body.isDone) {
                UnsafeBufferOperations.writeToTail(content, 1) { bytes, start, end ->
                    body.read(ByteBuffer.wrap(bytes, start, end - start)).coerceAtLeast(0)
                }
            }
        } catch (e: Throwable) {
            closedCause = e
            throw e
        }
    }

    override fun cancel(cause: Throwable?) {
        if (closedCause != null || isClosedForRead) return
        val reason = cause ?: java.io.IOException("the body was cancelled")
        closedCause = reason
        loop.runInLoop { onCancel(reason) }
    }
}

/** Runs [block] now if this is the loop's thread, else soon in that thread; not at all once the loop is closed. */
internal inline fun EventLoop.runInLoop(crossinline block: () -> Unit) {
    if (isInLoop) return block()
    try {
        callSoonThreadsafe { block() }
    } catch (e: IllegalStateException) {
        if (!isClosed) throw e
    }
}
