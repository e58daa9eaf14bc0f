// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.tls.SslContext
import dev.simul.tls.TlsOptions
import dev.simul.tls.requireNoTls
import dev.simul.tls.requireTlsTimeouts
import java.net.InetAddress
import java.net.StandardProtocolFamily
import kotlin.time.Duration

/**
 * How a connection is made: the keyword arguments of `loop.create_connection` and of everything built on it.
 *
 * @property family the only address family to connect to; if null, both.
 * @property localAddress the address of this machine to connect from; if null, any.
 * @property localPort the port to connect from; 0 for any free port.
 * @property happyEyeballsDelay how long an attempt to connect runs before the next address is tried in parallel, as in RFC 8305: 250
 *   milliseconds, say. If null, the next address is tried when the last one has failed.
 * @property interleave how many addresses of the first family come before the two families alternate; 0 keeps the order. The default is 1
 *   with [happyEyeballsDelay], and 0 without.
 * @property allErrors whether to throw the failures of all attempts as an exception group, instead of one exception for all.
 * @property ssl the TLS context; null for plain bytes.
 * @property serverHostname the name that the server's certificate must be for, if it is not the host connected to; empty for none, which
 *   [ssl] must allow.
 * @property sslHandshakeTimeout how long the TLS handshake may take; if null, one minute.
 * @property sslShutdownTimeout after a TLS connection was closed, how long it may take to send unsent data and to be ended by the peer too;
 *   if null, half a minute.
 */
public class ConnectionOptions(
    public val family: StandardProtocolFamily? = null,
    public val localAddress: InetAddress? = null,
    public val localPort: Int = 0,
    public val happyEyeballsDelay: Duration? = null,
    public val interleave: Int? = null,
    public val allErrors: Boolean = false,
    public val ssl: SslContext? = null,
    public val serverHostname: String? = null,
    public val sslHandshakeTimeout: Duration? = null,
    public val sslShutdownTimeout: Duration? = null,
) {
    init {
        require(family != StandardProtocolFamily.UNIX) { "family is UNIX: createUnixConnection is for that" }
        require(interleave == null || interleave >= 0) { "interleave is $interleave: it must not be negative" }
        require(happyEyeballsDelay == null || !happyEyeballsDelay.isNegative()) {
            "happyEyeballsDelay is $happyEyeballsDelay: it must not be negative"
        }
        if (ssl == null) {
            requireNoTls(
                "serverHostname" to serverHostname,
                "sslHandshakeTimeout" to sslHandshakeTimeout,
                "sslShutdownTimeout" to sslShutdownTimeout,
            )
        }
        ssl?.requireFor(serverSide = false)
        requireTlsTimeouts(sslHandshakeTimeout, sslShutdownTimeout)
    }

    /** A copy for connections to [host], which becomes the server's name unless another one is set. */
    internal fun towards(host: String?): ConnectionOptions {
        val options = if (ssl == null || serverHostname != null) this else withServerHostname(host.orEmpty().ifEmpty { null })
        options.tls()
        return options
    }

    private fun withServerHostname(serverHostname: String?) =
        ConnectionOptions(
            family,
            localAddress,
            localPort,
            happyEyeballsDelay,
            interleave,
            allErrors,
            ssl,
            serverHostname,
            sslHandshakeTimeout,
            sslShutdownTimeout,
        )

    internal fun tls(): TlsOptions? {
        if (ssl == null) return null
        requireNotNull(serverHostname) { "You must set serverHostname when using ssl without a host" }
        return TlsOptions(ssl, false, serverHostname, sslHandshakeTimeout, sslShutdownTimeout)
    }

    override fun toString(): String =
        "ConnectionOptions(family=$family, localAddress=$localAddress, localPort=$localPort, " +
            "happyEyeballsDelay=$happyEyeballsDelay, interleave=$interleave, allErrors=$allErrors, ssl=$ssl, " +
            "serverHostname=$serverHostname, sslHandshakeTimeout=$sslHandshakeTimeout, " +
            "sslShutdownTimeout=$sslShutdownTimeout)"
}
