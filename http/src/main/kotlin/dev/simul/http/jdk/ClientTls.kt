// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.tls.SslContext
import dev.simul.tls.TlsVersion
import java.security.SecureRandom
import javax.net.ssl.KeyManager
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLContextSpi
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLParameters
import javax.net.ssl.TrustManager

/**
 * The TLS of a client's connections: [context], or the JVM's default one, with the protocols and the cipher suites of [parameters]. Names of
 * hosts are always checked.
 */
internal fun tlsOf(
    context: SSLContext?,
    parameters: SSLParameters?,
): SslContext {
    val given = context ?: SSLContext.getDefault()
    if (parameters == null) return SslContext.of(given)
    val suites = parameters.cipherSuites
    var tls = SslContext.of(if (suites == null) given else LimitedSslContext(given, suites))
    val versions = parameters.protocols?.mapNotNull { VERSIONS[it] }
    if (versions != null) {
        require(versions.isNotEmpty()) { "the protocols ${parameters.protocols.toList()} are not supported: use TLSv1.2 or TLSv1.3" }
        tls = tls.withMinimumVersion(versions.min()).withMaximumVersion(versions.max())
    }
    return tls
}

private val VERSIONS = mapOf("TLSv1.2" to TlsVersion.TLS_1_2, "TLSv1.3" to TlsVersion.TLS_1_3)

/** [context], whose engines use no other cipher suites than [suites]. */
private class LimitedSslContext(
    context: SSLContext,
    suites: Array<String>,
) : SSLContext(LimitedEngines(context, suites), context.provider, context.protocol)

private class LimitedEngines(
    private val context: SSLContext,
    private val suites: Array<String>,
) : SSLContextSpi() {
    override fun engineCreateSSLEngine(): SSLEngine = context.createSSLEngine().limited()

    override fun engineCreateSSLEngine(
        host: String?,
        port: Int,
    ): SSLEngine = context.createSSLEngine(host, port).limited()

    private fun SSLEngine.limited() = apply { enabledCipherSuites = suites }

    override fun engineInit(
        keys: Array<KeyManager>?,
        trust: Array<TrustManager>?,
        random: SecureRandom?,
    ) = throw UnsupportedOperationException("it is initialised")

    override fun engineGetSocketFactory() = context.socketFactory

    override fun engineGetServerSocketFactory() = context.serverSocketFactory

    override fun engineGetServerSessionContext() = context.serverSessionContext

    override fun engineGetClientSessionContext() = context.clientSessionContext
}
