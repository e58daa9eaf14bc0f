// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.Future
import dev.simul.loop.EventLoop
import dev.simul.loop.TimerHandle
import dev.simul.shield

/**
 * The connections of a connector: which are idle, how many there are, and who waits for one.
 *
 * As long as somebody waits, there is neither an idle connection nor room for a new one that they could have: whatever becomes free is
 * handed over at once, to the first who can use it.
 */
internal class ConnectionPool(
    private val loop: EventLoop,
    private val options: HttpConnectorOptions,
) : AutoCloseable {
    /** In the order in which they were first asked for. */
    private val hosts = LinkedHashMap<HttpRoute, Host>()
    private val waiters = ArrayDeque<Waiter>()
    private var sweeper: TimerHandle? = null

    /** Ends when everything is closed; null unless somebody waits for that. */
    private var closing: Future<Unit>? = null

    var isClosed = false
        private set

    /** How many connections are open, and being made. */
    var size = 0
        private set

    val idleSize: Int get() = hosts.values.sumOf { it.idle.size }

    /** Somebody who waits for a connection; gets null if there is room for a new one, which is then theirs. */
    private class Waiter(
        val host: Host,
        val turn: Future<ClientConnection?>,
    )

    /** The connections of a route. */
    inner class Host(
        val route: HttpRoute,
    ) : ConnectionOwner {
        var size = 0

        /** How many requests are being made. */
        var users = 0

        /** The one that was used last is the last. */
        val idle = ArrayDeque<ClientConnection>()

        override fun idle(connection: ClientConnection) {
            val now = loop.time()
            if (isClosed || now - connection.bornAt >= options.maximumAge) return connection.close()
            val waiter = nextWaiter { it.host === this || hasRoom(it.host, 1) }
            when {
                waiter == null -> keep(connection, now)
                waiter.host === this -> waiter.turn.setResult(connection)
                else -> {
                    // It waits for another route, and so for room.
                    discard(connection)
                    waiter.turn.setResult(reserved(waiter.host))
                }
            }
        }

        private fun keep(
            connection: ClientConnection,
            now: kotlin.time.Duration,
        ) {
            connection.idleSince = now
            idle.addLast(connection)
            if (sweeper == null) sweeper = loop.callAt(now + options.keepaliveTimeout) { sweep() }
        }

        override fun lost(connection: ClientConnection) {
            idle.remove(connection)
            release(connection)
        }

        /** The connection that was used last and can be used again. */
        fun takeIdle(): ClientConnection? {
            while (true) {
                val connection = idle.removeLastOrNull() ?: return null
                if (connection.isReusable && loop.time() - connection.bornAt < options.maximumAge) return connection
                discard(connection)
            }
        }

        /** Closes [connection], which nobody uses, and no longer counts it. */
        fun discard(connection: ClientConnection) {
            connection.close()
            uncount(connection)
        }

        /** No longer counts [connection], and lets somebody else have its room. */
        fun release(connection: ClientConnection) {
            uncount(connection)
            serve()
        }

        private fun uncount(connection: ClientConnection) {
            if (!connection.isCounted) return
            connection.isCounted = false
            size--
            shrunk()
            forgetIfUnused(this)
        }
    }

    fun host(route: HttpRoute): Host = hosts.getOrPut(route) { Host(route) }

    /** A connection to [host] that can be used, or null if there is room for a new one, which is then the caller's. Waits for either. */
    suspend fun take(host: Host): ClientConnection? {
        while (true) {
            checkOpen()
            val connection =
                host.takeIdle() ?: if (makeRoom(host)) return reserved(host) else await(host) ?: return null
            if (connection.isReusable) return connection
        }
    }

    /** Waits for room for a new connection to [host], which is then the caller's. */
    suspend fun reserve(host: Host) {
        checkOpen()
        host.idle.removeFirstOrNull()?.let(host::discard)
        if (makeRoom(host)) {
            reserved(host)
            return
        }
        val connection = await(host) ?: return
        if (!connection.isCounted) return reserve(host) // It was lost in this very turn, and its room is another's.
        host.discard(connection)
        reserved(host)
    }

    /** A route that nobody uses, and to which there are no connections, is not remembered. */
    fun forgetIfUnused(host: Host) {
        if (host.size == 0 && host.users == 0) hosts.remove(host.route, host)
    }

    private fun checkOpen() = check(!isClosed) { "the connector is closed" }

    /** Counts a connection to be made. */
    private fun reserved(host: Host): ClientConnection? {
        size++
        host.size++
        return null
    }

    private fun makeRoom(host: Host): Boolean {
        if (!hasRoom(host, 1) || (size >= options.limit && !closeOldest())) return false
        return true
    }

    /** Whether there is room for a connection to [host], once [closing] other ones are closed. */
    private fun hasRoom(
        host: Host,
        closing: Int,
    ) = host.size < options.limitPerHost && size - closing < options.limit

    /** Closes the connection that nobody has used for the longest time. */
    private fun closeOldest(): Boolean {
        val host = hosts.values.filter { it.idle.isNotEmpty() }.minByOrNull { it.idle.first().idleSince } ?: return false
        host.discard(host.idle.removeFirst())
        return true
    }

    private suspend fun await(host: Host): ClientConnection? {
        val waiter = Waiter(host, Future(loop))
        waiters.addLast(waiter)
        try {
            return waiter.turn.await()
        } catch (e: Throwable) {
            if (!waiters.remove(waiter)) giveBack(waiter)
            throw e
        }
    }

    /** Somebody was cancelled in the turn in which they got what they had waited for. */
    private fun giveBack(waiter: Waiter) {
        if (waiter.turn.cancelled() || waiter.turn.exception() != null) return
        val connection = waiter.turn.result()
        if (connection != null) return if (connection.isReusable) waiter.host.idle(connection) else Unit
        unreserve(waiter.host)
    }

    /** The connection that was to be made is not made. */
    private fun unreserve(host: Host) {
        host.size--
        shrunk()
        serve()
    }

    /** There is a connection less. */
    private fun shrunk() {
        size--
        if (isClosed && size == 0) closing?.let { if (!it.done()) it.setResult(Unit) }
    }

    /** Waits until this is closed and there is no connection left. */
    suspend fun waitClosed() {
        if (isClosed && size == 0) return
        shield(closing ?: Future<Unit>(loop).also { closing = it }).await()
    }

    /** Removes the first waiter that is pending and [canUse] what there is, and all before it that gave up. */
    private inline fun nextWaiter(canUse: (Waiter) -> Boolean): Waiter? {
        if (waiters.isEmpty()) return null
        waiters.removeAll { it.turn.done() }
        val index = waiters.indexOfFirst(canUse)
        return if (index < 0) null else waiters.removeAt(index)
    }

    /** Lets those who wait have the room that there is. */
    private fun serve() {
        while (!isClosed) {
            val waiter = nextWaiter { hasRoom(it.host, 0) } ?: return
            waiter.turn.setResult(reserved(waiter.host))
        }
    }

    /** Closes what nobody has used for too long, and forgets routes without connections. */
    private fun sweep() {
        sweeper = null
        val latest = loop.time() - options.keepaliveTimeout
        for (host in hosts.values.toList()) {
            while ((host.idle.firstOrNull() ?: break).idleSince <= latest) host.discard(host.idle.removeFirst())
        }
        serve()
        val oldest = hosts.values.mapNotNull { it.idle.firstOrNull()?.idleSince }.minOrNull() ?: return
        sweeper = loop.callAt(oldest + options.keepaliveTimeout) { sweep() }
    }

    override fun close() {
        if (isClosed) return
        isClosed = true
        sweeper?.cancel()
        for (host in hosts.values) {
            host.idle.forEach { it.close() }
            host.idle.clear()
        }
        val waiting = waiters.toList()
        waiters.clear()
        if (size == 0) closing?.let { if (!it.done()) it.setResult(Unit) }
        for (waiter in waiting) if (!waiter.turn.done()) waiter.turn.setException(IllegalStateException("the connector was closed"))
    }
}
