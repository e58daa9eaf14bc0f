// SPDX-License-Identifier: Apache-2.0
package dev.simul.tls

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** The TLS options of one connection. */
internal class TlsOptions(
    val context: SslContext,
    val serverSide: Boolean,
    serverHostname: String?,
    handshakeTimeout: Duration?,
    shutdownTimeout: Duration?,
) {
    val serverHostname: String? = serverHostname?.takeIf { it.isNotEmpty() && !serverSide }
    val handshakeTimeout = handshakeTimeout ?: HANDSHAKE_TIMEOUT
    val shutdownTimeout = shutdownTimeout ?: SHUTDOWN_TIMEOUT

    init {
        requireTlsTimeouts(handshakeTimeout, shutdownTimeout)
        context.requireFor(serverSide)
        require(serverSide || this.serverHostname != null || !context.checkHostname) {
            "checkHostname requires serverHostname: name the server, or use a context withCheckHostname(false)"
        }
    }

    companion object {
        private val HANDSHAKE_TIMEOUT = 60.seconds
        private val SHUTDOWN_TIMEOUT = 30.seconds
    }
}

internal fun requireTlsTimeouts(
    handshakeTimeout: Duration?,
    shutdownTimeout: Duration?,
) {
    require(handshakeTimeout == null || handshakeTimeout.isPositive()) {
        "sslHandshakeTimeout should be a positive duration, got $handshakeTimeout"
    }
    require(shutdownTimeout == null || shutdownTimeout.isPositive()) {
        "sslShutdownTimeout should be a positive duration, got $shutdownTimeout"
    }
}

/** Refuses options that require TLS. */
internal fun requireNoTls(vararg options: Pair<String, Any?>) {
    for ((name, value) in options) require(value == null) { "$name is only meaningful with ssl: it is $value, and ssl is null" }
}
