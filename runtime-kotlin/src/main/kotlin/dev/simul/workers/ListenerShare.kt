// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.loop.Callback
import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.net.ConnectionSource
import java.net.SocketAddress
import java.nio.channels.SocketChannel

/**
 * A worker's share of one of the supervisor's listeners: the connections that were dealt to it and that its server has not taken.
 *
 * Each connection has one owner at any time: this, until [accept] or [takeBack] gives it away. Closing this gives them back.
 *
 * The lock is held for moments only.
 */
internal class ListenerShare(
    val worker: Worker,
    val listener: SharedListener,
    /** Which of the worker's servers for the same key it is; 0 for the first. */
    val index: Int,
) : ConnectionSource,
    Callback {
    private val dealt = ArrayDeque<SocketChannel>()
    private var isClosed = false

    /** Whether the worker's loop is about to look here. */
    private var isSignalled = false

    /** How many connections were dealt and not begun. Any thread may read it. */
    @Volatile
    var pending = 0
        private set

    /** What accepts connections; only the worker's loop changes it. */
    @Volatile
    private var reader: CallbackHandle? = null

    /** Whether the server accepts connections. */
    val isServing: Boolean get() = reader != null

    /** Whether the next connection may be dealt to it: its worker answers, and has begun most of what it has got. */
    val takesMore: Boolean
        get() = isServing && pending < MOST_PENDING && worker.state == WorkerState.RUNNING && !worker.loop.isClosed

    override val address: SocketAddress get() = listener.address

    // For the supervisor.

    /** Deals [channel] to the worker; returns false, and leaves it to the caller, if this accepts none. */
    @Synchronized
    fun offer(channel: SocketChannel): Boolean {
        if (isClosed || !isServing) return false
        dealt.add(channel)
        pending = dealt.size
        return true
    }

    /** Tells the worker's loop to look here; if that fails, what was dealt is taken back in time, since the loop does not take it. */
    fun signal() {
        synchronized(this) {
            if (isSignalled) return
            isSignalled = true
        }
        try {
            worker.loop.enqueueThreadsafe(this)
        } catch (e: Throwable) {
            synchronized(this) { isSignalled = false }
            throw e
        }
    }

    /** Takes back what the worker has not begun. */
    @Synchronized
    fun takeBack(): List<SocketChannel> {
        val taken = dealt.toList()
        dealt.clear()
        pending = 0
        return taken
    }

    // For the worker's server.

    override fun watch(
        loop: EventLoop,
        owner: Any,
        callback: CallbackHandle,
    ) {
        reader = callback
        if (pending > 0) signal()
        listener.changed()
    }

    override fun stopWatching(loop: EventLoop) {
        reader = null
        listener.giveBack(takeBack())
    }

    /** Runs in the worker's loop: has the server accept. */
    override fun run() {
        synchronized(this) { isSignalled = false }
        reader?.run()
        if (pending > 0) signal()
    }

    override fun accept(): SocketChannel? {
        var wasFull = false
        val channel =
            synchronized(this) {
                wasFull = dealt.size == MOST_PENDING
                dealt.removeFirstOrNull().also { pending = dealt.size }
            }
        if (wasFull) listener.changed()
        return channel
    }

    override fun refuse(channel: SocketChannel) = listener.giveBack(listOf(channel))

    /** Ends this, in any thread. The listener stays open. */
    override fun close() {
        reader = null
        val left =
            synchronized(this) {
                isClosed = true
                takeBack()
            }
        worker.shares -= this
        listener.leave(this)
        listener.giveBack(left)
    }

    override fun toString(): String = "<share of the socket at $address in ${worker.name}>"

    companion object {
        /** How many connections wait for one server at most: the system queues the others. */
        const val MOST_PENDING = 256
    }
}
