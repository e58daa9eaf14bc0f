// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.SingleWaiter
import dev.simul.createTask
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.isFatal
import dev.simul.transports.OpenTransports
import dev.simul.transports.Releasable
import dev.simul.transports.Transport
import dev.simul.transports.orElseClosed
import java.nio.channels.SocketChannel

/**
 * A connection that a server has accepted, until its protocol is told of it.
 *
 * A task creates its transport and protocol, so that each connection has its own context variables: the server's, and those that the
 * protocol factory sets.
 *
 * Source: `BaseSelectorEventLoop._accept_connection2`.
 *
 * @param source gets the channel back if the connection is no longer wanted.
 * @param connect creates the transport, which completes the future later; null if the connection is no longer wanted.
 */
internal class AcceptedConnection(
    private val loop: EventLoop,
    private val channel: SocketChannel,
    private val source: ConnectionSource,
    private val connect: (made: SingleWaiter) -> Transport?,
) : Releasable {
    fun start() {
        OpenTransports[loop].add(this)
        val task =
            try {
                loop.createTask { run() }
            } catch (e: Throwable) {
                // Whoever got it back would deal it again, and this might fail again.
                OpenTransports[loop].remove(this)
                channel.close()
                throw e
            }
        // A task that is cancelled before its first step never runs.
        task.addDoneCallback { if (it.cancelled()) discard() }
    }

    private suspend fun run() {
        val made = SingleWaiter(loop, "connectionMade", channel)
        val transport = transport(made) ?: return
        try {
            made.await()
        } catch (e: Throwable) {
            transport.close()
            if (e.isFatal) throw e // The transport has already reported everything else.
        }
    }

    /** Returns null if there is no transport: the connection is then closed, or goes back to where it came from. */
    private fun transport(made: SingleWaiter): Transport? {
        try {
            OpenTransports[loop].remove(this)
            channel.orElseClosed { connect(made)?.let { return it } }
            source.refuse(channel)
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            loop.callExceptionHandler(ExceptionContext("Error on transport creation for incoming connection", e))
        }
        return null
    }

    private fun discard() {
        OpenTransports[loop].remove(this)
        release()
    }

    override fun release() = source.refuse(channel)

    override val isConnection: Boolean get() = true

    override fun toString(): String = "<accepted $channel>"
}
