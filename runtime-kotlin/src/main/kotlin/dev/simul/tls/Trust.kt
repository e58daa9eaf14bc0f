// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import java.net.Socket
import java.security.KeyStore
import java.security.cert.CertificateException
import java.security.cert.X509Certificate
import javax.net.ssl.SSLEngine
import javax.net.ssl.TrustManager
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509ExtendedTrustManager
import javax.net.ssl.X509TrustManager

/** Decides which certificates are trusted. */
internal object Trust {
    /** The JDK's trust: the file of the system property `javax.net.ssl.trustStore`, or its own. */
    val SYSTEM: TrustManager by lazy { managerOf(null) }

    /** Trusts certificates issued by [anchors]. */
    fun of(anchors: Collection<X509Certificate>): TrustManager {
        if (anchors.isEmpty()) return NOBODY
        val keyStore = KeyStore.getInstance("PKCS12").apply { load(null, null) }
        anchors.forEachIndexed { index, certificate -> keyStore.setCertificateEntry("$index", certificate) }
        return managerOf(keyStore)
    }

    private fun managerOf(keyStore: KeyStore?): TrustManager {
        val factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm())
        factory.init(keyStore)
        return factory.trustManagers.first { it is X509TrustManager }
    }

    /** The certificates that [manager] trusts. */
    fun anchorsOf(manager: TrustManager): List<X509Certificate> = (manager as X509TrustManager).acceptedIssuers.asList()

    /** Accepts any certificate. */
    val ACCEPT_ALL: TrustManager = FixedTrust { }

    private val NOBODY = FixedTrust { throw CertificateException("no certificates are trusted: name some withVerifyLocations()") }

    /** Does not check certificates. */
    private class FixedTrust(
        private val judge: () -> Unit,
    ) : X509ExtendedTrustManager() {
        override fun checkClientTrusted(
            chain: Array<X509Certificate>,
            authType: String,
        ) = judge()

        override fun checkClientTrusted(
            chain: Array<X509Certificate>,
            authType: String,
            socket: Socket,
        ) = judge()

        override fun checkClientTrusted(
            chain: Array<X509Certificate>,
            authType: String,
            engine: SSLEngine,
        ) = judge()

        override fun checkServerTrusted(
            chain: Array<X509Certificate>,
            authType: String,
        ) = judge()

        override fun checkServerTrusted(
            chain: Array<X509Certificate>,
            authType: String,
            socket: Socket,
        ) = judge()

        override fun checkServerTrusted(
            chain: Array<X509Certificate>,
            authType: String,
            engine: SSLEngine,
        ) = judge()

        override fun getAcceptedIssuers(): Array<X509Certificate> = emptyArray()
    }
}
