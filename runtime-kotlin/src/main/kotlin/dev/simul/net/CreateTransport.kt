// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.SingleWaiter
import dev.simul.loop.EventLoop
import dev.simul.tls.TlsOptions
import dev.simul.tls.TlsProtocol
import dev.simul.transports.ChannelTransport
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import dev.simul.transports.TransportOwner
import dev.simul.transports.closedIfFails
import java.net.StandardSocketOptions
import java.nio.channels.SocketChannel

/**
 * Creates a transport for a connected [channel], over TLS unless [tls] is null. If that fails, the channel is closed; once there is a
 * transport, the transport closes it after sending unsent data.
 */
internal suspend fun <P : StreamingProtocol> EventLoop.createTransport(
    channel: SocketChannel,
    protocol: P,
    tls: TlsOptions?,
): Connection<Transport, P> {
    val made = SingleWaiter(this, if (tls == null) "connectionMade" else "the TLS handshake", channel)
    lateinit var transport: Transport
    channel.closedIfFails {
        it.withoutDelay()
        transport = startTransport(it, protocol, tls, null, made)
    }
    transport.closedIfFails { made.await() }
    return Connection(transport, protocol)
}

/** Creates a transport for [channel], and completes [made] when [protocol] was told of it. */
internal fun EventLoop.startTransport(
    channel: SocketChannel,
    protocol: StreamingProtocol,
    tls: TlsOptions?,
    owner: TransportOwner?,
    made: SingleWaiter?,
): Transport {
    if (tls == null) return ChannelTransport(this, channel, protocol, owner).also { it.start(made) }
    val layer = TlsProtocol(this, protocol, tls, made)
    ChannelTransport(this, channel, layer, owner).start(null)
    return layer.appTransport
}

/** Sends small writes at once; a Unix domain socket does so anyway. */
internal fun SocketChannel.withoutDelay() {
    if (StandardSocketOptions.TCP_NODELAY in supportedOptions()) setOption(StandardSocketOptions.TCP_NODELAY, true)
}
