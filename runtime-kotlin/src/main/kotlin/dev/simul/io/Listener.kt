package dev.simul.io

import java.net.SocketAddress
import java.nio.channels.ServerSocketChannel

/** One of a server's sockets: it is bound, and the system queues up connections for it. */
internal open class Listener(
    val channel: ServerSocketChannel,
) {
    val address: SocketAddress = channel.localAddress

    open fun close() = channel.close()

    override fun toString(): String = "<socket at $address>"
}
