package dev.simul.io

import dev.simul.loop.EventLoop
import dev.simul.runInExecutor
import java.net.InetAddress
import java.net.InetSocketAddress

/**
 * The addresses of [host], looked up in a thread of the default executor unless it is an address itself.
 *
 * Cancelling the task ends the wait; the look-up goes on, and its result is dropped.
 *
 * Source: `loop.getaddrinfo(host, port, *, family=0, type=0, proto=0, flags=0)`.
 *
 * @param host null for the loopback interface.
 * @throws java.net.UnknownHostException if it has none.
 */
public suspend fun EventLoop.getaddrinfo(
    host: String?,
    port: Int,
): List<InetSocketAddress> {
    val addresses =
        if (host == null || host.isAddress()) InetAddress.getAllByName(host) else runInExecutor { InetAddress.getAllByName(host) }.await()
    return addresses.map { InetSocketAddress(it, port) }
}

/** Whether this needs no look-up: no name has a colon, or digits alone at its end. */
private fun String.isAddress() = ':' in this || substringAfterLast('.').let { it.isNotEmpty() && it.all(Char::isDigit) }
