// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

/**
 * What is required of the peer's certificate.
 *
 * Source: `ssl.VerifyMode`.
 */
public enum class VerifyMode {
    /** Nothing: a client accepts any certificate, a server asks for none. */
    CERT_NONE,

    /**
     * A server asks for a certificate, but the client need not have one; if it sends one, that must be valid. For a client, the same as
     * [CERT_REQUIRED].
     */
    CERT_OPTIONAL,

    /** The peer must have a certificate, and it must be valid. */
    CERT_REQUIRED,
}
