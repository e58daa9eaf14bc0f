// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.loop.EventLoop
import java.net.Authenticator
import java.net.CookieHandler
import java.net.InetAddress
import java.net.ProxySelector
import java.net.http.HttpClient
import java.time.Duration
import java.util.concurrent.Executor
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLParameters

/** A builder of clients of [loop]. */
internal class LoopHttpClientBuilder(
    private val loop: EventLoop,
    private val waits: Waits,
) : HttpClient.Builder {
    private var settings = HttpSettings()

    override fun cookieHandler(cookieHandler: CookieHandler): HttpClient.Builder = with(settings.copy(cookieHandler = cookieHandler))

    override fun connectTimeout(duration: Duration): HttpClient.Builder {
        require(!duration.isNegative && !duration.isZero) { "Invalid duration: $duration" }
        return with(settings.copy(connectTimeout = duration))
    }

    override fun sslContext(sslContext: SSLContext): HttpClient.Builder = with(settings.copy(sslContext = sslContext))

    override fun sslParameters(sslParameters: SSLParameters): HttpClient.Builder = with(settings.copy(sslParameters = sslParameters.copy()))

    override fun executor(executor: Executor): HttpClient.Builder = with(settings.copy(executor = executor))

    override fun followRedirects(policy: HttpClient.Redirect): HttpClient.Builder = with(settings.copy(followRedirects = policy))

    override fun version(version: HttpClient.Version): HttpClient.Builder = with(settings.copy(version = version))

    override fun priority(priority: Int): HttpClient.Builder {
        require(priority in 1..256) { "priority is $priority: it must be from 1 to 256" }
        return this // It concerns HTTP/2 alone.
    }

    override fun proxy(proxySelector: ProxySelector): HttpClient.Builder = with(settings.copy(proxy = proxySelector))

    override fun authenticator(authenticator: Authenticator): HttpClient.Builder = with(settings.copy(authenticator = authenticator))

    /** Newer JDKs have it in the interface. Null for any address. */
    @Suppress("unused")
    fun localAddress(localAddress: InetAddress?): HttpClient.Builder = with(settings.copy(localAddress = localAddress))

    private fun with(settings: HttpSettings): HttpClient.Builder = apply { this.settings = settings }

    override fun build(): HttpClient = LoopHttpClient(loop, waits, settings)
}

/** A copy that the caller cannot change later. */
internal fun SSLParameters.copy(): SSLParameters {
    val from = this
    return SSLParameters().apply {
        cipherSuites = from.cipherSuites
        protocols = from.protocols
        applicationProtocols = from.applicationProtocols
        serverNames = from.serverNames
        endpointIdentificationAlgorithm = from.endpointIdentificationAlgorithm
        algorithmConstraints = from.algorithmConstraints
        useCipherSuitesOrder = from.useCipherSuitesOrder
        enableRetransmissions = from.enableRetransmissions
        maximumPacketSize = from.maximumPacketSize
        if (from.needClientAuth) needClientAuth = true else wantClientAuth = from.wantClientAuth
    }
}
