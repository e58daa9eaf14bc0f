// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.Awaitable
import dev.simul.Future
import dev.simul.exceptions.TimeoutException
import dev.simul.http.HttpConnector
import dev.simul.http.HttpConnectorOptions
import dev.simul.http.HttpProxy
import dev.simul.http.HttpRoute
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.net.ConnectionOptions
import dev.simul.shield
import dev.simul.timeout
import kotlinx.coroutines.CancellationException
import java.io.IOException
import java.net.Authenticator
import java.net.CookieHandler
import java.net.ProxySelector
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandler
import java.net.http.HttpResponse.PushPromiseHandler
import java.net.http.WebSocket
import java.util.Optional
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLParameters
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinDuration

/**
 * The JDK's client on [loop], where its connections, its timers and the subscribers of bodies run. It speaks HTTP/1.1, whatever version it
 * is told to prefer, as the JDK's does with servers that have no HTTP/2.
 */
internal class LoopHttpClient(
    val loop: EventLoop,
    val waits: Waits,
    private val settings: HttpSettings,
) : HttpClient() {
    val worker = Worker(loop, settings.executor)
    val proxies = Proxies(loop, settings.proxy)
    val accepted = AcceptedCredentials()
    val connector by lazy { HttpConnector(loop, connectorOptions(settings)) }

    private val sslContext by lazy { settings.sslContext ?: SSLContext.getDefault() }
    private val tls by lazy { tlsOf(sslContext, settings.sslParameters) }
    private var lastRoute: HttpRoute? = null

    /** The last request that is sent in the same way whenever it is, for users who send one again and again. */
    var lastPrepared: PreparedRequest? = null

    override fun cookieHandler(): Optional<CookieHandler> = Optional.ofNullable(settings.cookieHandler)

    override fun connectTimeout(): Optional<java.time.Duration> = Optional.ofNullable(settings.connectTimeout)

    override fun followRedirects(): Redirect = settings.followRedirects

    override fun proxy(): Optional<ProxySelector> = Optional.ofNullable(settings.proxy)

    override fun sslContext(): SSLContext = sslContext

    override fun sslParameters(): SSLParameters = settings.sslParameters?.copy() ?: sslContext.defaultSSLParameters

    override fun authenticator(): Optional<Authenticator> = Optional.ofNullable(settings.authenticator)

    override fun version(): Version = settings.version

    override fun executor(): Optional<Executor> = Optional.ofNullable(settings.executor)

    // Requests.

    override fun <T> send(
        request: HttpRequest,
        responseBodyHandler: BodyHandler<T>,
    ): HttpResponse<T> {
        val exchange = exchange(request, responseBodyHandler)
        try {
            return waits.await(loop, exchange)
        } catch (e: Exception) {
            throw if (!exchange.hasBegun || isForCallers(e)) e else IOException(e.message, e)
        }
    }

    /** What the JDK's client throws as it is; any other exception it wraps. */
    private fun isForCallers(e: Exception) =
        when (e) {
            is IOException, is CancellationException, is InterruptedException, is IllegalArgumentException, is SecurityException -> true
            else -> false
        }

    override fun <T> sendAsync(
        request: HttpRequest,
        responseBodyHandler: BodyHandler<T>,
    ): CompletableFuture<HttpResponse<T>> = waits.call(loop, exchange(request, responseBodyHandler))

    /** As the other [sendAsync]: servers of HTTP/1.1 promise nothing. */
    override fun <T> sendAsync(
        request: HttpRequest,
        responseBodyHandler: BodyHandler<T>,
        pushPromiseHandler: PushPromiseHandler<T>?,
    ): CompletableFuture<HttpResponse<T>> = sendAsync(request, responseBodyHandler)

    override fun newWebSocketBuilder(): WebSocket.Builder = LoopWebSocketBuilder(this)

    private fun <T> exchange(
        request: HttpRequest,
        handler: BodyHandler<T>,
    ): ResponseExchange<T> {
        Exchange.check(request)
        return ResponseExchange(this, request, handler, isForLoop = getRunningLoopOrNull() != null)
    }

    /** The way to [destination]; a tunnel for another protocol, if it tunnels. On the loop. */
    fun routeTo(
        destination: Destination,
        proxy: HttpProxy?,
    ): HttpRoute {
        val last = lastRoute
        val isLast =
            last != null && last.port == destination.port && last.host == destination.host && (last.ssl != null) == destination.isSecure &&
                last.proxy == proxy
        if (isLast) return last
        val ssl = if (destination.isSecure) tls else null
        return HttpRoute(destination.host, destination.port, ssl, proxy = proxy).also { lastRoute = it }
    }

    // The end of it. Newer JDKs have these in the class.

    /** In the order in which they began. */
    private val running = LinkedHashSet<Running>()

    @Volatile
    private var isShutDown = false

    @Volatile
    private var terminated = false
    private var waiter: Future<Unit>? = null

    /** Something begins that uses a connection. On the loop. */
    fun begin(user: Running) {
        if (isShutDown) throw IOException("the client was shut down")
        running += user
    }

    /** What has begun goes on in [user]. On the loop. */
    fun goOn(user: Running) {
        running += user
    }

    /** It is over. On the loop. */
    fun end(user: Running) {
        running -= user
        if (isShutDown) settle()
    }

    private fun settle() {
        if (running.isNotEmpty() || terminated) return
        terminated = true
        connector.close()
        waiter?.let { if (!it.done()) it.setResult(Unit) }
    }

    private fun inLoop(block: () -> Unit) {
        if (getRunningLoopOrNull() === loop) {
            block()
        } else if (loop.isClosed) {
            terminated = true
        } else {
            loop.callSoonThreadsafe(callback = block)
        }
    }

    @Suppress("unused")
    fun shutdown() {
        isShutDown = true
        inLoop { settle() }
    }

    @Suppress("unused")
    fun shutdownNow() {
        isShutDown = true
        inLoop {
            for (user in running.toList()) user.abort()
            settle()
        }
    }

    @Suppress("unused")
    fun isTerminated(): Boolean = terminated

    @Suppress("unused")
    @Throws(InterruptedException::class)
    fun awaitTermination(duration: java.time.Duration): Boolean {
        if (terminated || loop.isClosed) return true
        waits.await(loop, Termination(duration.toKotlinDuration()))
        return terminated
    }

    /** Waits for the requests that have begun; if the thread is interrupted meanwhile, they are cut short. */
    @Suppress("unused")
    fun close() {
        shutdown()
        var isInterrupted = false
        while (!terminated && !loop.isClosed) {
            try {
                waits.await(loop, Termination(null))
            } catch (_: InterruptedException) {
                isInterrupted = true
                shutdownNow()
            }
        }
        if (isInterrupted) Thread.currentThread().interrupt()
    }

    private inner class Termination(
        private val limit: Duration?,
    ) : Awaitable<Unit> {
        override suspend fun await() {
            if (terminated) return
            val waiter = waiter ?: Future<Unit>(loop).also { waiter = it }
            try {
                timeout(limit) { shield(waiter).await() }
            } catch (_: TimeoutException) {
                // The caller looks itself.
            }
        }
    }

    /** What uses a connection of a client. */
    interface Running {
        /** Ends it now. On the loop. */
        fun abort()
    }

    override fun toString(): String = "<HttpClient of $loop>"

    private companion object {
        /** For how long the JDK's client keeps a connection that nobody uses. */
        val KEEPALIVE = Integer.getInteger("jdk.httpclient.keepalive.timeout", 30).seconds
        val SHORTEST = 1.milliseconds

        fun connectorOptions(settings: HttpSettings) =
            HttpConnectorOptions(
                limit = Int.MAX_VALUE,
                keepaliveTimeout = KEEPALIVE.coerceAtLeast(SHORTEST),
                connectTimeout = settings.connectTimeout?.toKotlinDuration() ?: Duration.INFINITE,
                connection = ConnectionOptions(localAddress = settings.localAddress, happyEyeballsDelay = 250.milliseconds),
            )
    }
}
