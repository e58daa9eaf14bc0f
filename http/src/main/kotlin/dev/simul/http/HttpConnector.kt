// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.createConnection
import dev.simul.net.createUnixConnection
import dev.simul.tls.startTls
import dev.simul.waitFor
import java.io.IOException
import java.net.SocketTimeoutException
import java.nio.ByteBuffer

/**
 * Makes requests, and keeps the connections for the next ones: the pool of one loop, whose tasks and coroutines share it.
 *
 * A connection is used for one request at a time, the one that was used last comes first, and those that nobody uses are closed after
 * a while. The addresses of hosts are kept for a while too. If a request fails on a connection that was kept, before anything of a
 * response has arrived, the server has probably closed it at that moment: the request is repeated once, on a new connection, if its method
 * is idempotent and its body can be written again.
 *
 * Source: `aiohttp.TCPConnector`.
 *
 * @param loop the loop that it belongs to.
 */
public class HttpConnector(
    public val loop: EventLoop = getRunningLoop(),
    private val options: HttpConnectorOptions = HttpConnectorOptions(),
) : AutoCloseable {
    private val pool = ConnectionPool(loop, options)
    private val names = NameCache(loop, options.connection.family, options.ttlDnsCache)
    private val scratch: ByteBuffer = ByteBuffer.allocateDirect(Outgoing.SCRATCH)

    /** Whether [close] was called. */
    public val isClosed: Boolean get() = pool.isClosed

    /** How many connections are open, and being made. */
    public val size: Int get() = pool.size

    /** How many of the open connections nobody uses. */
    public val idleSize: Int get() = pool.idleSize

    /**
     * Sends a request over [route], and waits for the response; its body is for the caller to read.
     *
     * The length of [body] is added to the headers; everything else in them, such as `Host`, is the caller's.
     *
     * If the task is cancelled, the connection is closed.
     *
     * @throws ConnectTimeoutException if connecting takes too long.
     * @throws ProxyException if the proxy of the route refuses a tunnel.
     * @throws HttpException if the response is malformed, or does not come.
     * @throws java.net.SocketTimeoutException if nothing arrives for longer than [options] allow.
     * @throws java.io.IOException if connecting fails, or the connection is lost.
     * @throws IllegalStateException after [close].
     * @throws IllegalArgumentException if [head] says itself how long the body is.
     */
    public suspend fun request(
        route: HttpRoute,
        head: RequestHead,
        body: RequestBody = RequestBody.EMPTY,
        options: RequestOptions = RequestOptions.DEFAULT,
    ): ClientResponse {
        head.requireNoLength()
        val sent = if (route.isForwarded) forwarded(route, head) else head
        val host = pool.host(route.shared)
        host.users++
        try {
            return request(host, sent, body, options)
        } finally {
            host.users--
            pool.forgetIfUnused(host)
        }
    }

    private suspend fun request(
        host: ConnectionPool.Host,
        sent: RequestHead,
        body: RequestBody,
        options: RequestOptions,
    ): ClientResponse {
        val kept = pool.take(host) ?: return open(host, options).request(sent, body, options)
        try {
            return kept.request(sent, body, options)
        } catch (e: IOException) {
            val isLost = !kept.hasReceived && e !is SocketTimeoutException
            if (!isLost || sent.method !in IDEMPOTENT || !body.isReplayable) throw e
        }
        pool.reserve(host)
        return open(host, options).request(sent, body, options)
    }

    /** What a proxy gets: the whole URL, and the fields that are for it. */
    private fun forwarded(
        route: HttpRoute,
        head: RequestHead,
    ): RequestHead {
        val target = if (head.target.startsWith("/")) "http://${route.authority(HTTP_PORT)}${head.target}" else head.target
        return RequestHead(head.method, target, head.headers.with(route.proxy!!.headers), head.version)
    }

    /** Makes a connection, for which there is room, in a task of its own: the caller may be a coroutine that is no task. */
    private suspend fun open(
        host: ConnectionPool.Host,
        options: RequestOptions,
    ): ClientConnection {
        val connection = ClientConnection(loop, this.options.limits, scratch, host, this.options.expectContinueTimeout)
        val timeout = options.connectTimeout ?: this.options.connectTimeout
        try {
            val connecting = loop.createTask { waitFor(timeout.takeIf { it.isFinite() }) { connect(connection, host.route) } }
            try {
                connecting.await()
            } catch (e: Throwable) {
                connecting.cancel()
                throw e
            }
            check(!isClosed) { "the connector was closed" }
            connection.isPooled = true
        } catch (e: Throwable) {
            if (connection.isConnected) connection.abort()
            host.release(connection)
            throw if (e is TimeoutException) ConnectTimeoutException(host.route, timeout).also { it.initCause(e) } else e
        }
        return connection
    }

    private suspend fun connect(
        connection: ClientConnection,
        route: HttpRoute,
    ) {
        val tls = options.connection.towards(route)
        when {
            route.unixPath != null -> loop.createUnixConnection(route.unixPath, tls) { connection.protocol }
            route.proxy != null -> tunnel(connection, route, route.proxy)
            else -> loop.createConnection(names.addresses(route.host, route.port), tls) { connection.protocol }
        }
    }

    /** Asks the proxy for a connection to the server, and goes on over that. */
    private suspend fun tunnel(
        connection: ClientConnection,
        route: HttpRoute,
        proxy: HttpProxy,
    ) {
        loop.createConnection(names.addresses(proxy.host, proxy.port), options.connection) { connection.protocol }
        val authority = route.authority(defaultPort = 0)
        val response = connection.request(RequestHead("CONNECT", authority, Headers.of("Host" to authority).with(proxy.headers)))
        if (response.writer == null) throw ProxyException(route, response.head)
        connection.upgrade { transport, protocol ->
            val ssl = route.ssl ?: return@upgrade transport
            loop.startTls(transport, protocol, ssl, serverHostname = route.serverHostname ?: route.host)
        }
    }

    /**
     * Closes the connections that nobody uses, and each other one when its response is read. Requests that wait for a connection fail.
     *
     * Does nothing if it was called before.
     */
    override fun close(): Unit = pool.close()

    /** Waits until this is closed, and its last connection is. */
    public suspend fun waitClosed(): Unit = pool.waitClosed()

    override fun toString(): String = "<HttpConnector with $size connections, $idleSize idle>"

    private companion object {
        const val HTTP_PORT = 80

        /** The methods whose requests may be repeated. Source: RFC 9110, section 9.2.2. */
        val IDEMPOTENT = setOf("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE")
    }
}

/** Fails if the length of the body is among the fields. */
internal fun RequestHead.requireNoLength() =
    require("Content-Length" !in headers && "Transfer-Encoding" !in headers) {
        "$this says how long the body is: leave that to the body"
    }

/** `example.org:8080`; the port is left out if it is [defaultPort]. */
internal fun HttpRoute.authority(defaultPort: Int): String {
    val name = if (':' in host) "[$host]" else host
    return if (port == defaultPort) name else "$name:$port"
}

/** These fields, and those of [others] instead of any of the same name. */
private fun Headers.with(others: Headers): Headers =
    if (others.size == 0) this else toBuilder().also { for ((name, value) in others) it.set(name, value) }.build()

/** These options, with the TLS of [route]. */
private fun ConnectionOptions.towards(route: HttpRoute) =
    if (route.ssl == null) {
        this
    } else {
        ConnectionOptions(
            family,
            localAddress,
            localPort,
            happyEyeballsDelay,
            interleave,
            allErrors = false,
            route.ssl,
            route.serverHostname ?: route.host,
        )
    }
