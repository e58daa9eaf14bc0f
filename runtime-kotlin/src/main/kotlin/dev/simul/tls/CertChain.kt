// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import java.nio.file.Path
import java.security.KeyStore
import java.security.PrivateKey
import java.security.Signature
import java.security.cert.X509Certificate
import java.security.interfaces.RSAKey
import javax.net.ssl.KeyManager
import javax.net.ssl.KeyManagerFactory

/** A certificate chain to present, with its private key. */
internal object CertChain {
    /** Reads them from PEM files. Source: `SSLContext.load_cert_chain(certfile, keyfile=None, password=None)`. */
    fun load(
        certfile: Path,
        keyfile: Path,
        password: CharArray?,
    ): Array<KeyManager> {
        val chain = Pem(certfile).certificates()
        val key = Pem(keyfile).privateKey(chain.first().publicKey.algorithm, password)
        require(key.fits(chain.first())) { "the private key in $keyfile is not that of the first certificate in $certfile" }
        val keyStore = KeyStore.getInstance("PKCS12").apply { load(null, null) }
        keyStore.setKeyEntry("key", key, NO_PASSWORD, chain.toTypedArray())
        return load(keyStore, NO_PASSWORD)
    }

    fun load(
        keyStore: KeyStore,
        password: CharArray,
    ): Array<KeyManager> {
        val factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm())
        factory.init(keyStore, password)
        return factory.keyManagers
    }

    private fun PrivateKey.fits(certificate: X509Certificate): Boolean {
        val public = certificate.publicKey
        if (this is RSAKey && public is RSAKey) return modulus == public.modulus
        val algorithm = if (algorithm == "EC") "SHA256withECDSA" else algorithm
        val signature = Signature.getInstance(algorithm)
        signature.initSign(this)
        signature.update(NO_BYTES)
        val signed = signature.sign()
        signature.initVerify(public)
        signature.update(NO_BYTES)
        return signature.verify(signed)
    }

    private val NO_PASSWORD = CharArray(0)
    private val NO_BYTES = ByteArray(0)
}
