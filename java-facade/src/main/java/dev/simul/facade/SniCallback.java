package dev.simul.facade;

import org.jspecify.annotations.Nullable;

/**
 * Chooses a server's context by the name that a client asks for.
 *
 * <p>CPython name: {@code SSLContext.sni_callback}.
 */
@FunctionalInterface
public interface SniCallback {
    /**
     * The context for a connection; null for the one that has this callback. Called in the loop's thread; if it throws, the
     * connection fails.
     *
     * @param serverName what the client asks for; null if it does not say
     */
    @Nullable SslContext contextFor(@Nullable String serverName);
}
