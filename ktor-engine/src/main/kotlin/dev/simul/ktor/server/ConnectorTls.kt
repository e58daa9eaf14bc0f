// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.tls.Purpose
import dev.simul.tls.SslContext
import dev.simul.tls.TlsVersion
import dev.simul.tls.VerifyMode
import io.ktor.server.engine.EngineSSLConnectorConfig
import java.security.KeyStore
import java.security.cert.X509Certificate

/**
 * The TLS of a connector: it presents the certificate of the alias, and asks clients for one if there is a trust store.
 *
 * @throws IllegalArgumentException if the key store has no private key of that alias, or a version of TLS is not known.
 */
internal fun EngineSSLConnectorConfig.sslContext(): SslContext {
    val context = SslContext.createDefaultContext(Purpose.CLIENT_AUTH).withCertChain(keyOfAlias(), privateKeyPassword())
    return context.withVersions(enabledProtocols).withClients(trustedStore())
}

/** A key store with the connector's own key alone, since a store may have others. */
private fun EngineSSLConnectorConfig.keyOfAlias(): KeyStore {
    val password = privateKeyPassword()
    val key = keyStore.getKey(keyAlias, password)
    val chain = keyStore.getCertificateChain(keyAlias)
    require(key != null && chain != null) { "the key store has no private key with a certificate called '$keyAlias'" }
    val own = KeyStore.getInstance("PKCS12").apply { load(null, null) }
    own.setKeyEntry(keyAlias, key, password, chain)
    return own
}

private fun SslContext.withVersions(names: List<String>?): SslContext {
    if (names == null) return this
    val versions =
        names.map { name ->
            requireNotNull(VERSIONS[name]) { "the version '$name' is not supported: enable some of ${VERSIONS.keys.joinToString()}" }
        }
    require(versions.isNotEmpty()) { "no version of TLS is enabled: enable some of ${VERSIONS.keys.joinToString()}" }
    return withMinimumVersion(versions.min()).withMaximumVersion(versions.max())
}

private fun EngineSSLConnectorConfig.trustedStore(): KeyStore? =
    trustStore ?: trustStorePath?.let {
        KeyStore.getInstance(it, null as CharArray?)
    }

private fun SslContext.withClients(trusted: KeyStore?): SslContext {
    if (trusted == null) return this
    val certificates = trusted.aliases().asSequence().mapNotNull { trusted.getCertificate(it) as? X509Certificate }
    return withTrusted(certificates.toList()).withVerifyMode(VerifyMode.CERT_REQUIRED)
}

private val VERSIONS = mapOf("TLSv1.2" to TlsVersion.TLS_1_2, "TLSv1.3" to TlsVersion.TLS_1_3)
