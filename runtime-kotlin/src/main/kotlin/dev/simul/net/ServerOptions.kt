// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.tls.SslContext
import dev.simul.tls.TlsOptions
import dev.simul.tls.requireNoTls
import dev.simul.tls.requireTlsTimeouts
import java.net.StandardProtocolFamily
import kotlin.time.Duration

/**
 * How a server listens: the keyword arguments of `loop.create_server` and of everything built on it.
 *
 * @property family the only address family to listen on; if null, both.
 * @property backlog how many connections may be queued until they are accepted.
 * @property reuseAddress whether to bind an address at which connections of an earlier server still linger.
 * @property reusePort whether several sockets, possibly of several processes, may listen on one address.
 * @property keepAlive whether the system probes idle connections.
 * @property startServing whether to accept connections at once; otherwise they are queued until [Server.startServing].
 * @property ssl the TLS context; null for plain bytes.
 * @property sslHandshakeTimeout how long each TLS handshake may take; if null, one minute.
 * @property sslShutdownTimeout after a TLS connection was closed, how long it may take to send unsent data and to be ended by the peer too;
 *   if null, half a minute.
 */
public class ServerOptions(
    public val family: StandardProtocolFamily? = null,
    public val backlog: Int = 100,
    public val reuseAddress: Boolean = true,
    public val reusePort: Boolean = false,
    public val keepAlive: Boolean = false,
    public val startServing: Boolean = true,
    public val ssl: SslContext? = null,
    public val sslHandshakeTimeout: Duration? = null,
    public val sslShutdownTimeout: Duration? = null,
) {
    init {
        require(backlog > 0) { "backlog is $backlog: it must be positive" }
        require(family != StandardProtocolFamily.UNIX) { "family is UNIX: createUnixServer is for that" }
        if (ssl == null) requireNoTls("sslHandshakeTimeout" to sslHandshakeTimeout, "sslShutdownTimeout" to sslShutdownTimeout)
        ssl?.requireFor(serverSide = true)
        requireTlsTimeouts(sslHandshakeTimeout, sslShutdownTimeout)
    }

    internal fun tls(): TlsOptions? = ssl?.let { TlsOptions(it, true, null, sslHandshakeTimeout, sslShutdownTimeout) }

    override fun toString(): String =
        "ServerOptions(family=$family, backlog=$backlog, reuseAddress=$reuseAddress, reusePort=$reusePort, " +
            "keepAlive=$keepAlive, startServing=$startServing, ssl=$ssl, " +
            "sslHandshakeTimeout=$sslHandshakeTimeout, sslShutdownTimeout=$sslShutdownTimeout)"
}
