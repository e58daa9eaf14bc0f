// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

/**
 * What is demanded of the peer's certificate.
 *
 * Source: `ssl.VerifyMode`.
 */
public enum class VerifyMode {
    /** Nothing: a client takes any certificate, a server asks for none. */
    CERT_NONE,

    /** A server asks for a certificate, and accepts none; one that it gets must be valid. For a client the same as [CERT_REQUIRED]. */
    CERT_OPTIONAL,

    /** There must be one, and it must be valid. */
    CERT_REQUIRED,
}
