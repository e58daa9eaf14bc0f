// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.http.Headers
import dev.simul.http.HttpProxy
import java.io.IOException
import java.net.Authenticator
import java.net.InetSocketAddress
import java.net.PasswordAuthentication
import java.net.URI
import java.net.http.HttpRequest

/**
 * What servers and proxies are told of the user, for one request and those that follow from it: Basic credentials, which the client's
 * [Authenticator] gives when they are asked for. It is called in the executor, since it may ask the user. For clients that have one.
 */
internal class Authentication(
    private val client: LoopHttpClient,
) {
    private val server = Attempts()
    private val proxy = Attempts()

    /** The credentials that were sent last, and how often new ones were. */
    private class Attempts {
        var sent: String? = null
        var origin: Destination? = null
        var address: InetSocketAddress? = null
        var isNew = false
        var count = 0
    }

    /** What `Authorization` says to [destination]; null if the user says it, or nothing is known. */
    fun forServer(
        destination: Destination,
        request: HttpRequest,
    ): String? {
        if (request.headers().firstValue("Authorization").isPresent) return null
        if (server.isNew && server.origin!!.isSameOrigin(destination)) return server.sent
        server.isNew = false
        server.sent = client.accepted.forServer(destination)
        server.origin = destination
        return server.sent
    }

    /** The proxy at [address], and what `Proxy-Authorization` says to it. */
    fun proxyOf(
        address: InetSocketAddress,
        request: HttpRequest,
        tunnels: Boolean,
    ): HttpProxy {
        val given = request.headers().firstValue("Proxy-Authorization").orElse(null)
        if (!proxy.isNew || proxy.address != address) {
            proxy.isNew = false
            proxy.sent = client.accepted.forProxy(address)
            proxy.address = address
        }
        val credentials = given ?: proxy.sent
        val fields = if (credentials == null) Headers.EMPTY else Headers.of("Proxy-Authorization" to credentials)
        return HttpProxy(address.hostString, address.port, fields, tunnels)
    }

    /**
     * The request to answer [received] by, if that asks for credentials; null if it does not, or they are not to be had.
     *
     * @throws IOException if the authenticator gives none, or none that are accepted.
     */
    suspend fun answering(received: Received): HttpRequest? {
        val status = received.info.statusCode()
        if (status != PROXY_UNAUTHORIZED && received.proxy != null) keep(proxy) { client.accepted.accepted(received.proxy as Any, it) }
        if (status != UNAUTHORIZED && status != PROXY_UNAUTHORIZED) keep(server) { client.accepted.accepted(received.destination, it) }
        if (status != UNAUTHORIZED && status != PROXY_UNAUTHORIZED) return null
        val authenticator = client.authenticator().get()
        return if (status == UNAUTHORIZED) answerServer(received, authenticator) else answerProxy(received, authenticator)
    }

    private inline fun keep(
        attempts: Attempts,
        accept: (String) -> Unit,
    ) {
        if (!attempts.isNew) return
        attempts.isNew = false
        attempts.sent?.let(accept)
    }

    private suspend fun answerServer(
        received: Received,
        authenticator: Authenticator,
    ): HttpRequest? {
        if (received.request.headers().firstValue("Authorization").isPresent) return null
        val challenge = challengeOf(received, "WWW-Authenticate") ?: return null
        if (!server.isNew) client.accepted.refused(received.destination)
        val uri = received.request.uri()
        val port = received.destination.port
        val user =
            ask(authenticator, challenge, received.destination.host, port, uri.scheme, uri, Authenticator.RequestorType.SERVER, server)
        server.sent = basicCredentials(user, challenge.isUtf8)
        server.origin = received.destination
        return received.request
    }

    private suspend fun answerProxy(
        received: Received,
        authenticator: Authenticator,
    ): HttpRequest? {
        if (received.request.headers().firstValue("Proxy-Authorization").isPresent) return null
        val address = received.proxy ?: return null
        val challenge = challengeOf(received, "Proxy-Authenticate") ?: return null
        if (!proxy.isNew) client.accepted.refused(address as Any)
        val uri = received.request.uri()
        val user = ask(authenticator, challenge, address.hostString, address.port, "http", uri, Authenticator.RequestorType.PROXY, proxy)
        proxy.sent = basicCredentials(user, challenge.isUtf8)
        return received.request
    }

    /** Null if it is one that cannot be answered: the user gets the response. */
    private fun challengeOf(
        received: Received,
        name: String,
    ): Challenge? {
        val values = received.info.headers().allValues(name)
        if (values.isEmpty()) throw IOException("$name header missing for response code ${received.info.statusCode()}")
        return Challenge.parse(values).firstOrNull { it.scheme.equals("Basic", ignoreCase = true) }
    }

    private suspend fun ask(
        authenticator: Authenticator,
        challenge: Challenge,
        host: String,
        port: Int,
        protocol: String,
        uri: URI,
        kind: Authenticator.RequestorType,
        attempts: Attempts,
    ): PasswordAuthentication {
        if (attempts.count == LIMIT) throw IOException("too many authentication attempts. Limit: $LIMIT")
        attempts.count++
        attempts.isNew = true
        val user =
            client.worker.run {
                authenticator.requestPasswordAuthenticationInstance(
                    host,
                    null,
                    port,
                    protocol,
                    challenge.realm,
                    challenge.scheme,
                    uri.toURL(),
                    kind,
                )
            }
        return user ?: throw IOException("No credentials provided")
    }

    private companion object {
        const val UNAUTHORIZED = 401
        const val PROXY_UNAUTHORIZED = 407

        /** How often the authenticator is asked, each for a server and for a proxy. */
        val LIMIT: Int = Integer.getInteger("jdk.httpclient.auth.retrylimit", 3)
    }
}
