// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

/**
 * Chooses a server's context by the name that a client asks for.
 *
 * Source: `SSLContext.sni_callback`.
 */
public fun interface SniCallback {
    /**
     * Returns the context for a connection; null for the one that has this callback. Called in the loop's thread; if it throws, the
     * connection fails, and the client gets a `handshake_failure`.
     *
     * @param serverName the host name as the client spells it: labels of ASCII letters, digits, hyphens and underscores, separated by dots;
     *   null if the client names none. A client that sends anything else has been refused with `unrecognized_name`.
     */
    public fun contextFor(serverName: String?): SslContext?
}
