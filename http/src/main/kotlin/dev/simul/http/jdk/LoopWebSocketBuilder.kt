// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.Awaitable
import dev.simul.http.Headers
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpHeaders
import java.net.http.HttpRequest
import java.net.http.WebSocket
import java.time.Duration
import java.util.Base64
import java.util.Optional
import java.util.TreeMap
import java.util.concurrent.CompletableFuture
import kotlin.random.Random

internal class LoopWebSocketBuilder(
    private val client: LoopHttpClient,
) : WebSocket.Builder {
    private val headers = TreeMap<String, MutableList<String>>(String.CASE_INSENSITIVE_ORDER)
    private var connectTimeout: Duration? = null
    private var subprotocols: List<String> = emptyList()

    override fun header(
        name: String,
        value: String,
    ): WebSocket.Builder {
        headers.getOrPut(name) { ArrayList() }.add(value)
        return this
    }

    override fun connectTimeout(timeout: Duration): WebSocket.Builder = apply { connectTimeout = timeout }

    override fun subprotocols(
        mostPreferred: String,
        vararg lesserPreferred: String,
    ): WebSocket.Builder = apply { subprotocols = listOf(mostPreferred) + lesserPreferred }

    /** What is wrong with what the builder was told fails the future, as the interface wants it. */
    override fun buildAsync(
        uri: URI,
        listener: WebSocket.Listener,
    ): CompletableFuture<WebSocket> {
        val request = runCatching { HandshakeRequest.of(uri, headers, subprotocols, connectTimeout, client.loop.secretRandom) }
        return client.waits.call(
            client.loop,
            object : Awaitable<WebSocket> {
                override suspend fun await() = Handshake(client, request.getOrThrow(), listener).await()
            },
        )
    }
}

/** The request that asks a server for a WebSocket. Source: RFC 6455, section 4.1. */
internal class HandshakeRequest private constructor(
    private val uri: URI,
    private val headers: HttpHeaders,
    private val timeout: Duration?,
    val key: String,
    val subprotocols: List<String>,
) : HttpRequest() {
    override fun bodyPublisher(): Optional<BodyPublisher> = Optional.empty()

    override fun method() = "GET"

    override fun timeout(): Optional<Duration> = Optional.ofNullable(timeout)

    override fun expectContinue() = false

    override fun uri() = uri

    override fun version(): Optional<HttpClient.Version> = Optional.of(HttpClient.Version.HTTP_1_1)

    override fun headers() = headers

    companion object {
        private const val KEY_SIZE = 16

        /** The fields that the handshake itself has. */
        private val OWN =
            setOf(
                "sec-websocket-accept",
                "sec-websocket-extensions",
                "sec-websocket-key",
                "sec-websocket-protocol",
                "sec-websocket-version",
            )
        private val RESTRICTED = setOf("connection", "content-length", "expect", "host", "upgrade", "transfer-encoding")

        fun of(
            uri: URI,
            given: Map<String, List<String>>,
            subprotocols: List<String>,
            timeout: Duration?,
            random: Random,
        ): HandshakeRequest {
            require(timeout == null || (!timeout.isNegative && !timeout.isZero)) { "Invalid duration: $timeout" }
            checkSubprotocols(subprotocols)
            val key = Base64.getEncoder().encodeToString(random.nextBytes(KEY_SIZE))
            val fields = TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER)
            for ((name, values) in given) {
                require(name.lowercase() !in OWN && name.lowercase() !in RESTRICTED) { "Illegal header: $name" }
                for (value in values) Headers.of(name to value)
                fields[name] = values
            }
            fields["Connection"] = listOf("Upgrade")
            fields["Upgrade"] = listOf("websocket")
            fields["Sec-WebSocket-Key"] = listOf(key)
            fields["Sec-WebSocket-Version"] = listOf("13")
            if (subprotocols.isNotEmpty()) fields["Sec-WebSocket-Protocol"] = listOf(subprotocols.joinToString())
            return HandshakeRequest(httpUriOf(uri), HttpHeaders.of(fields) { _, _ -> true }, timeout, key, subprotocols)
        }

        private fun checkSubprotocols(subprotocols: List<String>) {
            for (name in subprotocols) {
                require(
                    name.isNotEmpty() && name.all { it in '!'..'~' && it !in "()<>@,;:\\\"/[]?={}" },
                ) { "Bad subprotocol syntax: $name" }
            }
            require(subprotocols.toSet().size == subprotocols.size) { "Duplicating subprotocol: $subprotocols" }
        }

        private fun httpUriOf(uri: URI): URI {
            val scheme =
                when (uri.scheme?.lowercase()) {
                    "ws" -> "http"
                    "wss" -> "https"
                    else -> throw IllegalArgumentException("invalid URI scheme: ${uri.scheme}; it must be ws or wss")
                }
            requireNotNull(uri.host) { "URI must contain a host: $uri" }
            require(uri.fragment == null) { "URI must not contain a fragment: $uri" }
            return URI(scheme + uri.toString().substring(uri.scheme.length))
        }
    }
}
