// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.loop.openSocketChannel
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import dev.simul.transports.orElseClosed
import java.io.IOException
import java.net.StandardProtocolFamily
import java.net.UnixDomainSocketAddress
import java.nio.file.Path

/**
 * Connects to the Unix domain socket at [path].
 *
 * If the task is cancelled there is no connection. A channel that the caller has connected is for the [createConnection] of channels.
 *
 * Source: `loop.create_unix_connection(protocol_factory, path=None, *, ...)`.
 *
 * @param options those that are about addresses count for nothing.
 * @param protocolFactory makes the protocol, when there is a connection; [StreamingProtocol.connectionMade] was called when this
 *   returns.
 * @throws IOException if nobody listens there, or too many connections have queued up.
 */
public suspend fun <P : StreamingProtocol> EventLoop.createUnixConnection(
    path: Path,
    options: ConnectionOptions = ConnectionOptions(),
    protocolFactory: () -> P,
): Connection<Transport, P> {
    val tls = options.towards(null).tls()
    val channel = openSocketChannel(StandardProtocolFamily.UNIX)
    try {
        connect(channel, UnixDomainSocketAddress.of(path))
    } catch (e: Throwable) {
        discard(channel)
        throw e
    }
    return createTransport(channel, channel.orElseClosed { protocolFactory() }, tls)
}
