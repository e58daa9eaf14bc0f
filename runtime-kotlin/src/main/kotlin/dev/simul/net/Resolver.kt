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
 * Finds the addresses of hosts, and their names, for a loop that has it as its [resolver].
 *
 * ```
 * loop.resolver = Resolver { host -> known[host] ?: throw UnknownHostException(host) }
 * ```
 *
 * Its functions run in the task that asks, on the loop: they may await, and must not block. asyncio has nothing like it: there one
 * overrides methods of the loop.
 */
public fun interface Resolver {
    /**
     * The addresses of [host], which is a name; addresses that are written out are not asked for.
     *
     * @return at least one address, in the order in which they are to be tried.
     * @throws UnknownHostException if there is none.
     */
    public suspend fun getaddrinfo(host: String): List<InetAddress>

    /** The name of the host at [address]; the address as text if it has none, as this does. */
    public suspend fun getnameinfo(address: InetAddress): String = address.hostAddress
}

/**
 * Who finds the addresses of hosts for this loop: for connections, servers, datagrams, [getaddrinfo] and [getnameinfo].
 *
 * At first it asks the JDK, in threads of the default executor. asyncio has nothing like it.
 */
public var EventLoop.resolver: Resolver
    get() = resolverOf[this].resolver
    set(value) {
        resolverOf[this].resolver = value
    }

private class ResolverSlot(
    var resolver: Resolver,
)

private val resolverOf = LoopLocal { ResolverSlot(SystemResolver(it)) }

/** Asks the JDK, which asks the system and waits for that. */
internal class SystemResolver(
    private val loop: EventLoop,
) : Resolver {
    override suspend fun getaddrinfo(host: String): List<InetAddress> =
        loop.runInExecutor { InetAddress.getAllByName(host).asList() }.await()

    /** An address may have been made of a name, which is not asked for. */
    override suspend fun getnameinfo(address: InetAddress): String =
        loop.runInExecutor { InetAddress.getByAddress(address.address).canonicalHostName }.await()

    override fun toString(): String = "<the system's resolver>"
}

/**
 * The addresses of [host], which the loop's [resolver] looks up unless it is an address itself.
 *
 * The system's come in the JDK's order, which puts IPv4 first unless the system property `java.net.preferIPv6Addresses` says
 * otherwise. Cancelling the task ends the wait; the system's look-up goes on, and its result is dropped.
 *
 * Source: `loop.getaddrinfo(host, port, *, family=0, type=0, proto=0, flags=0)`.
 *
 * @param host null for the loopback interface.
 * @param family the only family to give addresses of; both if it is null.
 * @throws UnknownHostException if it has none.
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
 * The name of the host of [address], which the loop's [resolver] looks up; the address as text if it has none.
 *
 * Cancelling the task ends the wait; the system's look-up goes on, and its result is dropped.
 *
 * Source: the first of the two that `loop.getnameinfo(sockaddr, flags=0)` returns.
 */
public suspend fun EventLoop.getnameinfo(address: InetSocketAddress): String {
    val host = address.address ?: return address.hostString
    return timed("Getting the name of ${host.hostAddress}") { resolver.getnameinfo(host) }
}

/** Does [block], and in debug mode logs how long that took. */
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

/** As the C library has them: both, IPv6 first only if the JDK would put it first. */
private val LOOPBACK: List<InetAddress> by lazy {
    val first = InetAddress.getLoopbackAddress()
    val four = InetAddress.getByAddress(byteArrayOf(127, 0, 0, 1))
    val six = InetAddress.getByAddress(ByteArray(IPV6_SIZE).also { it[IPV6_SIZE - 1] = 1 })
    if (first is Inet6Address) listOf(six, four) else listOf(four, six)
}

private const val IPV6_SIZE = 16
private const val IPV4_PARTS = 4
private const val LARGEST_PART = 255

/** Whether this needs no look-up: no name has a colon. */
private fun String.isAddress() = ':' in this || split('.').let { it.size == IPV4_PARTS && it.all(String::isIpv4Part) }

private fun String.isIpv4Part() = length in 1..3 && all { it in '0'..'9' } && toInt() <= LARGEST_PART

/** The address that stands for all of this one's family. */
internal val InetAddress.wildcard: InetAddress get() = InetAddress.getByAddress(ByteArray(address.size))
