// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.tls.SslContext
import dev.simul.tls.TlsOptions
import dev.simul.tls.requireNoTls
import dev.simul.tls.requireTlsTimeouts
import java.net.StandardProtocolFamily
import kotlin.time.Duration

/**
 * How a server listens: the keyword arguments of `loop.create_server` and of all that is built on it.
 *
 * @property family the only family of addresses to listen at; both if it is null.
 * @property backlog how many connections may queue up until they are accepted.
 * @property reuseAddress whether an address can be bound that connections of an earlier server still linger at.
 * @property reusePort whether several sockets, of several processes perhaps, can listen at one address.
 * @property keepAlive whether the system looks after connections that are idle.
 * @property startServing whether it accepts connections at once; otherwise they queue up until [Server.startServing].
 * @property ssl speaks TLS, as it says; null for plain bytes.
 * @property sslHandshakeTimeout how long each TLS handshake may take; a minute if it is null.
 * @property sslShutdownTimeout how long a connection over TLS may take to send what was written and to be ended by the peer too,
 *   after it was closed; half a minute if it is null.
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
