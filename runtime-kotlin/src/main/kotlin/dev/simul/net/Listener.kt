// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.Watch
import java.net.SocketAddress
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel

/** One of a server's sockets: it is bound, and the system queues connections for it. */
internal open class Listener(
    val channel: ServerSocketChannel,
) : ConnectionSource {
    override val address: SocketAddress = channel.localAddress

    init {
        channel.configureBlocking(false)
    }

    override fun watch(
        loop: EventLoop,
        owner: Any,
        callback: CallbackHandle,
    ) = Watch.of(loop, channel).also { it.owner = owner }.read(callback)

    override fun stopWatching(loop: EventLoop) {
        Watch.of(loop, channel).stopReading()
    }

    /** The next queued connection, or null if there is none. */
    override fun accept(): SocketChannel? = channel.accept()

    override fun refuse(channel: SocketChannel) = channel.close()

    override fun close() = channel.close()

    override fun toString(): String = "<socket at $address>"
}
