// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

/**
 * A version of the protocol. Older versions are broken, and not supported.
 *
 * Source: `ssl.TLSVersion`.
 */
public enum class TlsVersion(
    internal val protocol: String,
) {
    TLS_1_2("TLSv1.2"),
    TLS_1_3("TLSv1.3"),
}
