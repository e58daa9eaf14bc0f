// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.loop.logger
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import dev.simul.transports.orElseClosed
import java.nio.channels.SocketChannel

/**
 * Creates a transport for [channel], which was accepted elsewhere. The transport takes over the channel, which is closed if this fails.
 *
 * Source: `loop.connect_accepted_socket(protocol_factory, sock, *, ssl=None, ...)`.
 *
 * @param options only its TLS options are used.
 * @param protocolFactory creates the protocol; its [StreamingProtocol.connectionMade] was called when this returns.
 * @throws IllegalArgumentException if the channel is not connected.
 */
public suspend fun <P : StreamingProtocol> EventLoop.connectAcceptedSocket(
    channel: SocketChannel,
    options: ServerOptions = ServerOptions(),
    protocolFactory: () -> P,
): Connection<Transport, P> {
    require(channel.isConnected) { "$channel is not connected: accept it before" }
    val (protocol, tls) = channel.orElseClosed { protocolFactory() to options.tls() }
    val connection = createTransport(channel, protocol, tls)
    if (debug) logger.debug("{} was accepted", connection.transport)
    return connection
}
