// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor

import dev.simul.dispatcher
import dev.simul.http.BodyWriter
import dev.simul.loop.EventLoop
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.ClosedWriteChannelException
import io.ktor.utils.io.InternalAPI
import kotlinx.coroutines.withContext
import kotlinx.io.Buffer
import kotlinx.io.Sink
import java.nio.ByteBuffer

/**
 * The body of a message as Ktor writes it, in any thread: other threads than the loop's have the loop write for them.
 *
 * @param end called in the loop's thread when the writer has finished.
 * @param onCancel called in the loop's thread when the writer gives up.
 */
internal class BodyWriteChannel(
    private val loop: EventLoop,
    private val body: BodyWriter,
    private val end: suspend (BodyWriter) -> Unit = { it.finish() },
    private val onCancel: (Throwable) -> Unit,
) : ByteWriteChannel {
    private val content = Buffer()
    private val part = ByteBuffer.allocate(PART)
    private var isFinished = false

    @Volatile
    override var closedCause: Throwable? = null
        private set

    override val isClosedForWrite: Boolean get() = isFinished || closedCause != null

    @InternalAPI
    override val writeBuffer: Sink
        get() {
            if (isClosedForWrite) throw ClosedWriteChannelException(closedCause)
            return content
        }

    override suspend fun flush() {
        closedCause?.let { throw ClosedWriteChannelException(it) }
        if (content.size == 0L) return
        onLoop { send() }
    }

    override suspend fun flushAndClose() {
        if (isClosedForWrite) return
        onLoop {
            send()
            isFinished = true
            end(body)
        }
    }

    private suspend fun onLoop(block: suspend () -> Unit) {
        try {
            if (loop.isInLoop) block() else withContext(loop.dispatcher) { block() }
        } catch (e: Throwable) {
            if (closedCause == null) closedCause = e
            throw e
        }
    }

    private suspend fun send() {
        while (content.readAtMostTo(part.array(), 0, PART).also { if (it > 0) part.clear().limit(it) } > 0) body.write(part)
    }

    override fun cancel(cause: Throwable?) {
        if (isClosedForWrite) return
        val reason = cause ?: java.io.IOException("the body was cancelled")
        closedCause = reason
        loop.runInLoop { onCancel(reason) }
    }

    private companion object {
        const val PART = 8 * 1024
    }
}
