// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.Task
import dev.simul.createTask
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.transports.Protocol
import dev.simul.transports.Transport
import kotlinx.coroutines.CancellationException
import java.io.IOException
import java.nio.ByteBuffer

/** A connection of a server: one task answers the requests that come through it, in order. */
internal class ServerConnection(
    private val loop: EventLoop,
    limits: HttpLimits,
    scratch: ByteBuffer,
    private val handler: suspend (ServerExchange) -> Unit,
) : Protocol {
    private val incoming = Incoming(loop, RequestParser(limits), limits)
    private val outgoing = Outgoing(loop, scratch)
    private lateinit var transport: Transport
    private lateinit var task: Task<Unit>

    /** What is being answered. */
    private var exchange: ServerExchange? = null

    override fun connectionMade(transport: Transport) {
        this.transport = transport
        incoming.begin(transport)
        outgoing.begin(transport)
        task = loop.createTask { serve() }
    }

    override fun dataReceived(data: ByteBuffer): Unit = incoming.received(data)

    /** A client that has sent its last request may still wait for the answer; TLS closes in any case. */
    override fun eofReceived(): Boolean {
        incoming.ended()
        return true
    }

    override fun pauseWriting(): Unit = outgoing.pause()

    override fun resumeWriting(): Unit = outgoing.resume()

    /** A task that still answers is cancelled: nobody gets the answer. */
    override fun connectionLost(exception: Throwable?) {
        if (exception == null) incoming.ended() else incoming.fail(exception)
        outgoing.lost(exception)
        if (exchange != null) task.cancel("the client is gone: $transport")
    }

    private suspend fun serve() {
        try {
            do {
                val request = incoming.head() ?: break
                val persists = answer(request)
                exchange = null
            } while (persists)
        } catch (e: BadMessageException) {
            refuse(e)
        } catch (_: IOException) {
            // The client broke off.
        } finally {
            transport.close()
        }
    }

    /** Returns whether the connection can be used for another request. */
    private suspend fun answer(request: RequestHead): Boolean {
        incoming.beginBody { BodyFraming.of(request) }
        val exchange = ServerExchange(request, incoming, outgoing).also { this.exchange = it }
        try {
            handler(exchange)
        } catch (e: CancellationException) {
            throw e
        } catch (e: HttpException) {
            throw e
        } catch (e: Exception) {
            report(e, exchange)
        }
        if (!exchange.hasBegun) exchange.respond(FAILED)
        return exchange.isAnswered && exchange.isPersistent && incoming.skipBody()
    }

    private fun report(
        e: Exception,
        exchange: ServerExchange,
    ) {
        if (e is IOException && transport.isClosing) throw e
        loop.callExceptionHandler(ExceptionContext("Unhandled exception while answering $exchange", e, mapOf("transport" to transport)))
    }

    /** Says what was wrong with a request, and no more: what else has arrived cannot be told apart. */
    private fun refuse(e: BadMessageException) {
        if (transport.isClosing || exchange?.hasBegun == true) return
        val problem = ByteBuffer.wrap("${e.problem}\n".toByteArray())
        outgoing.send(ResponseHead(e.status, TEXT), problem) {
            it.putContentLength(problem.remaining().toLong())
            it.putConnection(isPersistent = false)
        }
    }

    override fun toString(): String = "<ServerConnection of $transport>"

    private companion object {
        val FAILED = ResponseHead(500)
        val TEXT = Headers.of("Content-Type" to "text/plain")
    }
}
