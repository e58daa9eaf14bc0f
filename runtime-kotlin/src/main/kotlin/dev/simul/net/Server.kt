// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.AsyncCloseable
import dev.simul.SingleWaiter
import dev.simul.Waiters
import dev.simul.exceptions.CancelledException
import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.sleep
import dev.simul.tls.TlsProtocol
import dev.simul.transports.OpenTransports
import dev.simul.transports.Releasable
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import dev.simul.transports.TransportOwner
import kotlinx.coroutines.CancellationException
import java.io.IOException
import java.net.SocketAddress
import java.net.StandardSocketOptions
import java.nio.channels.SocketChannel
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Listens on one or more addresses, and creates a transport and a protocol for each connection.
 *
 * Source: `asyncio.Server`.
 *
 * @property loop the loop it belongs to. Source: `Server.get_loop()`.
 */
public class Server internal constructor(
    public val loop: EventLoop,
    private val listeners: List<ConnectionSource>,
    private val options: ServerOptions,
    private val protocolFactory: () -> StreamingProtocol,
) : AsyncCloseable {
    private val transports = LinkedHashSet<Transport>()
    private var state = State.BOUND
    private val tls = options.tls()
    private var forever: SingleWaiter? = null
    private val gone = Waiters<Unit>(this, "Server.waitClosed")

    private enum class State { BOUND, SERVING, CLOSED }

    /** The listening sockets, released when the loop closes. */
    private val sockets =
        object : Releasable {
            override fun release() {
                state = State.CLOSED
                closeListeners()
            }

            override fun toString() = this@Server.toString()
        }

    private val clients =
        object : TransportOwner {
            override fun attach(transport: Transport) {
                transports.add(transport)
            }

            override fun detach(transport: Transport) {
                if (transports.remove(transport)) wakeIfGone()
            }
        }

    init {
        OpenTransports[loop].add(sockets)
    }

    /** Whether it accepts connections. Source: `Server.is_serving()`. */
    public val isServing: Boolean get() = state == State.SERVING

    /** The addresses that it is bound to; none after [close]. Source: `Server.sockets`. */
    public val addresses: List<SocketAddress> get() = if (state == State.CLOSED) emptyList() else listeners.map { it.address }

    /**
     * Begins to accept connections; does nothing if it already does.
     *
     * Source: `Server.start_serving()`.
     *
     * @throws IllegalStateException if the server is closed.
     */
    public suspend fun startServing() {
        serve()
        sleep(Duration.ZERO)
    }

    internal fun serve() {
        check(state != State.CLOSED) { "$this is closed: make a new one" }
        if (state == State.SERVING) return
        state = State.SERVING
        listeners.forEach(::accept)
    }

    private fun accept(listener: ConnectionSource) {
        if (state != State.SERVING) return
        listener.watch(loop, this, CallbackHandle(loop, loop.copyCurrentContext()) { acceptFrom(listener) })
    }

    /** Accepts up to a full queue of connections. */
    private fun acceptFrom(listener: ConnectionSource) {
        repeat(options.backlog + 1) {
            val channel =
                try {
                    listener.accept() ?: return
                } catch (e: IOException) {
                    return backOff(listener, e)
                }
            AcceptedConnection(loop, channel, listener) { made -> connect(channel, made) }.start()
        }
    }

    /** Returns null if the server was closed meanwhile. */
    private fun connect(
        channel: SocketChannel,
        made: SingleWaiter,
    ): Transport? {
        if (state == State.CLOSED) return null
        channel.withoutDelay()
        if (options.keepAlive && StandardSocketOptions.SO_KEEPALIVE in channel.supportedOptions()) {
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true)
        }
        return loop.startTransport(channel, protocolFactory(), tls, clients, made)
    }

    /** The process or the system has no room for another connection: open ones continue, and the server tries again in a second. */
    private fun backOff(
        listener: ConnectionSource,
        exception: IOException,
    ) {
        if (state != State.SERVING) return
        loop.callExceptionHandler(ExceptionContext("socket.accept() out of system resource", exception, mapOf("socket" to listener)))
        listener.stopWatching(loop)
        loop.callLater(ACCEPT_RETRY_DELAY) { accept(listener) }
    }

    /**
     * Accepts connections until the server is closed, or the calling task is cancelled.
     *
     * In both cases the server is closed, and this waits for the connections to end: forever if a client never leaves. To end a server in
     * time, call [shutdown] in another task; this then returns by itself.
     *
     * Source: `Server.serve_forever()`.
     *
     * @throws CancelledException if the task is cancelled, or the server is closed.
     * @throws IllegalStateException if the server is closed, or another task already serves it forever.
     */
    public suspend fun serveForever() {
        check(forever == null) { "$this is served forever already: that call goes on" }
        serve()
        val forever = SingleWaiter(loop, "Server.serveForever", this).also { forever = it }
        try {
            forever.await()
        } catch (e: CancellationException) {
            try {
                aclose()
            } finally {
                throw e
            }
        } finally {
            this.forever = null
        }
    }

    /**
     * Stops accepting connections. Open connections stay open.
     *
     * Source: `Server.close()`.
     */
    public fun close() {
        if (state == State.CLOSED) return
        state = State.CLOSED
        closeListeners()
        freeAddresses()
        OpenTransports[loop].remove(sockets)
        forever?.cancel()
        wakeIfGone()
    }

    /** A closed channel keeps its address until the next selection. */
    private fun freeAddresses() {
        loop.poller.expectNews()
        loop.poller.poll(0)
    }

    private fun closeListeners() = listeners.forEach { it.close() }

    /** Closes all open connections. Source: `Server.close_clients()`. */
    public fun closeClients(): Unit = transports.toList().forEach { it.outermost.close() }

    /** Aborts all open connections. Source: `Server.abort_clients()`. */
    public fun abortClients(): Unit = transports.toList().forEach { it.outermost.abort() }

    /**
     * Waits until the server and all its connections are closed: forever if a client never leaves.
     *
     * Source: `Server.wait_closed()`.
     */
    public suspend fun waitClosed() {
        if (!isGone) gone.wait()
    }

    /**
     * Shuts the server down in order and in time: stops accepting, and returns when all connections are closed.
     *
     * Clients may finish within [grace]; if all do, this returns with the last of them. The remaining connections are then closed, after
     * unsent data is sent; those still open after [flush] are aborted.
     *
     * Cancelling the task aborts all connections, and waits the turns that this takes. asyncio has no equivalent.
     *
     * @param grace how long clients may stay; an idle one stays this long.
     * @param flush how long they may then take to receive unsent data.
     */
    public suspend fun shutdown(
        grace: Duration,
        flush: Duration = 1.seconds,
    ) {
        close()
        try {
            if (waitGone(grace)) return
            closeClients()
            if (waitGone(flush)) return
        } catch (e: CancellationException) {
            try {
                abortAll()
            } finally {
                throw e
            }
        }
        abortAll()
    }

    private suspend fun abortAll() {
        abortClients()
        waitClosed()
    }

    /** As [waitClosed], no longer than [limit]; returns whether everything is closed. */
    private suspend fun waitGone(limit: Duration): Boolean {
        if (isGone) return true
        val waiter = gone.add()
        val timer = loop.callLater(limit) { if (!waiter.done()) waiter.wake() }
        try {
            waiter.wait()
        } finally {
            timer.cancel()
        }
        return isGone
    }

    /** Closes the server and waits for its connections to end. Source: `async with server`. */
    override suspend fun aclose() {
        close()
        waitClosed()
    }

    private val isGone get() = state == State.CLOSED && transports.isEmpty()

    private fun wakeIfGone() {
        if (isGone) gone.wakeAll()
    }

    override fun toString(): String = "<Server at ${listeners.joinToString { it.address.toString() }} ${state.name.lowercase()}>"

    private companion object {
        val ACCEPT_RETRY_DELAY = 1.seconds
    }
}

/** The transport that the user of the connection has: over TLS, the one on top of this. */
private val Transport.outermost: Transport get() = (protocol as? TlsProtocol)?.appTransport?.outermost ?: this
