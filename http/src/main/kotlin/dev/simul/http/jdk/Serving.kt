// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import com.sun.net.httpserver.HttpServer
import dev.simul.Awaitable
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.TimeoutException
import dev.simul.http.Headers
import dev.simul.http.HttpServerOptions
import dev.simul.http.ResponseHead
import dev.simul.http.ServerExchange
import dev.simul.http.createHttpServer
import dev.simul.http.reasonPhrase
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.net.ServerOptions
import dev.simul.tls.SslContext
import dev.simul.waitFor
import java.net.BindException
import java.net.InetSocketAddress
import java.net.SocketException
import java.net.URI
import java.net.URISyntaxException
import java.nio.ByteBuffer
import java.nio.channels.ServerSocketChannel
import java.util.concurrent.ExecutionException
import java.util.concurrent.Executor
import java.util.concurrent.TimeUnit
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** What servers of both kinds do on [loop]: they are bound, started and stopped, by any thread, and answer requests. */
internal class Serving(
    private val server: HttpServer,
    private val loop: EventLoop,
    private val waits: Waits,
    private val options: HttpServerOptions,
) {
    val contexts = Contexts(server)
    private var state = State.NEW
    private var backlog = 0
    private var channel: ServerSocketChannel? = null

    /** What it is bound to, or was; null before. */
    @Volatile
    var address: InetSocketAddress? = null
        private set

    /** On the loop, from here on. */
    private var serving: dev.simul.http.HttpServer? = null
    private val exchanges = LinkedHashSet<LoopExchange>()

    private enum class State { NEW, BOUND, STARTED, STOPPED }

    val isStarted: Boolean @Synchronized get() = state >= State.STARTED

    @Synchronized
    fun bind(
        address: InetSocketAddress,
        backlog: Int,
    ) {
        if (state == State.STOPPED) throw SocketException("$server is stopped: make a new one")
        if (state != State.NEW) throw BindException("$server is bound already")
        if (address.isUnresolved) throw SocketException("the name of $address is not resolved: look it up, or give an address")
        this.backlog = if (backlog > 0) backlog else DEFAULT_BACKLOG
        val channel = loop.selectorProvider.openServerSocketChannel()
        try {
            channel.bind(address, this.backlog)
            this.address = channel.localAddress as InetSocketAddress
        } catch (e: Throwable) {
            channel.close()
            throw e
        }
        this.channel = channel
        state = State.BOUND
    }

    fun refuseExecutor(executor: Executor?) {
        check(!isStarted) { "$server is started already" }
        if (executor == null) return
        throw UnsupportedOperationException(
            "the handlers of $server are bodies of its loop, and run in no executor: leave it out, and call what blocks by toThread()",
        )
    }

    // Start and stop.

    fun start(ssl: SslContext?) {
        synchronized(this) {
            check(state != State.NEW) { "$server is not bound: call bind() before" }
            check(state == State.BOUND) { "$server is ${state.name.lowercase()} already" }
            state = State.STARTED
        }
        waits.start(loop, Starting(ssl))
    }

    private inner class Starting(
        private val ssl: SslContext?,
    ) : Awaitable<Unit> {
        override suspend fun await() {
            if (hasStopped()) return
            val listening = ServerOptions(backlog = backlog, startServing = false, ssl = ssl)
            val http = loop.createHttpServer(channel!!, listening, options, ::answer)
            serving = http
            http.startServing()
        }
    }

    @Synchronized
    private fun hasStopped() = state == State.STOPPED

    fun stop(delay: Int) {
        require(delay >= 0) { "the delay is $delay seconds: it must not be negative" }
        if (isStarted && !loop.isClosed) return stop(Stopping(delay.seconds), delay)
        stopListening()
    }

    private fun stop(
        stopping: Stopping,
        delay: Int,
    ) {
        if (getRunningLoopOrNull() != null) return waits.await(loop, stopping)
        val future = waits.call(loop, stopping)
        if (!loop.isRunning) return // Nobody would end the wait: it stops when it runs.
        try {
            future.get(delay + LONGER, TimeUnit.SECONDS)
        } catch (_: java.util.concurrent.TimeoutException) {
            // The loop is busy with something else, and stops the server after that.
        } catch (_: InterruptedException) {
            future.cancel(true)
            Thread.currentThread().interrupt()
        } catch (e: ExecutionException) {
            throw e.cause!!
        }
    }

    @Synchronized
    private fun stopListening() {
        state = State.STOPPED
        channel?.close()
    }

    private inner class Stopping(
        private val delay: Duration,
    ) : Awaitable<Unit> {
        override suspend fun await() {
            val http = serving ?: return stopListening()
            synchronized(this@Serving) { state = State.STOPPED }
            val own = exchanges.find { it.task === currentTask() }
            if (own == null) return http.shutdown(delay, Duration.ZERO)
            // The handler that stops its own server would wait for itself.
            loop.createTask { http.shutdown(delay, Duration.ZERO) }
            try {
                waitFor(delay) { exchanges.filter { it !== own }.forEach { it.waitEnded() } }
            } catch (_: TimeoutException) {
                // Those that are left are cancelled.
            }
        }
    }

    // Requests.

    private suspend fun answer(core: ServerExchange) {
        val uri = uriOf(core) ?: return refuse(core, BAD_REQUEST, "the target is not a URI with a path")
        val context = contexts.find(uri.path) ?: return refuse(core, NOT_FOUND, "No context found for request")
        val handler = context.handler ?: return refuse(core, INTERNAL_ERROR, "No handler for context")
        val exchange = LoopExchange(loop, waits, context, core, uri)
        exchanges += exchange
        try {
            waits.bodyOf { context.handle(exchange, handler) }.await()
            exchange.waitClosed()
        } finally {
            exchanges -= exchange
            exchange.end()
        }
    }

    private fun uriOf(core: ServerExchange): URI? =
        try {
            URI(core.request.target).takeIf { it.path != null }
        } catch (_: URISyntaxException) {
            null
        }

    private suspend fun refuse(
        core: ServerExchange,
        status: Int,
        why: String,
    ) {
        val page = "<h1>$status ${reasonPhrase(status)}</h1>$why"
        core.respond(ResponseHead(status, HTML), ByteBuffer.wrap(page.toByteArray()))
    }

    private companion object {
        /** asyncio's. */
        const val DEFAULT_BACKLOG = 100
        const val BAD_REQUEST = 400
        const val NOT_FOUND = 404
        const val INTERNAL_ERROR = 500
        val HTML = Headers.of("Content-Type" to "text/html")

        /** In seconds: for the turns that closing the connections takes. */
        const val LONGER = 1L
    }
}
