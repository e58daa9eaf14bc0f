// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.Task
import dev.simul.createTask
import dev.simul.loop.ExceptionContext
import dev.simul.transports.Protocol
import dev.simul.transports.Transport
import dev.simul.wait
import kotlinx.coroutines.CancellationException
import java.io.IOException
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel
import kotlin.time.Duration.Companion.seconds

/** A connection of a server: one task answers the requests that come through it, in order. */
internal class ServerConnection(
    private val service: HttpService,
) : Protocol {
    private val loop = service.loop
    private val options = service.options
    private val incoming = Incoming(loop, RequestParser(options.limits), options.limits, ::waitsForClient)
    private val outgoing = Outgoing(loop, service.scratch, ::waitsForRoom)
    private val deadline = Deadline(loop, ::expired)
    private lateinit var transport: Transport
    private lateinit var task: Task<Unit>
    private var state = State.HEAD

    /** What is being answered. */
    private var exchange: ServerExchange? = null

    /** Why there is no connection any more; null if there is, or if it was closed in order. */
    private var lostBy: Throwable? = null

    /** How many bytes were unsent when the deadline was set. */
    private var unsent = 0

    private enum class State {
        /** Between requests. */
        IDLE,

        /** Some of a head has come, or the connection is new. */
        HEAD,

        ANSWER,

        /** The last answer is sent, and the client has still to read it. */
        LINGER,

        CLOSED,
    }

    // Called by the transport.

    override fun connectionMade(transport: Transport) {
        this.transport = transport
        incoming.begin(transport)
        outgoing.begin(transport)
        val hasRoom = service.enter(this)
        task = loop.createTask { if (hasRoom) serve() else turnAway() }
        task.addDoneCallback {
            service.leave(this)
            close()
        }
        if (service.closesIdle) loop.callSoon { closeIfIdle() }
    }

    override fun dataReceived(data: ByteBuffer) {
        incoming.received(data)
        if (state != State.IDLE || incoming.isEmpty) return
        state = State.HEAD
        deadline.set(options.headerTimeout)
    }

    /** A client that has sent its last request may still wait for the answer; TLS closes in any case. */
    override fun eofReceived(): Boolean {
        incoming.ended()
        exchange?.clientLeft()
        return options.halfClose || exchange?.isUpgraded == true
    }

    override fun pauseWriting(): Unit = outgoing.pause()

    override fun resumeWriting(): Unit = outgoing.resume()

    /** A task that still answers is cancelled: nobody gets the answer. */
    override fun connectionLost(exception: Throwable?) {
        state = State.CLOSED
        lostBy = exception
        deadline.end()
        if (exception == null) incoming.ended() else incoming.fail(exception)
        outgoing.lost(exception)
        val exchange = exchange ?: return
        exchange.clientLeft()
        if (!exchange.isUpgraded) task.cancel("the client is gone: $transport")
    }

    // The task.

    private suspend fun serve() =
        untilBrokenOff {
            try {
                serveAll()
                val isUnread = !incoming.isEmpty || !incoming.isBodyDone
                if (isUnread && exchange?.isBroken != true) linger()
            } catch (e: HttpException) {
                if (refuse(e)) linger()
            }
        }

    /** Runs [block], which may end because the client has broken off; TLS tells that by other exceptions, too, if it cannot say goodbye. */
    private inline fun untilBrokenOff(block: () -> Unit) {
        try {
            block()
        } catch (e: Exception) {
            if (e !is IOException && e !== lostBy) throw e
        }
    }

    /** Answers one request after the other, until the connection cannot be used for another. */
    private suspend fun serveAll() {
        while (true) {
            val request = incoming.head() ?: return
            state = State.ANSWER
            if (!answer(request) || service.closesIdle) return
            exchange = null
            state = if (incoming.isEmpty) State.IDLE else State.HEAD
        }
    }

    /** Returns whether the connection can be used for another request. */
    private suspend fun answer(request: RequestHead): Boolean {
        incoming.beginBody { BodyFraming.of(request) }
        val exchange = ServerExchange(request, service, incoming, outgoing, transport).also { this.exchange = it }
        try {
            handle(exchange)
            if (!exchange.hasBegun) answerFailed(exchange)
        } finally {
            exchange.end()
        }
        return exchange.isAnswered && exchange.isPersistent && incoming.skipBody()
    }

    private suspend fun handle(exchange: ServerExchange) {
        try {
            service.handler(exchange)
        } catch (e: CancellationException) {
            if (task.cancelling() > 0) throw e
            report(e, exchange)
        } catch (e: VirtualMachineError) {
            throw e
        } catch (e: Throwable) {
            if (incoming.isBrokenBy(e) || e === lostBy || (e is IOException && transport.isClosing)) throw e
            report(e, exchange)
        }
    }

    private suspend fun answerFailed(exchange: ServerExchange) {
        incoming.checkUnbroken()
        exchange.respond(FAILED)
    }

    private fun report(
        e: Throwable,
        exchange: ServerExchange,
    ): Unit =
        loop.callExceptionHandler(ExceptionContext("Unhandled exception while answering $exchange", e, mapOf("transport" to transport)))

    /** Says what was wrong with a request, and no more: what else has arrived cannot be told apart. Returns whether it could say so. */
    private fun refuse(e: HttpException): Boolean {
        if (transport.isClosing || exchange?.hasBegun == true) return false
        sayLast((e as? BadMessageException)?.status ?: BAD_REQUEST, e.problem)
        return true
    }

    private suspend fun turnAway() =
        untilBrokenOff {
            sayLast(UNAVAILABLE, "the server has ${options.maxConnections} connections, and takes no more")
            linger()
        }

    private fun sayLast(
        status: Int,
        problem: String,
    ) {
        val head = ResponseHead(status, TEXT)
        val text = ByteBuffer.wrap("$problem\n".toByteArray())
        outgoing.send(head, text.takeIf { exchange?.request?.method != "HEAD" }) {
            service.putDate(head, it)
            it.putContentLength(text.limit().toLong())
            it.putConnection(isPersistent = false)
        }
    }

    // The end.

    /**
     * Waits until the client has read the last answer and closes. If the connection were closed while something is unread here, the system
     * would reset it, and the client might never see the answer. Source: RFC 9112, section 9.6.
     */
    private suspend fun linger() {
        if (!transport.canWriteEof()) return
        state = State.LINGER
        transport.writeEof()
        incoming.discard(MOST_DISCARDED)
    }

    /** Closes the connection once everything is sent, if the client takes it. */
    private fun close() {
        if (exchange?.isCutShort == true) reset()
        if (state == State.CLOSED) return
        state = State.CLOSED
        transport.close()
        if (transport.writeBufferSize > 0) waitsForRoom()
    }

    /** Only a reset tells the client that a body is not complete which goes until the connection ends. */
    private fun reset() {
        (
            transport.getExtraInfo(
                "socket",
            ) as? SocketChannel
        )?.takeIf { it.isOpen && StandardSocketOptions.SO_LINGER in it.supportedOptions() }
            ?.setOption(StandardSocketOptions.SO_LINGER, 0)
        transport.abort()
    }

    /** Closes a connection that waits for a request. */
    fun closeIfIdle() {
        if (incoming.hasHead) return // which came in this very turn
        if (state == State.IDLE || (state == State.HEAD && incoming.isEmpty)) close()
    }

    /** Ends what it does, whatever that is. */
    fun cancel() {
        if (!task.cancel("the server is shut down")) close()
    }

    /** Waits until its task is done. */
    suspend fun waitDone() {
        wait(listOf(task))
    }

    // The deadline.

    private fun waitsForClient() {
        when (state) {
            State.IDLE -> deadline.set(options.idleTimeout)
            State.HEAD -> deadline.set(options.headerTimeout)
            State.ANSWER -> deadline.set(options.bodyTimeout.takeIf { exchange?.isUpgraded != true })
            State.LINGER -> deadline.set(LINGER)
            State.CLOSED -> Unit
        }
    }

    private fun waitsForRoom() {
        unsent = transport.writeBufferSize
        deadline.set(options.bodyTimeout)
    }

    private fun expired() {
        when {
            outgoing.isWaiting || state == State.CLOSED -> if (transport.writeBufferSize < unsent) waitsForRoom() else transport.abort()
            !incoming.isWaiting || incoming.hasHead -> Unit
            state == State.HEAD && !incoming.isEmpty ->
                incoming.fail(
                    tooSlow("the head of the request took more than ${options.headerTimeout}"),
                )
            state == State.ANSWER -> incoming.fail(tooSlow("nothing more of the body came for ${options.bodyTimeout}"))
            else -> close()
        }
    }

    private fun tooSlow(problem: String) = BadMessageException(problem, REQUEST_TIMEOUT)

    override fun toString(): String = "<ServerConnection of $transport>"

    private companion object {
        const val BAD_REQUEST = 400
        const val REQUEST_TIMEOUT = 408
        const val UNAVAILABLE = 503
        val FAILED = ResponseHead(500)
        val TEXT = Headers.of("Content-Type" to "text/plain")

        /** How long a client may take to read the last answer. */
        val LINGER = 1.seconds

        /** In bytes: how much a client may send meanwhile. */
        const val MOST_DISCARDED = 1024 * 1024L
    }
}
