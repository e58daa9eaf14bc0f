// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.waitFor
import java.net.InetAddress
import java.net.InetSocketAddress
import java.nio.channels.ServerSocketChannel
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

internal val LOOPBACK_ADDRESS: InetAddress = InetAddress.getByName("127.0.0.1")

internal val HAS_IPV6: Boolean = runCatching { withListener("::1") {} }.isSuccess

/** Runs [body] on a loop with real sockets, for a minute at most. */
internal fun <T> onSockets(
    debug: Boolean? = null,
    body: suspend EventLoop.() -> T,
): T = runLoop(debug) { waitFor(60.seconds) { getRunningLoop().body() } }

/** A socket that listens at [host], and is closed after [block]. */
internal inline fun <R> withListener(
    host: String = "127.0.0.1",
    block: (ServerSocketChannel) -> R,
): R = ServerSocketChannel.open().bind(InetSocketAddress(host, 0)).use(block)

internal val ServerSocketChannel.port: Int get() = (localAddress as InetSocketAddress).port

internal val Server.port: Int get() = (addresses.first() as InetSocketAddress).port

/** A port where nobody listens: it was free a moment ago. */
internal fun freePort(host: String = "127.0.0.1"): Int = withListener(host) { it.port }

/** Has the loop know these names alone. */
internal fun EventLoop.resolving(vararg names: Pair<String, List<String>>) {
    val known = names.toMap()
    resolver =
        object : Resolver {
            override suspend fun getaddrinfo(host: String) = known.getValue(host).map { InetAddress.getByName(it) }

            override suspend fun getnameinfo(address: InetAddress) = known.entries.first { address.hostAddress in it.value }.key
        }
}

/** As `async with server`. */
internal suspend inline fun <R> Server.use(block: (Server) -> R): R =
    try {
        block(this)
    } finally {
        aclose()
    }
