// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.adding
import dev.simul.loop.isFatal
import dev.simul.net.Listener
import java.io.IOException
import java.net.SocketAddress
import java.nio.channels.SocketChannel
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.time.Duration.Companion.seconds

/**
 * One of the supervisor's sockets: it accepts connections in the supervisor's loop, and deals each to a worker that has a share of it.
 *
 * It owns the connections that it has accepted, or got back, until a share has taken them. While no worker can take one, it accepts none.
 *
 * @param sharesChanged called in the supervisor's loop when a share may have begun to accept connections.
 */
internal class SharedListener(
    private val loop: EventLoop,
    private val socket: Listener,
    private val sharesChanged: () -> Unit,
) {
    val address: SocketAddress get() = socket.address

    private val shares = CopyOnWriteArrayList<ListenerShare>()

    /** Those that came back; guarded by itself, as is [isClosed]. */
    private val waiting = ArrayDeque<SocketChannel>()
    private var isClosed = false

    /** Whether the supervisor's loop is about to [deal]. */
    private val isScheduled = AtomicBoolean()

    // What follows belongs to the supervisor's loop.

    private var isWatched = false

    /** Whether the system had no room for another connection a moment ago. */
    private var isBackingOff = false

    /** The share that got the last connection, by its place. */
    private var last = 0

    // In any thread.

    fun join(share: ListenerShare) {
        shares += share
    }

    fun leave(share: ListenerShare) {
        shares -= share
    }

    /** Takes over [channels], for other workers; closes them if this is closed. */
    fun giveBack(channels: List<SocketChannel>) {
        if (channels.isEmpty()) return
        val isTaken =
            synchronized(waiting) {
                if (!isClosed) waiting += channels
                !isClosed
            }
        if (isTaken) changed() else closeAll(channels)
    }

    /** A worker can take connections, or no longer can, or one came back. */
    fun changed() {
        if (isScheduled.getAndSet(true)) return
        try {
            loop.callUnlessClosed {
                isScheduled.set(false)
                sharesChanged()
                deal()
            }
        } catch (e: Throwable) {
            isScheduled.set(false)
            throw e
        }
    }

    // In the supervisor's loop.

    /** Deals what waits here, and what the system has queued. */
    fun deal() {
        repeat(MOST_AT_ONCE) {
            val share = next() ?: return stopWatching()
            val channel =
                try {
                    takeWaiting() ?: accept()
                } catch (e: IOException) {
                    return backOff(e)
                }
            if (channel == null) return watch()
            give(channel, share)
        }
        watch()
        if (synchronized(waiting) { waiting.isNotEmpty() }) changed()
    }

    /** The share of the worker that has the fewest connections, of those that answer; of several, the one whose turn it is. */
    private fun next(): ListenerShare? {
        val shares = shares.toTypedArray()
        var best: ListenerShare? = null
        var fewest = Int.MAX_VALUE
        for (offset in 1..shares.size) {
            val place = (last + offset).mod(shares.size)
            val share = shares[place]
            if (!share.takesMore) continue
            val connections = share.worker.connections
            if (connections < fewest) {
                fewest = connections
                best = share
            }
        }
        return best
    }

    private fun takeWaiting(): SocketChannel? = synchronized(waiting) { waiting.removeFirstOrNull() }

    private fun accept(): SocketChannel? = if (isBackingOff || !socket.channel.isOpen) null else socket.accept()

    private fun give(
        channel: SocketChannel,
        share: ListenerShare,
    ) {
        last = shares.indexOf(share)
        val isTaken =
            try {
                share.offer(channel)
            } catch (e: Throwable) {
                channel.close() // No memory was left to queue it.
                throw e
            }
        if (!isTaken) return giveBack(listOf(channel))
        last = shares.indexOf(share)
        share.signal()
    }

    private fun watch() {
        if (isWatched || isBackingOff || !socket.channel.isOpen) return
        socket.watch(loop, this, CallbackHandle(loop, loop.copyCurrentContext(), ::deal))
        isWatched = true
    }

    private fun stopWatching() {
        if (!isWatched) return
        isWatched = false
        if (socket.channel.isOpen) socket.stopWatching(loop)
    }

    /** The process or the system has no room for another connection: the workers' go on, and this tries again in a second. */
    private fun backOff(exception: IOException) {
        if (!socket.channel.isOpen) return
        loop.callExceptionHandler(ExceptionContext("socket.accept() out of system resource", exception, mapOf("socket" to socket)))
        stopWatching()
        isBackingOff = true
        loop.callLater(ACCEPT_RETRY_DELAY) {
            isBackingOff = false
            deal()
        }
    }

    /** Closes the socket, and what waits here. Workers keep what they have. */
    fun close() {
        val left =
            synchronized(waiting) {
                isClosed = true
                waiting.toList().also { waiting.clear() }
            }
        try {
            closeAll(left)
        } finally {
            isWatched = false
            socket.close()
        }
    }

    private fun closeAll(channels: List<SocketChannel>) {
        val failures = ArrayList<Throwable>()
        for (channel in channels) failures.adding { channel.close() }
        failures.firstOrNull { it.isFatal }?.let { throw it }
    }

    override fun toString(): String = "<listener at $address of ${shares.size} workers>"

    private companion object {
        /** So that other callbacks of the supervisor have their turn. */
        const val MOST_AT_ONCE = 128

        val ACCEPT_RETRY_DELAY = 1.seconds
    }
}
