// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.loop.EventLoop
import dev.simul.workers.currentWorker
import java.nio.ByteBuffer

/** What the connections of a server share. */
internal class HttpService(
    val loop: EventLoop,
    val options: HttpServerOptions,
    val handler: suspend (ServerExchange) -> Unit,
) {
    /** A buffer for the duration of a call. */
    val scratch: ByteBuffer = ByteBuffer.allocateDirect(Outgoing.SCRATCH)
    private val date = DateLine(loop)
    private val open = LinkedHashSet<ServerConnection>()

    /** The connections whose tasks are not done. */
    val connections: List<ServerConnection> get() = open.toList()

    /** Whether each connection ends with the request that it answers. */
    var isDraining: Boolean = false
        private set

    private var waitsForLastRequests = false

    /** Whether a connection that waits for a request is to be closed. */
    val closesIdle: Boolean get() = isDraining && !waitsForLastRequests

    /** Returns whether there is room for [connection]. */
    fun enter(connection: ServerConnection): Boolean {
        val hasRoom = open.size < options.maxConnections
        if (hasRoom) open += connection
        return hasRoom
    }

    fun leave(connection: ServerConnection) {
        open -= connection
    }

    /**
     * Each connection ends with the next answer that begins. Those that wait for a request are closed at once, unless this is a worker that was
     * replaced: their next request may be on its way, and gets the last answer.
     */
    fun drain() {
        if (!isDraining) waitsForLastRequests = currentWorker()?.isReplaced == true
        isDraining = true
        if (closesIdle) connections.forEach { it.closeIfIdle() }
    }

    /** Puts the date, unless [head] has one. */
    fun putDate(
        head: ResponseHead,
        destination: ByteBuffer,
    ) {
        if (options.sendDate && "Date" !in head.headers) date.putTo(destination)
    }
}
