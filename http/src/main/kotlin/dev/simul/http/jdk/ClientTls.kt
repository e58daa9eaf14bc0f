// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.tls.SslContext
import dev.simul.tls.TlsVersion
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLParameters

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
    var tls =
        SslContext.of(
            if (suites == null) given else ConfiguredSslContext(given) { engine, _, _ -> engine.enabledCipherSuites = suites },
        )
    val versions = parameters.protocols?.mapNotNull { VERSIONS[it] }
    if (versions != null) {
        require(versions.isNotEmpty()) { "the protocols ${parameters.protocols.toList()} are not supported: use TLSv1.2 or TLSv1.3" }
        tls = tls.withMinimumVersion(versions.min()).withMaximumVersion(versions.max())
    }
    return tls
}

private val VERSIONS = mapOf("TLSv1.2" to TlsVersion.TLS_1_2, "TLSv1.3" to TlsVersion.TLS_1_3)
