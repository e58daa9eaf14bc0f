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
 * If the task is cancelled, no connection is left open. For a channel that you have connected yourself, use the [createConnection] that
 * takes a channel.
 *
 * Source: `loop.create_unix_connection(protocol_factory, path=None, *, ...)`.
 *
 * @param options its options about addresses are ignored.
 * @param protocolFactory creates the protocol, once connected; its [StreamingProtocol.connectionMade] was called when this returns.
 * @throws IOException if no server listens there, or its queue of connections is full.
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
