// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import java.net.InetSocketAddress
import java.net.SocketAddress

/** Gives the servers of a loop shares of sockets that belong to somebody else, instead of sockets of their own. */
internal fun interface ListenerShares {
    /**
     * A share of the socket for [key]. If there is none yet, [bind] makes it, with the loop that the socket is to belong to; null if [bind]
     * returns null.
     *
     * @throws java.net.BindException if the loop has a server there already.
     */
    fun share(
        key: ListenerKey,
        bind: (EventLoop) -> Listener?,
    ): ConnectionSource?
}

/** What those ask for who get shares of the same socket. */
internal data class ListenerKey(
    val address: SocketAddress,
    val reuseAddress: Boolean = false,
    val reusePort: Boolean = false,
) {
    /** Whether one loop may have several servers there, each with a socket of its own. */
    val mayRepeat: Boolean get() = reusePort || (address as? InetSocketAddress)?.port == 0
}

private class SharesOfLoop {
    var shares: ListenerShares? = null
}

private val sharesOfLoop = LoopLocal { SharesOfLoop() }

/** Null for most loops; set it before the loop runs. */
internal var EventLoop.listenerShares: ListenerShares?
    get() = sharesOfLoop.getOrNull(this)?.shares
    set(value) {
        sharesOfLoop[this].shares = value
    }
