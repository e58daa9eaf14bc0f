// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.AsyncCloseable
import dev.simul.Future
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.EventLoop
import dev.simul.net.Server
import dev.simul.waitFor
import kotlinx.coroutines.CancellationException
import java.net.SocketAddress
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Listens for connections, and answers the requests that come through them.
 *
 * It ends in order: once it is closed, connections that wait for a request are closed at once, and the others after the requests that they
 * answer, which tell their clients so by `Connection: close`.
 *
 * A client's next request may be on its way to a connection that is closed at once; it is lost, and HTTP/1.1 does not let the client send it
 * again unless it is idempotent. So in a worker that is [replaced][dev.simul.workers.Worker.isReplaced] connections that wait for a request
 * stay open: the next request is answered, with `Connection: close`, and the client's connection after that is another worker's. Clients
 * that send none keep theirs until the worker's grace is over, or [HttpServerOptions.idleTimeout]; what they send in that very moment is
 * lost, as HTTP/1.1 has no message by which a server could say that before.
 *
 * Source: `asyncio.Server`, `aiohttp.web.AppRunner`.
 */
public class HttpServer internal constructor(
    private val server: Server,
    private val service: HttpService,
) : AsyncCloseable {
    private var forever: Future<Unit>? = null

    /** The loop it belongs to. Source: `Server.get_loop()`. */
    public val loop: EventLoop get() = server.loop

    /** Whether it accepts connections. Source: `Server.is_serving()`. */
    public val isServing: Boolean get() = server.isServing

    /** The addresses that it is bound to; none after [close]. Source: `Server.sockets`. */
    public val addresses: List<SocketAddress> get() = server.addresses

    /** How many connections are open. */
    public val connections: Int get() = service.connections.size

    /** Begins to accept connections, unless it does already. Source: `Server.start_serving()`. */
    public suspend fun startServing(): Unit = server.startServing()

    /**
     * Accepts connections until the server is closed, or the calling task is cancelled: then the server is closed, and this waits for the
     * requests that are being answered.
     *
     * Source: `Server.serve_forever()`.
     *
     * @throws dev.simul.exceptions.CancelledException if the task is cancelled, or the server is closed.
     * @throws IllegalStateException if the server is closed, or another task already serves it forever.
     */
    public suspend fun serveForever() {
        check(forever == null) { "$this is served forever already: that call goes on" }
        server.startServing()
        val forever = Future<Unit>(loop).also { forever = it }
        try {
            forever.await()
        } finally {
            this.forever = null
            aclose()
        }
    }

    /**
     * Stops accepting connections, and closes those that wait for a request; the others follow, each after its answer. Does not wait. In a
     * worker that is replaced, those that wait for a request stay for one more.
     */
    public fun close() {
        server.close()
        service.drain()
        forever?.cancel()
    }

    /** Aborts all open connections. Source: `Server.abort_clients()`. */
    public fun abortClients(): Unit = server.abortClients()

    /** Waits until the server and all its connections are closed, and the handlers have ended. Source: `Server.wait_closed()`. */
    public suspend fun waitClosed() {
        server.waitClosed()
        service.connections.forEach { it.waitDone() }
    }

    /** Closes the server and waits for the requests that are being answered. Source: `async with server`. */
    override suspend fun aclose() {
        close()
        waitClosed()
    }

    /**
     * Shuts the server down in order and in time: as [aclose], but handlers that have not ended after [grace] are cancelled, and their
     * connections closed. Those whose clients do not take what is unsent within [flush] are aborted.
     *
     * Cancelling the task cancels all handlers and aborts all connections, and waits the turns that this takes.
     */
    public suspend fun shutdown(
        grace: Duration,
        flush: Duration = 1.seconds,
    ) {
        close()
        try {
            if (waitClosed(grace)) return
            cancelHandlers()
            if (waitClosed(flush)) return
        } catch (e: CancellationException) {
            try {
                cancelHandlers()
                abortAll()
            } finally {
                throw e
            }
        }
        abortAll()
    }

    private fun cancelHandlers() = service.connections.forEach { it.cancel() }

    private suspend fun abortAll() {
        abortClients()
        server.waitClosed()
    }

    /** As the other [waitClosed], no longer than [limit]; returns whether everything is closed. */
    private suspend fun waitClosed(limit: Duration): Boolean =
        try {
            waitFor(limit) { waitClosed() }
            true
        } catch (_: TimeoutException) {
            false
        }

    override fun toString(): String = "<HttpServer at ${addresses.joinToString()}>"
}
