// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsParameters
import dev.simul.tls.Purpose
import dev.simul.tls.SslContext
import java.net.InetAddress
import java.net.InetSocketAddress
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLParameters

/** The TLS of a server's connections: [configurator] is asked for each of them. */
internal fun serverTlsOf(configurator: HttpsConfigurator): SslContext =
    SslContext.of(
        ConfiguredSslContext(configurator.sslContext) { engine, host, port ->
            if (host != null) configure(engine, configurator, InetSocketAddress(InetAddress.getByName(host), port)) // an address in digits
        },
        Purpose.CLIENT_AUTH,
    )

private fun configure(
    engine: SSLEngine,
    configurator: HttpsConfigurator,
    client: InetSocketAddress,
) {
    engine.useClientMode = false
    Parameters(configurator, client).also(configurator::configure).applyTo(engine)
}

/** What a configurator says for the connection of [client]. */
private class Parameters(
    private val configurator: HttpsConfigurator,
    private val client: InetSocketAddress,
) : HttpsParameters() {
    private var parameters: SSLParameters? = null

    override fun getHttpsConfigurator(): HttpsConfigurator = configurator

    override fun getClientAddress(): InetSocketAddress = client

    override fun setSSLParameters(params: SSLParameters?) {
        parameters = params ?: parameters
    }

    /** Those that were set as a whole count, and if there are none, those that were set one by one. */
    @Suppress("DEPRECATION") // in newer JDKs
    fun applyTo(engine: SSLEngine) {
        parameters?.let {
            engine.sslParameters = it
            return
        }
        cipherSuites?.let { engine.enabledCipherSuites = it }
        protocols?.let { engine.enabledProtocols = it }
        if (wantClientAuth) engine.wantClientAuth = true
        if (needClientAuth) engine.needClientAuth = true
    }
}
