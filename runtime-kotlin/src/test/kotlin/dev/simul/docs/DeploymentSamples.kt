// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.loop.getRunningLoop
import dev.simul.net.Server
import dev.simul.net.createServer
import dev.simul.tls.Purpose
import dev.simul.tls.SslContext
import dev.simul.transports.Protocol
import java.nio.channels.ServerSocketChannel
import java.nio.file.Path

/** A server's context, whose certificate can be replaced while the server runs. */
class ReloadedTls(
    private val certificate: Path,
    private val key: Path,
) {
    private var current = load()

    /** What the server gets: each handshake takes the certificate of its time. */
    val context = current.withSniCallback { current }

    /** Reads the files again; if that fails, the certificate before stays. */
    fun reload() {
        current = load()
    }

    private fun load() = SslContext.createDefaultContext(Purpose.CLIENT_AUTH).withCertChain(certificate, key)
}

suspend fun serveInherited(protocol: () -> Protocol): Server {
    val channel = System.inheritedChannel() as ServerSocketChannel
    return getRunningLoop().createServer(channel, protocolFactory = protocol)
}
