// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import com.sun.net.httpserver.Headers
import com.sun.net.httpserver.HttpContext
import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpPrincipal
import com.sun.net.httpserver.HttpsExchange
import java.io.InputStream
import java.io.OutputStream
import java.net.InetSocketAddress
import java.net.URI
import javax.net.ssl.SSLSession

/** What a handler has of [exchange]. */
internal class PlainExchange(
    private val exchange: LoopExchange,
) : HttpExchange() {
    override fun getRequestHeaders(): Headers = exchange.requestHeaders

    override fun getResponseHeaders(): Headers = exchange.responseHeaders

    override fun getRequestURI(): URI = exchange.uri

    override fun getRequestMethod(): String = exchange.core.request.method

    override fun getHttpContext(): HttpContext = exchange.context

    override fun close() = exchange.close()

    override fun getRequestBody(): InputStream = exchange.requestBody

    override fun getResponseBody(): OutputStream = exchange.responseBody

    override fun sendResponseHeaders(
        status: Int,
        length: Long,
    ) = exchange.sendResponseHeaders(status, length)

    override fun getRemoteAddress(): InetSocketAddress = exchange.remoteAddress

    override fun getResponseCode(): Int = exchange.responseCode

    override fun getLocalAddress(): InetSocketAddress = exchange.localAddress

    override fun getProtocol(): String = exchange.core.request.version.text

    override fun getAttribute(name: String): Any? = exchange.getAttribute(name)

    override fun setAttribute(
        name: String,
        value: Any?,
    ) = exchange.setAttribute(name, value)

    override fun setStreams(
        input: InputStream?,
        output: OutputStream?,
    ) {
        if (input != null) exchange.requestBody = input
        if (output != null) exchange.responseBody = output
    }

    override fun getPrincipal(): HttpPrincipal? = exchange.principal

    override fun toString(): String = exchange.toString()
}

/** As [PlainExchange], over TLS. */
internal class SecureExchange(
    private val exchange: LoopExchange,
) : HttpsExchange() {
    override fun getSSLSession(): SSLSession? = exchange.sslSession

    override fun getRequestHeaders(): Headers = exchange.requestHeaders

    override fun getResponseHeaders(): Headers = exchange.responseHeaders

    override fun getRequestURI(): URI = exchange.uri

    override fun getRequestMethod(): String = exchange.core.request.method

    override fun getHttpContext(): HttpContext = exchange.context

    override fun close() = exchange.close()

    override fun getRequestBody(): InputStream = exchange.requestBody

    override fun getResponseBody(): OutputStream = exchange.responseBody

    override fun sendResponseHeaders(
        status: Int,
        length: Long,
    ) = exchange.sendResponseHeaders(status, length)

    override fun getRemoteAddress(): InetSocketAddress = exchange.remoteAddress

    override fun getResponseCode(): Int = exchange.responseCode

    override fun getLocalAddress(): InetSocketAddress = exchange.localAddress

    override fun getProtocol(): String = exchange.core.request.version.text

    override fun getAttribute(name: String): Any? = exchange.getAttribute(name)

    override fun setAttribute(
        name: String,
        value: Any?,
    ) = exchange.setAttribute(name, value)

    override fun setStreams(
        input: InputStream?,
        output: OutputStream?,
    ) {
        if (input != null) exchange.requestBody = input
        if (output != null) exchange.responseBody = output
    }

    override fun getPrincipal(): HttpPrincipal? = exchange.principal

    override fun toString(): String = exchange.toString()
}
