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
 * The addresses of [host], looked up in a thread of the default executor unless it is an address itself.
 *
 * Their order is the JDK's, which puts IPv4 first unless the system property `java.net.preferIPv6Addresses` says otherwise.
 * Cancelling the task ends the wait; the look-up goes on, and its result is dropped.
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
            else -> lookUp("Getting the addresses of '$host'") { addresses(host) }
        }
    val wanted = if (family == null) addresses else addresses.filter { it.family == family }
    if (wanted.isEmpty()) throw UnknownHostException("'$host' has no address of family $family")
    return wanted.map { InetSocketAddress(it, port) }
}

/**
 * The name of the host of [address], looked up in a thread of the default executor; the address as text if it has none.
 *
 * Cancelling the task ends the wait; the look-up goes on, and its result is dropped.
 *
 * Source: the first of the two that `loop.getnameinfo(sockaddr, flags=0)` returns.
 */
public suspend fun EventLoop.getnameinfo(address: InetSocketAddress): String {
    val host = address.address ?: return address.hostString
    return lookUp("Getting the name of ${host.hostAddress}") { nameOf(host) }
}

private suspend fun <R> EventLoop.lookUp(
    what: String,
    ask: NameService.() -> R,
): R {
    val service = Resolver[this].service
    if (!debug) return runInExecutor { service.ask() }.await()
    return runInExecutor { timed(what) { service.ask() } }.await()
}

private inline fun <R> EventLoop.timed(
    what: String,
    block: () -> R,
): R {
    val start = System.nanoTime()
    try {
        return block()
    } finally {
        val duration = (System.nanoTime() - start).nanoseconds
        if (duration >= slowCallbackDuration) logger.info("{} took {}", what, duration) else logger.debug("{} took {}", what, duration)
    }
}

/** Who knows the names of hosts; asked in threads of the executor. */
internal interface NameService {
    fun addresses(host: String): List<InetAddress> = InetAddress.getAllByName(host).asList()

    /** An address may have been made of a name, which is not asked for. */
    fun nameOf(address: InetAddress): String = InetAddress.getByAddress(address.address).canonicalHostName
}

/** Whom a loop asks for names. */
internal class Resolver private constructor() {
    var service: NameService = object : NameService {}

    companion object {
        private val of = LoopLocal { Resolver() }

        operator fun get(loop: EventLoop): Resolver = of[loop]
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
