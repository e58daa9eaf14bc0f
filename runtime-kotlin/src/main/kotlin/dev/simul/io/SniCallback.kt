package dev.simul.io

/**
 * Chooses a server's context by the name that a client asks for.
 *
 * Source: `SSLContext.sni_callback`.
 */
public fun interface SniCallback {
    /**
     * The context for a connection; null for the one that has this callback. Called in the loop's thread; if it throws, the
     * connection fails.
     *
     * @param serverName what the client asks for; null if it does not say.
     */
    public fun contextFor(serverName: String?): SslContext?
}
