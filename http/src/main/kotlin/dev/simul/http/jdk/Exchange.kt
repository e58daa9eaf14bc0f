// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.Awaitable
import dev.simul.Task
import dev.simul.Timeout
import dev.simul.currentTask
import dev.simul.exceptions.TimeoutException
import dev.simul.http.ClientResponse
import dev.simul.http.ConnectTimeoutException
import dev.simul.http.HttpRoute
import dev.simul.http.ProxyException
import dev.simul.http.RequestBody
import dev.simul.http.RequestHead
import dev.simul.http.RequestOptions
import dev.simul.http.ResponseHead
import dev.simul.timeout
import kotlinx.coroutines.CancellationException
import java.io.IOException
import java.net.ConnectException
import java.net.CookieHandler
import java.net.InetSocketAddress
import java.net.UnknownHostException
import java.net.http.HttpClient.Redirect
import java.net.http.HttpConnectTimeoutException
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.HttpTimeoutException
import java.nio.ByteBuffer
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLSession
import kotlin.time.Duration
import kotlin.time.toKotlinDuration

/**
 * One request of a user, and what follows from it: requests to other places, and with credentials, until there is the response that is for
 * the user.
 *
 * @param tunnels whether proxies are asked for a tunnel in any case.
 */
internal abstract class Exchange<T>(
    protected val client: LoopHttpClient,
    private val original: HttpRequest,
    private val tunnels: Boolean,
) : Awaitable<T>,
    LoopHttpClient.Running {
    /** Whether it got as far as the loop. */
    @Volatile
    var hasBegun = false
        private set

    private var task: Task<*>? = null
    private var isAborted = false
    private var redirects = 0
    private val authentication by lazy(LazyThreadSafetyMode.NONE) { Authentication(client) }

    /** The last response that was followed, or answered by credentials. */
    protected var previous: HttpResponse<*>? = null
        private set

    /** Makes of the response what the user gets. */
    protected abstract suspend fun receive(received: Received): T

    /** Refuses what cannot be done here, before anything is sent. */
    protected open fun checkPlace() = Unit

    override suspend fun await(): T {
        checkPlace()
        client.begin(this)
        hasBegun = true
        task = currentTask()
        try {
            val limit = original.timeout().orElse(null)
            return receive(if (limit == null) fetch() else fetch(limit.toKotlinDuration()))
        } catch (e: CancellationException) {
            if (!isAborted) throw e
            task!!.uncancel()
            throw IOException("the client was shut down", e)
        } finally {
            client.end(this)
        }
    }

    /** Ends it now: its caller gets an [IOException]. */
    override fun abort() {
        isAborted = true
        task?.cancel()
    }

    /** The time counts until the response begins. */
    private suspend fun fetch(limit: Duration): Received {
        var timeout: Timeout? = null
        try {
            return timeout(limit) {
                timeout = it
                fetch()
            }
        } catch (e: TimeoutException) {
            if (timeout?.expired() != true) throw e
            throw HttpTimeoutException("request timed out").also { it.initCause(e) }
        }
    }

    // Requests.

    /** The response that is for the caller. */
    private suspend fun fetch(): Received {
        var request = original
        while (true) {
            val received = request(request)
            val next =
                try {
                    answering(received) ?: following(received)
                } catch (e: Throwable) {
                    received.close()
                    throw e
                }
            if (next == null) return received
            received.discard()
            previous = LoopHttpResponse<Any>(request, received.info, previous, received.session, null)
            request = next
        }
    }

    private suspend fun answering(received: Received): HttpRequest? =
        if (client.authenticator().isEmpty) null else authentication.answering(received)

    private fun following(received: Received): HttpRequest? {
        val policy = client.followRedirects()
        if (policy == Redirect.NEVER || !Redirection.isRedirect(received.info.statusCode()) || redirects == Redirection.LIMIT) return null
        return Redirection.following(received.request, received.info.statusCode(), received.info.headers(), policy)?.also { redirects++ }
    }

    private suspend fun request(request: HttpRequest): Received {
        val destination = Destination(request.uri())
        val proxyAddress = client.proxies.proxyFor(destination)
        val prepared = prepared(request, destination, proxyAddress)
        val response =
            try {
                client.connector.request(prepared.route, prepared.head, prepared.body, RequestOptions.DEFAULT)
            } catch (e: ProxyException) {
                if (e.response.status != PROXY_AUTHENTICATION_REQUIRED) throw IOException("Tunnel failed, got: ${e.response.status}", e)
                return Received(request, destination, proxyAddress, e.response, null, null)
            } catch (e: IOException) {
                throw asJdk(e)
            }
        val received = Received(request, destination, proxyAddress, response.head, response, sessionOf(prepared.route, response))
        val cookies = client.cookieHandler().orElse(null) ?: return received
        try {
            cookies.put(request.uri(), received.info.headers().map())
        } catch (e: Throwable) {
            received.close()
            throw e
        }
        return received
    }

    private fun prepared(
        request: HttpRequest,
        destination: Destination,
        proxyAddress: InetSocketAddress?,
    ): PreparedRequest {
        val isPlain = proxyAddress == null && client.cookieHandler().isEmpty && client.authenticator().isEmpty
        client.lastPrepared?.let { if (isPlain && it.request === request) return it }
        val proxy = proxyAddress?.let { authentication.proxyOf(it, request, tunnels) }
        val publisher = request.bodyPublisher().orElse(null)
        val body = if (publisher == null) RequestBody.EMPTY else PublishedBody.of(client.loop, publisher, client.worker)
        val asks = request.expectContinue() && body !== RequestBody.EMPTY
        val cookies = client.cookieHandler().map { cookiesOf(it, request) }.orElse(null)
        val authorization = if (client.authenticator().isEmpty) null else authentication.forServer(destination, request)
        val head = RequestHead(methodOf(request), destination.target, fieldsOf(request, destination, cookies, authorization, asks))
        val prepared = PreparedRequest(request, client.routeTo(destination, proxy), head, body)
        if (isPlain && body === RequestBody.EMPTY && JdkClasses.isImmutable(request)) client.lastPrepared = prepared
        return prepared
    }

    private fun cookiesOf(
        cookies: CookieHandler,
        request: HttpRequest,
    ): List<String> =
        cookies.get(request.uri(), request.headers().map()).flatMap { (name, values) ->
            if (name.equals("Cookie", ignoreCase = true)) values.orEmpty() else emptyList()
        }

    private fun sessionOf(
        route: HttpRoute,
        response: ClientResponse,
    ): SSLSession? = if (route.ssl == null) null else (response.infoAtBegin("ssl_object") as? SSLEngine)?.session

    /** The exception that the JDK's client throws for that. */
    private fun asJdk(e: IOException): IOException =
        when (e) {
            is ConnectTimeoutException ->
                HttpConnectTimeoutException("HTTP connect timed out").also { it.initCause(ConnectException(e.message).initCause(e)) }
            is UnknownHostException -> ConnectException(e.message).also { it.initCause(e) }
            else -> e
        }

    companion object {
        private const val PROXY_AUTHENTICATION_REQUIRED = 407

        /** @throws IllegalArgumentException if it is not a request that the JDK's builder would make. */
        fun check(request: HttpRequest) {
            Destination(request.uri() ?: throw NullPointerException("the request has no URI"))
            val method = methodOf(request)
            require(method != "CONNECT") { "Unsupported method CONNECT" }
            request.timeout().ifPresent { require(!it.isNegative && !it.isZero) { "Invalid duration: $it" } }
        }

        private fun methodOf(request: HttpRequest): String = request.method() ?: "GET"
    }
}

/** What is sent for a request of the user. */
internal class PreparedRequest(
    val request: HttpRequest,
    val route: HttpRoute,
    val head: RequestHead,
    val body: RequestBody,
)

/** A response, and the request that it answers. */
internal class Received(
    val request: HttpRequest,
    val destination: Destination,
    val proxy: InetSocketAddress?,
    head: ResponseHead,
    /** Null if it comes from a proxy that was asked for a tunnel. */
    val response: ClientResponse?,
    val session: SSLSession?,
) {
    val info = ReceivedHead(head)

    fun close() {
        response?.close()
    }

    /** Nobody reads the body; a short one is read for the sake of the connection. */
    suspend fun discard() {
        val response = response ?: return
        val waste = ByteBuffer.allocate(MOST_DISCARDED)
        try {
            do {
                val count = response.body.read(waste)
            } while (count >= 0 && waste.hasRemaining())
        } catch (_: IOException) {
            // The next request goes over another connection.
        } finally {
            response.close()
        }
    }

    private companion object {
        const val MOST_DISCARDED = 16 * 1024
    }
}
