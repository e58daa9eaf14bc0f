package dev.simul.io

import dev.simul.createFuture
import dev.simul.loop.EventLoop
import java.net.StandardSocketOptions
import java.nio.channels.SocketChannel

/** Makes a transport of a connected [channel]. */
internal suspend fun <P : StreamingProtocol> EventLoop.createTransport(
    channel: SocketChannel,
    protocol: P,
    @Suppress("UNUSED_PARAMETER") options: ConnectionOptions,
): Connection<Transport, P> {
    val transport =
        channel.closedIfFails { it.withoutDelay() }.let { ChannelTransport(this, it, protocol) }
    val made = createFuture<Unit>()
    transport.start(made)
    transport.closedIfFails { made.await() }
    return Connection(transport, protocol)
}

/** Has small writes sent at once; a socket of the Unix domain does anyway. */
internal fun SocketChannel.withoutDelay() {
    if (StandardSocketOptions.TCP_NODELAY in supportedOptions()) setOption(StandardSocketOptions.TCP_NODELAY, true)
}
