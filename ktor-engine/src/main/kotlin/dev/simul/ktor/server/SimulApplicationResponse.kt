// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.dispatcher
import dev.simul.http.BodyWriter
import dev.simul.http.ResponseHead
import dev.simul.http.ServerExchange
import dev.simul.ktor.BodyReadChannel
import dev.simul.ktor.BodyWriteChannel
import dev.simul.loop.EventLoop
import io.ktor.http.HttpStatusCode
import io.ktor.http.content.OutgoingContent
import io.ktor.server.application.PipelineCall
import io.ktor.server.engine.BaseApplicationResponse
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.readAvailable
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Job
import java.nio.ByteBuffer
import kotlin.coroutines.coroutineContext
import dev.simul.http.Headers as HttpHeaders

/** The response of an exchange, as Ktor gives it. */
internal class SimulApplicationResponse(
    call: PipelineCall,
    private val exchange: ServerExchange,
    private val loop: EventLoop,
) : BaseApplicationResponse(call) {
    private var statusCode = HttpStatusCode.OK

    /** What is being answered with. */
    private var content: OutgoingContent? = null

    /** Whether the handler was cancelled, and there is nothing more to say. */
    var isCutOff = false
        private set

    /** Ktor answers what has failed unless this says that there is an answer. */
    override val isCommitted: Boolean get() = super.isCommitted || isCutOff

    fun cutOff() {
        isCutOff = true
    }

    override val headers: SentHeaders = SentHeaders()

    override fun setStatus(statusCode: HttpStatusCode) {
        this.statusCode = statusCode
    }

    private fun head() = ResponseHead(statusCode.value, headers.build(), statusCode.description.asReason())

    /** Reasons are for people; one that a message cannot hold is left out. */
    private fun String.asReason() = takeIf { text -> text.all { it in ' '..'~' } }.orEmpty()

    override suspend fun respondOutgoingContent(content: OutgoingContent) {
        this.content = content
        super.respondOutgoingContent(content)
    }

    private fun trailers(): HttpHeaders = content?.trailers()?.let { SentHeaders.of(it) } ?: HttpHeaders.EMPTY

    override suspend fun respondFromBytes(bytes: ByteArray) {
        requireLength(headers.contentLength, bytes.size.toLong())
        exchange.respond(head(), ByteBuffer.wrap(bytes))
    }

    override suspend fun respondNoContent(content: OutgoingContent.NoContent) {
        val length = headers.contentLength
        if (exchange.request.method == "HEAD" && length != null) {
            exchange.respondStreaming(head(), length).finish()
        } else {
            exchange.respond(head())
        }
    }

    override suspend fun respondWriteChannelContent(content: OutgoingContent.WriteChannelContent) {
        val channel = responseChannel()
        content.writeTo(channel)
        channel.flushAndClose()
        channel.closedCause?.let { throw it }
    }

    override suspend fun respondFromChannel(readChannel: ByteReadChannel) {
        val length = headers.contentLength
        val writer = exchange.respondStreaming(head(), length)
        val copied = copy(readChannel, writer, length ?: Long.MAX_VALUE)
        if (length != null) requireLength(length, copied + if (copied == length && readChannel.hasMore()) 1 else 0)
        writer.finish(trailers())
    }

    /** Copies up to [most] bytes; returns how many there were. */
    private suspend fun copy(
        source: ByteReadChannel,
        writer: BodyWriter,
        most: Long,
    ): Long {
        val piece = ByteBuffer.allocate(minOf(most, PIECE).toInt().coerceAtLeast(1))
        var copied = 0L
        while (copied < most && source.hasMore()) {
            piece.clear().limit(minOf(piece.capacity().toLong(), most - copied).toInt())
            source.readAvailable(piece)
            copied += piece.flip().remaining()
            writer.write(piece)
        }
        return copied
    }

    private suspend fun ByteReadChannel.hasMore() = awaitContent()

    private fun requireLength(
        expected: Long?,
        actual: Long,
    ) {
        if (expected == null || expected == actual) return
        throw if (expected < actual) BodyLengthIsTooLong(expected) else BodyLengthIsTooSmall(expected, actual)
    }

    override suspend fun responseChannel(): ByteWriteChannel =
        BodyWriteChannel(exchange.respondStreaming(head(), headers.contentLength), loop, ::trailers)

    override suspend fun respondUpgrade(upgrade: OutgoingContent.ProtocolUpgrade) {
        val (reader, writer) = exchange.upgrade(head())
        val input = BodyReadChannel(reader, loop)
        var session: Job? = null
        // A session whose connection is lost would wait for ever for what it has queued.
        val output = BodyWriteChannel(writer, loop, onFailure = { session?.cancel(CancellationException("the connection is lost", it)) })
        try {
            session = upgrade.upgrade(input, output, loop.dispatcher, coroutineContext)
            session.join()
        } finally {
            input.cancel(null)
        }
    }

    private companion object {
        /** In bytes: how many are copied at once. */
        const val PIECE = 48 * 1024L
    }
}
