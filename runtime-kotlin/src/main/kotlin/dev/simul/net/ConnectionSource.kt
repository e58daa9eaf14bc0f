// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import java.net.SocketAddress
import java.nio.channels.SocketChannel

/** Where a server gets its connections from. */
internal interface ConnectionSource {
    val address: SocketAddress

    /** Has [loop] run [callback] whenever there may be connections, on behalf of [owner], until [stopWatching] or [close]. */
    fun watch(
        loop: EventLoop,
        owner: Any,
        callback: CallbackHandle,
    )

    fun stopWatching(loop: EventLoop)

    /** The next connection, or null if there is none now. */
    fun accept(): SocketChannel?

    /** Takes [channel], which [accept] has given and nobody has begun to serve: the server is closed. */
    fun refuse(channel: SocketChannel)

    fun close()
}
