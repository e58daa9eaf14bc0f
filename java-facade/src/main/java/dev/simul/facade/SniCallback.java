// SPDX-License-Identifier: Apache-2.0
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
     * connection fails, and the client hears of a {@code handshake_failure}.
     *
     * @param serverName the host that the client asks for, as it spells it: labels of ASCII letters, digits, hyphens and underscores,
     *     with dots between them; null if it does not say. A client that asks for anything else is refused before, as an
     *     {@code unrecognized_name}
     */
    @Nullable SslContext contextFor(@Nullable String serverName);
}
