// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.Awaitable
import dev.simul.Future
import dev.simul.createTask
import dev.simul.http.ClientResponse
import dev.simul.loop.ExceptionContext
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.sync.Lock
import java.io.IOException
import java.net.http.WebSocket
import java.nio.ByteBuffer
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicLong

/**
 * A WebSocket over the connection of [response], by RFC 6455. The loop calls the listener, once for each message that it has requested: until
 * then, nothing is received, and the server has to wait.
 *
 * Frames go out in the order of the calls. A call is pending while too many bytes are unsent.
 */
internal class LoopWebSocket(
    private val client: LoopHttpClient,
    private val response: ClientResponse,
    private val listener: WebSocket.Listener,
    private val subprotocol: String,
) : WebSocket,
    LoopHttpClient.Running {
    private val loop = client.loop
    private val output = response.writer!!
    private val random = loop.secretRandom

    @Volatile
    private var inputClosed = false
    private val outputClosed = AtomicBoolean()

    override fun getSubprotocol(): String = subprotocol

    override fun isOutputClosed(): Boolean = outputClosed.get()

    override fun isInputClosed(): Boolean = inputClosed

    // Sending.

    /** Has the frames sent whole, in the order of the calls. */
    private val frames = Lock()
    private var isCloseSent = false
    private var isDataPending = false
    private var isControlPending = false

    /** The kind of the message of which a part was sent, and not the last; 0 if there is none. */
    private var unfinished = 0

    /** What the last ping had that is not answered yet. */
    private var unanswered: ByteBuffer? = null
    private var isAnswering = false

    override fun sendText(
        data: CharSequence,
        last: Boolean,
    ): CompletableFuture<WebSocket> = sending { sendData(Opcode.TEXT, FrameEncoder.utf8(data), last) }

    override fun sendBinary(
        data: ByteBuffer,
        last: Boolean,
    ): CompletableFuture<WebSocket> = sending { sendData(Opcode.BINARY, data, last) }

    override fun sendPing(message: ByteBuffer): CompletableFuture<WebSocket> = sending { sendControl(Opcode.PING, message) }

    override fun sendPong(message: ByteBuffer): CompletableFuture<WebSocket> = sending { sendControl(Opcode.PONG, message) }

    override fun sendClose(
        statusCode: Int,
        reason: String,
    ): CompletableFuture<WebSocket> {
        val problem =
            when {
                !CloseStatus.isFromUser(statusCode) -> IllegalArgumentException("statusCode $statusCode is not for users to close with")
                !isReason(reason) -> IllegalArgumentException("the reason is malformed, or longer than $MOST_REASON bytes: '$reason'")
                !outputClosed.compareAndSet(false, true) -> IOException("Output closed")
                else -> null
            }
        return start {
            if (problem != null) throw problem
            send(Opcode.CLOSE, true, closePayload(statusCode, reason))
        }
    }

    private fun isReason(reason: String) =
        try {
            FrameEncoder.utf8(reason).remaining() <= MOST_REASON
        } catch (_: IllegalArgumentException) {
            false
        }

    private inline fun sending(crossinline block: suspend () -> Unit): CompletableFuture<WebSocket> {
        val isClosed = outputClosed.get()
        return start {
            if (isClosed) throw IOException("Output closed")
            block()
        }
    }

    private inline fun start(crossinline block: suspend () -> Unit): CompletableFuture<WebSocket> =
        client.waits.start(
            loop,
            object : Awaitable<WebSocket> {
                override suspend fun await(): WebSocket {
                    block()
                    return this@LoopWebSocket
                }
            },
        )

    private suspend fun sendData(
        kind: Int,
        payload: ByteBuffer,
        isLast: Boolean,
    ) {
        check(!isDataPending) { "Send pending" }
        check(unfinished == 0 || unfinished == kind) { "the previous message is of another kind, and its last part was not sent" }
        isDataPending = true
        try {
            val opcode = if (unfinished == 0) kind else Opcode.CONTINUATION
            unfinished = if (isLast) 0 else kind
            send(opcode, isLast, payload)
        } finally {
            isDataPending = false
        }
    }

    private suspend fun sendControl(
        opcode: Int,
        payload: ByteBuffer,
    ) {
        check(!isControlPending) { "Send pending" }
        require(payload.remaining() <= FrameEncoder.MOST_CONTROL) { "the message has more than ${FrameEncoder.MOST_CONTROL} bytes" }
        isControlPending = true
        try {
            send(opcode, true, payload)
        } finally {
            isControlPending = false
        }
    }

    private suspend fun send(
        opcode: Int,
        isFinal: Boolean,
        payload: ByteBuffer,
    ) {
        frames.acquire()
        try {
            if (isCloseSent) throw IOException("Output closed")
            if (opcode == Opcode.CLOSE) isCloseSent = true
            val frame = FrameEncoder.encode(opcode, isFinal, payload, random.nextInt())
            payload.position(payload.limit())
            output.write(frame)
        } finally {
            frames.release()
            if (isCloseSent && inputClosed) finish()
        }
    }

    private fun closePayload(
        status: Int,
        reason: String,
    ): ByteBuffer {
        val text = FrameEncoder.utf8(reason)
        return ByteBuffer.allocate(Short.SIZE_BYTES + text.remaining()).putShort(status.toShort()).put(text).flip()
    }

    /** Closes the output, unless that was done before. Nobody is told what goes wrong there. */
    private fun closeOutput(status: Int) {
        if (outputClosed.compareAndSet(false, true)) {
            loop.createTask(eagerStart = true) {
                try {
                    send(Opcode.CLOSE, true, closePayload(status, ""))
                } catch (_: IOException) {
                    finish()
                }
            }
        } else if (isCloseSent) {
            finish()
        }
    }

    /** Answers the last ping; those before it that had to wait need no answer. */
    private fun answer(ping: ByteBuffer) {
        unanswered = ping.duplicate()
        if (isAnswering || outputClosed.get()) return
        isAnswering = true
        loop.createTask(eagerStart = true) {
            try {
                while (true) {
                    val payload = unanswered ?: break
                    unanswered = null
                    send(Opcode.PONG, true, payload)
                }
            } catch (_: IOException) {
                // The receiving side finds out.
            } finally {
                isAnswering = false
            }
        }
    }

    // Receiving.

    private val demand = AtomicLong()
    private val decoder = MessageDecoder()
    private var buffer = ByteBuffer.allocate(SMALLEST).limit(0)
    private var waiter: Future<Unit>? = null
    private var hasFailed = false

    override fun request(n: Long) {
        require(n > 0) { "request($n) asks for nothing: n must be positive" }
        demand.getAndUpdate { if (Long.MAX_VALUE - it < n) Long.MAX_VALUE else it + n }
        inLoop { wake() }
    }

    /** Begins to receive. On the loop. */
    fun begin() {
        client.begin(this)
        guarded { listener.onOpen(this) }
        loop.createTask(name = "WebSocket") { receive() }
    }

    private suspend fun receive() {
        try {
            while (awaitDemand()) {
                val message = next()
                if (inputClosed) return
                if (message == null) return closed(CloseStatus.ABNORMAL, "")
                demand.getAndUpdate { if (it == Long.MAX_VALUE) it else it - 1 }
                if (message is Message.Close) return closed(message.status, message.reason)
                watch(deliver(message))
            }
        } catch (e: Throwable) {
            fail(e)
        }
    }

    private suspend fun awaitDemand(): Boolean {
        while (true) {
            if (inputClosed) return false
            if (demand.get() > 0) return true
            val waiter = Future<Unit>(loop).also { this.waiter = it }
            try {
                if (demand.get() == 0L) waiter.await()
            } finally {
                this.waiter = null
            }
        }
    }

    private fun wake() {
        waiter?.let { if (!it.done()) it.setResult(Unit) }
    }

    /** The next message; null if the connection ends. */
    private suspend fun next(): Message? {
        while (true) {
            decoder.decode(buffer)?.let { return it }
            if (buffer.limit() == buffer.capacity() && buffer.capacity() < LARGEST) buffer = ByteBuffer.allocate(4 * buffer.capacity())
            buffer.clear()
            val count = response.body.read(buffer)
            buffer.flip()
            if (count < 0) return null
        }
    }

    private fun deliver(message: Message): CompletionStage<*>? =
        when (message) {
            is Message.Text -> listener.onText(this, message.text, message.isLast)
            is Message.Binary -> listener.onBinary(this, message.bytes, message.isLast)
            is Message.Pong -> listener.onPong(this, message.bytes)
            is Message.Ping -> {
                answer(message.bytes)
                listener.onPing(this, message.bytes)
            }
            is Message.Close -> null
        }

    /** A stage that fails is a failure of the listener. What it has got is its own, so nothing else depends on the stage. */
    private fun watch(stage: CompletionStage<*>?) {
        stage?.whenComplete { _, failure -> if (failure != null) inLoop { fail(failure) } }
    }

    private fun closed(
        status: Int,
        reason: String,
    ) {
        inputClosed = true
        val answer = if (status == CloseStatus.NONE || status == CloseStatus.ABNORMAL) CloseStatus.NORMAL else status
        guarded {
            val stage = listener.onClose(this, status, reason)
            if (stage == null) closeOutput(answer) else stage.whenComplete { _, _ -> inLoop { closeOutput(answer) } }
        }
        if (status == CloseStatus.ABNORMAL && isCloseSent) finish()
    }

    private fun guarded(call: () -> Unit) {
        try {
            call()
        } catch (e: Throwable) {
            fail(e)
        }
    }

    /** It ends with [failure], of which the listener is told, unless it has ended already. */
    private fun fail(failure: Throwable) {
        if (hasFailed || (inputClosed && isCloseSent)) return
        hasFailed = true
        inputClosed = true
        if (failure is WebSocketProtocolException) closeOutput(failure.status)
        outputClosed.set(true)
        try {
            listener.onError(this, failure)
        } catch (e: Throwable) {
            loop.callExceptionHandler(ExceptionContext("Unhandled exception in onError of a WebSocket's listener", e))
        }
        if (failure is WebSocketProtocolException) finish() else abort()
    }

    // The end.

    /** Closes the connection when everything is sent. */
    private fun finish() {
        response.close()
        client.end(this)
    }

    override fun abort() {
        outputClosed.set(true)
        inputClosed = true
        inLoop {
            hasFailed = true
            wake()
            response.abort()
            client.end(this)
        }
    }

    private inline fun inLoop(crossinline block: () -> Unit) {
        if (getRunningLoopOrNull() === loop) {
            block()
        } else if (!loop.isClosed) {
            loop.callSoonThreadsafe { block() }
        }
    }

    override fun toString(): String = "<WebSocket ${response.getExtraInfo("peername")}>"

    private companion object {
        const val SMALLEST = 1024
        const val LARGEST = 64 * 1024
        const val MOST_REASON = 123
    }
}
