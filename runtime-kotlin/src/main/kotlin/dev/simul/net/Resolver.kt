// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import dev.simul.loop.logger
import dev.simul.runInExecutor
import java.net.Inet4Address
import java.net.Inet6Address
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily
import java.net.UnknownHostException
import kotlin.time.Duration.Companion.nanoseconds

/**
 * Looks up the addresses of hosts, and their names, for a loop whose [resolver] it is.
 *
 * ```
 * loop.resolver = Resolver { host -> known[host] ?: throw UnknownHostException(host) }
 * ```
 *
 * Its functions run in the calling task, on the loop: they may await, and must not block. asyncio has no equivalent: there one overrides
 * methods of the loop.
 */
public fun interface Resolver {
    /**
     * Returns the addresses of [host], which is a name; it is not called for literal addresses.
     *
     * @return at least one address, in the order in which to try them.
     * @throws UnknownHostException if there is none.
     */
    public suspend fun getaddrinfo(host: String): List<InetAddress>

    /** Returns the name of the host at [address]; if it has none, the address as text, as this default does. */
    public suspend fun getnameinfo(address: InetAddress): String = address.hostAddress
}

/**
 * Looks up the addresses of hosts for this loop: for connections, servers, datagrams, [getaddrinfo] and [getnameinfo].
 *
 * The default asks the JDK, in threads of the default executor; on a network in memory, it is the network's. asyncio has no equivalent.
 */
public var EventLoop.resolver: Resolver
    get() = resolverOf[this].resolver
    set(value) {
        resolverOf[this].resolver = value
    }

private class ResolverSlot(
    var default: Resolver,
) {
    var resolver = default
}

private val resolverOf = LoopLocal { ResolverSlot(SystemResolver(it)) }

/** Makes [default] the loop's resolver, also after a [resetResolver]. */
internal fun EventLoop.setDefaultResolver(default: Resolver) {
    resolverOf[this].default = default
    resolver = default
}

/** Undoes what was set as [resolver]. */
internal fun EventLoop.resetResolver() {
    resolver = resolverOf[this].default
}

/** Asks the JDK, which blocks while it asks the system. */
internal class SystemResolver(
    private val loop: EventLoop,
) : Resolver {
    override suspend fun getaddrinfo(host: String): List<InetAddress> =
        loop.runInExecutor { InetAddress.getAllByName(host).asList() }.await()

    /** An address may have been made with a name; that name is not what is looked up. */
    override suspend fun getnameinfo(address: InetAddress): String =
        loop.runInExecutor { InetAddress.getByAddress(address.address).canonicalHostName }.await()

    override fun toString(): String = "<the system's resolver>"
}

/**
 * The addresses of [host]; the loop's [resolver] looks them up unless it is a literal address.
 *
 * The default resolver returns them in the JDK's order: IPv4 first, unless the system property `java.net.preferIPv6Addresses` says
 * otherwise. Cancelling the task ends the wait; the system's look-up continues, and its result is dropped.
 *
 * Source: `loop.getaddrinfo(host, port, *, family=0, type=0, proto=0, flags=0)`.
 *
 * @param host null for the loopback interface.
 * @param family the only family of addresses to return; if null, both.
 * @throws UnknownHostException if there is none.
 */
public suspend fun EventLoop.getaddrinfo(
    host: String?,
    port: Int,
    family: StandardProtocolFamily? = null,
): List<InetSocketAddress> {
    val addresses =
        when {
            host.isNullOrEmpty() -> LOOPBACK
            host.isAddress() -> InetAddress.getAllByName(host).asList()
            else -> timed("Getting the addresses of '$host'") { resolver.getaddrinfo(host) }
        }
    val wanted = if (family == null) addresses else addresses.filter { it.family == family }
    if (wanted.isEmpty()) throw UnknownHostException("'$host' has no address of family $family")
    return wanted.map { InetSocketAddress(it, port) }
}

/**
 * The name of the host at [address], which the loop's [resolver] looks up; the address as text if it has none.
 *
 * Cancelling the task ends the wait; the system's look-up continues, and its result is dropped.
 *
 * Source: the first item of the pair that `loop.getnameinfo(sockaddr, flags=0)` returns.
 */
public suspend fun EventLoop.getnameinfo(address: InetSocketAddress): String {
    val host = address.address ?: return address.hostString
    return timed("Getting the name of ${host.hostAddress}") { resolver.getnameinfo(host) }
}

/** Runs [block], and in debug mode logs how long it took. */
private inline fun <R> EventLoop.timed(
    what: String,
    block: () -> R,
): R {
    if (!debug) return block()
    val start = nanoTime()
    try {
        return block()
    } finally {
        val duration = (nanoTime() - start).nanoseconds
        if (duration >= slowCallbackDuration) logger.info("{} took {}", what, duration) else logger.debug("{} took {}", what, duration)
    }
}

internal val InetAddress.family: StandardProtocolFamily
    get() = if (this is Inet4Address) StandardProtocolFamily.INET else StandardProtocolFamily.INET6

/** As in the C library: both addresses, IPv6 first only if the JDK would put it first. */
private val LOOPBACK: List<InetAddress> by lazy {
    val first = InetAddress.getLoopbackAddress()
    val four = InetAddress.getByAddress(byteArrayOf(127, 0, 0, 1))
    val six = InetAddress.getByAddress(ByteArray(IPV6_SIZE).also { it[IPV6_SIZE - 1] = 1 })
    if (first is Inet6Address) listOf(six, four) else listOf(four, six)
}

private const val IPV6_SIZE = 16
private const val IPV4_PARTS = 4
private const val LARGEST_PART = 255

/** Whether this is a literal address, which needs no look-up: no name contains a colon. */
private fun String.isAddress() = ':' in this || split('.').let { it.size == IPV4_PARTS && it.all(String::isIpv4Part) }

private fun String.isIpv4Part() = length in 1..3 && all { it in '0'..'9' } && toInt() <= LARGEST_PART

/** The wildcard address of this address's family. */
internal val InetAddress.wildcard: InetAddress get() = InetAddress.getByAddress(ByteArray(address.size))
