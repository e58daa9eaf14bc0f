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
import java.net.InetSocketAddress
import java.net.UnknownHostException
import java.net.http.HttpClient.Redirect
import java.net.http.HttpConnectTimeoutException
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandler
import java.net.http.HttpTimeoutException
import java.nio.ByteBuffer
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLSession
import kotlin.time.toKotlinDuration

/**
 * One request of a user, and what follows from it: requests to other places, and with credentials, until there is the response to give to
 * [handler].
 *
 * @param isForLoop whether the caller runs a loop, so that it must not read what blocks.
 */
internal class Exchange<T>(
    private val client: LoopHttpClient,
    private val original: HttpRequest,
    private val handler: BodyHandler<T>,
    private val isForLoop: Boolean,
) : Awaitable<HttpResponse<T>> {
    /** Whether it got as far as the loop. */
    @Volatile
    var hasBegun = false
        private set

    private var task: Task<*>? = null
    private var isAborted = false
    private var redirects = 0
    private var previous: HttpResponse<T>? = null
    private val authentication = Authentication(client)

    override suspend fun await(): HttpResponse<T> {
        if (isForLoop && JdkClasses.givesBlocking(handler)) throw IllegalStateException(BLOCKING)
        client.begin(this)
        hasBegun = true
        task = currentTask()
        try {
            return original.timeout().map { it.toKotlinDuration() }.orElse(null)?.let { received(it) } ?: received()
        } catch (e: CancellationException) {
            if (!isAborted) throw e
            task!!.uncancel()
            throw IOException("the client was shut down", e)
        } finally {
            client.end(this)
        }
    }

    /** Ends it now: its caller gets an [IOException]. */
    fun abort() {
        isAborted = true
        task?.cancel()
    }

    private suspend fun received(): HttpResponse<T> = fetch().receive()

    /** The time counts until the response begins. */
    private suspend fun received(limit: kotlin.time.Duration): HttpResponse<T> {
        var timeout: Timeout? = null
        val received =
            try {
                timeout(limit) {
                    timeout = it
                    fetch()
                }
            } catch (e: TimeoutException) {
                if (timeout?.expired() != true) throw e
                throw HttpTimeoutException("request timed out").also { it.initCause(e) }
            }
        return received.receive()
    }

    // Requests.

    /** The response that is for the caller. */
    private suspend fun fetch(): Received {
        var request = original
        while (true) {
            val received = request(request)
            val next =
                try {
                    authentication.answering(received) ?: following(received)
                } catch (e: Throwable) {
                    received.close()
                    throw e
                }
            if (next == null) return received
            received.discard()
            previous = LoopHttpResponse(request, received.info, previous, received.session, null)
            request = next
        }
    }

    private fun following(received: Received): HttpRequest? {
        val policy = client.followRedirects()
        if (policy == Redirect.NEVER || !Redirection.isRedirect(received.info.statusCode()) || redirects == Redirection.LIMIT) return null
        return Redirection.following(received.request, received.info.statusCode(), received.info.headers(), policy)?.also { redirects++ }
    }

    private suspend fun request(request: HttpRequest): Received {
        val destination = Destination(request.uri())
        val proxyAddress = client.proxies.proxyFor(destination)
        val proxy = proxyAddress?.let { authentication.proxyOf(it, request) }
        val body = request.bodyPublisher().map { PublishedBody.of(client.loop, it, client.worker) }.orElse(RequestBody.EMPTY)
        val asks = request.expectContinue() && body !== RequestBody.EMPTY
        val cookies = client.cookieHandler().map { cookiesOf(it, request) }.orElse(null)
        val authorization = authentication.forServer(destination, request)
        val head = RequestHead(methodOf(request), destination.target, fieldsOf(request, destination, cookies, authorization, asks))
        val route = client.routeTo(destination, proxy)
        val response =
            try {
                client.connector.request(route, head, body, RequestOptions.DEFAULT)
            } catch (e: ProxyException) {
                if (e.response.status != PROXY_AUTHENTICATION_REQUIRED) throw IOException("Tunnel failed, got: ${e.response.status}", e)
                return Received(request, destination, proxyAddress, e.response, null, null)
            } catch (e: IOException) {
                throw asJdk(e)
            }
        val received = Received(request, destination, proxyAddress, response.head, response, sessionOf(route, response))
        if (client.cookieHandler().isPresent) {
            try {
                client.cookieHandler().get().put(request.uri(), received.info.headers().map())
            } catch (e: Throwable) {
                received.close()
                throw e
            }
        }
        return received
    }

    private fun cookiesOf(
        cookies: java.net.CookieHandler,
        request: HttpRequest,
    ): List<String> =
        cookies.get(request.uri(), request.headers().map()).flatMap { (name, values) ->
            if (name.equals("Cookie", ignoreCase = true)) values.orEmpty() else emptyList()
        }

    private fun sessionOf(
        route: HttpRoute,
        response: ClientResponse,
    ): SSLSession? = if (route.ssl == null) null else (response.getExtraInfo("ssl_object") as? SSLEngine)?.session

    /** The exception that the JDK's client throws for that. */
    private fun asJdk(e: IOException): IOException =
        when (e) {
            is ConnectTimeoutException ->
                HttpConnectTimeoutException("HTTP connect timed out").also { it.initCause(ConnectException(e.message).initCause(e)) }
            is UnknownHostException -> ConnectException(e.message).also { it.initCause(e) }
            else -> e
        }

    // Responses.

    private suspend fun Received.receive(): HttpResponse<T> {
        val body =
            try {
                when {
                    response == null -> BodyResult.ofNothing(client, info, handler)
                    JdkClasses.isByteArray(handler) -> response.body.read()
                    JdkClasses.isString(handler) -> String(response.body.read(), charsetOf(info["Content-Type"]))
                    else -> BodyResult.of(client, info, response, handler, isForLoop)
                }
            } catch (e: Throwable) {
                response?.close()
                throw e
            }
        @Suppress("UNCHECKED_CAST")
        return LoopHttpResponse(request, info, previous, session, body as T?)
    }

    companion object {
        const val PROXY_AUTHENTICATION_REQUIRED = 407

        const val BLOCKING =
            "what BodyHandlers.ofInputStream() and ofLines() give blocks the thread that reads it, which here would stop the loop: use " +
                "HttpBodyHandlers.ofStream(), whose lines and bytes a body awaits"

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
