// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.http.BodyWriter
import dev.simul.http.Headers
import dev.simul.http.ResponseHead
import dev.simul.loop.Handle
import java.io.IOException
import java.io.OutputStream
import java.nio.ByteBuffer
import java.util.Objects

/**
 * The response, whose body is written as to the JDK's streams: small pieces are kept until they fill a buffer, or [flush] or [close] is
 * called, or the length is reached that was announced. The head is sent with the first of them, but at the latest in the loop's next turn.
 */
internal class ResponseStream(
    private val exchange: LoopExchange,
) : OutputStream() {
    private val core = exchange.core

    /** -1 before [begin]. */
    @Volatile
    var status = -1
        private set

    @Volatile
    private var state = State.NEW

    private enum class State {
        NEW,

        /** The head is there, and not sent yet. */
        ANNOUNCED,
        SENDING,

        /** All is sent, and what is written beyond that has no place in the response to a `HEAD`. */
        IGNORING,

        /** All is sent that was announced. */
        COMPLETE,
        CLOSED,
    }

    private lateinit var head: ResponseHead
    private var sending: Handle? = null
    private var writer: BodyWriter? = null
    private var failure: IOException? = null

    /** How many bytes of the length that was announced are still to be written; -1 if none was. */
    private var left = UNKNOWN
    private var length = UNKNOWN
    private var kept: ByteBuffer = NOTHING

    val hasBegun: Boolean get() = state != State.NEW

    /** Whether there is nothing more to be sent. */
    val isComplete: Boolean get() = state >= State.IGNORING

    // On the loop.

    /** Begins the response. One with a status of 1xx announces another. */
    suspend fun begin(
        status: Int,
        length: Long,
    ) {
        if (hasBegun) throw IOException("headers already sent")
        if (exchange.isOver) throw IOException("the exchange has ended")
        if (status == SWITCHING_PROTOCOLS) {
            throw UnsupportedOperationException("101 leaves HTTP, for which the JDK's interface of servers has no means")
        }
        val head = ResponseHead(status, fieldsOf(exchange.responseHeaders))
        if (head.isInformational) return core.inform(head)
        this.head = head
        this.status = status
        if (status < ERRORS && length >= 0 && core.awaitsContinue) core.askForBody()
        if (core.request.method == "HEAD" || status == NO_CONTENT || status == NOT_MODIFIED) return answerWithoutBody(length)
        if (length < 0) return complete { core.respond(head) }
        if (length > 0) this.length = length
        left = this.length
        state = State.ANNOUNCED
        sending = exchange.loop.callSoon { startSending() }
    }

    /** What a `GET` would get may be described by the handler's own field. */
    private suspend fun answerWithoutBody(length: Long) {
        val described = if (length > 0) length else exchange.responseHeaders.getFirst("Content-length")?.toLongOrNull()?.takeIf { it >= 0 }
        complete(if (core.request.method == "HEAD" && length >= 0) State.IGNORING else State.CLOSED) {
            core.respondWithoutBody(head, described.takeIf { status != NO_CONTENT })
        }
    }

    /** Runs [block], which sends the last of the response. */
    private suspend fun complete(
        next: State = State.CLOSED,
        block: suspend () -> Unit,
    ) {
        state = next
        sending?.cancel()
        try {
            block()
        } finally {
            if (next == State.CLOSED) exchange.finished()
        }
    }

    private fun startSending() {
        if (state != State.ANNOUNCED) return
        state = State.SENDING
        sending?.cancel()
        try {
            writer = core.respondStreaming(head, length.takeIf { it != UNKNOWN })
        } catch (e: IOException) {
            failure = e
        }
    }

    private fun started(): BodyWriter {
        checkClient()
        startSending()
        return writer ?: throw gone()
    }

    /** Whatever is to be sent is handed over before the first wait, so that nothing is lost if that is cancelled. */
    private suspend fun send(content: ByteBuffer) {
        take(content.remaining())
        if (left != 0L && content.remaining() <= roomToKeep()) {
            kept.put(content)
        } else if (left == 0L) {
            sendLast(content)
        } else {
            val writer = started()
            sendKept(writer)
            if (content.remaining() <= KEPT) kept.put(content) else writer.send(content)
            writer.drain()
        }
    }

    /** Sends the rest of a body whose length was announced; all of it with its head, if it is one piece. */
    private suspend fun sendLast(content: ByteBuffer) {
        val hasKept = kept.position() > 0
        if (hasKept && content.remaining() <= kept.remaining()) {
            kept.put(content)
            val all = kept.flip()
            kept = NOTHING
            return sendLast(all)
        }
        if (!hasKept && state == State.ANNOUNCED) return complete(State.COMPLETE) { core.respond(head, content) }
        val writer = started()
        complete(State.COMPLETE) {
            sendKept(writer)
            writer.send(content)
            writer.finish()
            writer.drain()
        }
    }

    private fun sendKept(writer: BodyWriter) {
        if (kept.position() == 0) return
        writer.send(kept.flip())
        kept.clear()
    }

    private fun roomToKeep(): Int {
        if (kept === NOTHING) kept = ByteBuffer.allocate(KEPT)
        return kept.remaining()
    }

    private suspend fun sendAll() {
        if (isComplete) return
        val writer = started()
        sendKept(writer)
        writer.drain()
    }

    private suspend fun finish() {
        if (state == State.CLOSED) return
        if (isComplete || left > 0) {
            state = State.CLOSED
            exchange.finished()
            if (left > 0) throw IOException("insufficient bytes written to stream: $left of $length are missing")
            return
        }
        val writer = started()
        complete {
            sendKept(writer)
            writer.finish()
            writer.drain()
        }
    }

    /** Its connection has done with it. */
    fun end() {
        state = State.CLOSED
        sending?.cancel()
    }

    // By its user, anywhere.

    override fun write(octet: Int) {
        val isOpen = state == State.ANNOUNCED || state == State.SENDING
        val isKept = isOpen && left != 1L && exchange.loop.isInLoop && roomToKeep() > 0
        if (!isKept) return write(byteArrayOf(octet.toByte()), 0, 1)
        take(1)
        kept.put(octet.toByte())
    }

    override fun write(
        content: ByteArray,
        offset: Int,
        length: Int,
    ) {
        Objects.checkFromIndexSize(offset, length, content.size)
        if (length == 0) return
        checkOpen()
        if (state != State.IGNORING) exchange.onLoop { send(ByteBuffer.wrap(content, offset, length)) }
    }

    override fun flush() {
        if (!hasBegun) throw IOException(NOT_BEGUN)
        if (!isComplete) exchange.onLoop { sendAll() }
    }

    /** @throws IOException if the response has not begun, or less was written than was announced. */
    override fun close() {
        if (!hasBegun) throw IOException(NOT_BEGUN)
        if (state != State.CLOSED) exchange.onLoop { finish() }
    }

    private fun checkOpen() {
        if (state == State.NEW) throw IOException(NOT_BEGUN)
        if (state == State.CLOSED) throw IOException("stream closed")
    }

    /** Counts [count] bytes more. */
    private fun take(count: Int) {
        checkOpen()
        checkClient()
        if (left == UNKNOWN) return
        if (count > left) throw IOException("too many bytes to write to stream: $count, where $left of $length are left")
        left -= count
    }

    private fun checkClient() {
        if (core.isLost) throw gone()
    }

    private fun gone() = IOException("the client is gone: ${core.getExtraInfo("peername")}", failure)

    private companion object {
        const val UNKNOWN = -1L
        const val KEPT = 8 * 1024
        const val SWITCHING_PROTOCOLS = 101
        const val NO_CONTENT = 204
        const val NOT_MODIFIED = 304
        const val ERRORS = 400
        const val NOT_BEGUN = "response headers not sent yet: call sendResponseHeaders() before"
        val NOTHING: ByteBuffer = ByteBuffer.allocate(0)

        /** The fields that a handler has set; the length and the life of the connection follow from what else it says. */
        fun fieldsOf(given: com.sun.net.httpserver.Headers): Headers {
            if (given.isEmpty()) return Headers.EMPTY
            val fields = Headers.Builder()
            for ((name, values) in given) {
                if (name == "Content-length" || name == "Transfer-encoding") continue
                for (value in values) if (name != "Connection" || !value.equals("keep-alive", ignoreCase = true)) fields.add(name, value)
            }
            return fields.build()
        }
    }
}
