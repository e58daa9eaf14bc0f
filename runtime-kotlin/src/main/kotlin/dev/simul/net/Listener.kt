// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import java.net.SocketAddress
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel

/** One of a server's sockets: it is bound, and the system queues connections for it. */
internal open class Listener(
    val channel: ServerSocketChannel,
) {
    val address: SocketAddress = channel.localAddress

    init {
        channel.configureBlocking(false)
    }

    /** The next queued connection, or null if there is none. */
    open fun accept(): SocketChannel? = channel.accept()

    open fun close() = channel.close()

    override fun toString(): String = "<socket at $address>"
}
