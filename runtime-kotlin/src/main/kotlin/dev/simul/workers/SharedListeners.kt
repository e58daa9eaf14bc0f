// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.adding
import dev.simul.net.Listener
import dev.simul.net.ListenerKey
import java.net.BindException

/** All sockets of a supervisor. Workers take shares of them in their own threads. */
internal class SharedListeners(
    private val loop: EventLoop,
    private val sharesChanged: () -> Unit,
) {
    private val listeners = LinkedHashMap<ListenerKey, MutableList<SharedListener>>()
    private var isClosed = false

    /** A share of the socket for [key] that [worker] has none of yet; the first worker that asks makes [bind] bind it. */
    @Synchronized
    fun share(
        worker: Worker,
        key: ListenerKey,
        bind: (EventLoop) -> Listener?,
    ): ListenerShare? {
        if (isClosed) throw CancelledException("the supervisor of ${worker.name} is closed")
        val bound = listeners[key].orEmpty()
        val index = bound.indices.firstOrNull { place -> worker.shares.none { it.listener === bound[place] } } ?: bound.size
        if (index > 0 && !key.mayRepeat) {
            throw BindException("address ${key.address} is in use by another server of ${worker.name}: close that before")
        }
        val listener = bound.getOrNull(index) ?: add(key, bind(loop) ?: return null)
        return ListenerShare(worker, listener, index).also {
            worker.shares += it
            listener.join(it)
        }
    }

    private fun add(
        key: ListenerKey,
        socket: Listener,
    ): SharedListener =
        try {
            SharedListener(loop, socket, sharesChanged).also { listeners.getOrPut(key, ::ArrayList).add(it) }
        } catch (e: Throwable) {
            socket.close()
            throw e
        }

    @get:Synchronized
    val all: List<SharedListener> get() = listeners.values.flatten()

    /** Closes all sockets, and has no more from then on; returns what failed. */
    fun close(): List<Throwable> {
        val failures = ArrayList<Throwable>()
        for (listener in takeAll()) failures.adding { listener.close() }
        return failures
    }

    @Synchronized
    private fun takeAll(): List<SharedListener> {
        isClosed = true
        return listeners.values.flatten().also { listeners.clear() }
    }
}
