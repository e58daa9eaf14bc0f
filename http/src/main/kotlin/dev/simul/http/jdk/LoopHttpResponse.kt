// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.http.Headers
import dev.simul.http.ResponseHead
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpHeaders
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.HttpResponse.ResponseInfo
import java.util.Optional
import java.util.TreeMap
import javax.net.ssl.SSLSession

/** The start of a response, as handlers get it. Its headers are made when they are asked for. */
internal class ReceivedHead(
    private val head: ResponseHead,
) : ResponseInfo {
    /** Threads that make it at the same time make equal ones. */
    @Volatile
    private var headers: HttpHeaders? = null

    override fun statusCode(): Int = head.status

    override fun headers(): HttpHeaders = headers ?: head.headers.toHttpHeaders().also { headers = it }

    override fun version(): HttpClient.Version = HttpClient.Version.HTTP_1_1

    /** The value of the first header of this name. */
    operator fun get(name: String): String? = head.headers[name]

    override fun toString(): String = "($head)"
}

internal class LoopHttpResponse<T>(
    private val request: HttpRequest,
    private val info: ReceivedHead,
    private val previous: HttpResponse<*>?,
    private val session: SSLSession?,
    private val body: T?,
) : HttpResponse<T> {
    override fun statusCode(): Int = info.statusCode()

    override fun request(): HttpRequest = request

    @Suppress("UNCHECKED_CAST") // It has no body.
    override fun previousResponse(): Optional<HttpResponse<T>> = Optional.ofNullable(previous as HttpResponse<T>?)

    override fun headers(): HttpHeaders = info.headers()

    override fun body(): T? = body

    override fun sslSession(): Optional<SSLSession> = Optional.ofNullable(session)

    override fun uri(): URI = request.uri()

    override fun version(): HttpClient.Version = info.version()

    /** Newer JDKs have it in the interface: connections have no labels here. */
    @Suppress("unused")
    fun connectionLabel(): Optional<String> = Optional.empty()

    override fun toString(): String = "(${request.method()} ${uri()}) ${statusCode()}"
}

/** The fields as the JDK has them. */
internal fun Headers.toHttpHeaders(): HttpHeaders {
    val map = TreeMap<String, MutableList<String>>(String.CASE_INSENSITIVE_ORDER)
    for (i in 0 until size) map.getOrPut(name(i)) { ArrayList(1) }.add(value(i))
    return HttpHeaders.of(map) { _, _ -> true }
}
