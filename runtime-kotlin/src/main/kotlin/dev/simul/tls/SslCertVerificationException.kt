// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import java.security.cert.CertificateException
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException

/**
 * The peer's certificate is not trusted, not valid at this time, or not for this host.
 *
 * Source: `ssl.SSLCertVerificationError`.
 */
public class SslCertVerificationException(
    message: String,
) : SSLHandshakeException(message)

/** The JDK distinguishes these only by their causes and messages. */
internal fun SSLException.explained(): SSLException {
    val invalid = generateSequence<Throwable>(this) { it.cause }.firstOrNull { it is CertificateException }
    val text = message.orEmpty()
    return when {
        this is SslCertVerificationException -> this
        invalid != null -> SslCertVerificationException("certificate verify failed: ${invalid.message ?: text}").also { it.initCause(this) }
        "nrecognized SSL message" in text ->
            SSLException("the peer does not speak TLS ($text): is this the right port, and does its protocol begin with TLS?", this)
        else -> this
    }
}
