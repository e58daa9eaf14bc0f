// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.loop.NoSuchFamilyException
import dev.simul.loop.logger
import dev.simul.loop.openServerSocketChannel
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.orElseClosed
import java.io.IOException
import java.net.BindException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.channels.ServerSocketChannel

/**
 * Listens on [port] of [host], and creates a transport and a protocol for each connection.
 *
 * Source: `loop.create_server(protocol_factory, host=None, port=None, *, ...)`.
 *
 * If the task is cancelled, no server is left open.
 *
 * @param host a name or an address; null or empty for all interfaces, IPv4 and IPv6 on one socket. `::` does the same: the JDK's IPv6
 *   sockets also accept IPv4 connections.
 * @param port 0 for any free port, a different one for each address; [Server.addresses] tells which.
 * @param protocolFactory creates the protocol of each connection.
 * @throws BindException if the address is in use, or does not belong to this machine.
 */
public suspend fun EventLoop.createServer(
    host: String?,
    port: Int,
    options: ServerOptions = ServerOptions(),
    protocolFactory: () -> StreamingProtocol,
): Server = createServer(listOf(host), port, options, protocolFactory)

/**
 * As the other [createServer], on [port] of each of several [hosts]; an address that several hosts have is bound once.
 *
 * Addresses that do not belong to this machine are skipped; if one cannot be bound for another reason, none is.
 */
public suspend fun EventLoop.createServer(
    hosts: Collection<String?>,
    port: Int,
    options: ServerOptions = ServerOptions(),
    protocolFactory: () -> StreamingProtocol,
): Server {
    require(hosts.isNotEmpty()) { "hosts is empty: name at least one, or null for all interfaces" }
    val addresses = hosts.flatMap { if (it.isNullOrEmpty()) allInterfaces(port, options) else getaddrinfo(it, port, options.family) }
    return serve(bindAll(addresses.distinct().sortedBy { !it.coversIpv4 }, options), options, protocolFactory)
}

/**
 * Creates a transport and a protocol for each connection to [channel], which the caller has bound. The server takes over the channel.
 *
 * Source: `loop.create_server(protocol_factory, sock=sock, ...)`.
 *
 * @throws IllegalArgumentException if the channel is not bound.
 */
public suspend fun EventLoop.createServer(
    channel: ServerSocketChannel,
    options: ServerOptions = ServerOptions(),
    protocolFactory: () -> StreamingProtocol,
): Server {
    requireNotNull(channel.localAddress) { "$channel is not bound: bind it before, or name a host and a port" }
    return serve(listOf(channel.orElseClosed(::Listener)), options, protocolFactory)
}

internal suspend fun EventLoop.serve(
    listeners: List<ConnectionSource>,
    options: ServerOptions,
    protocolFactory: () -> StreamingProtocol,
): Server {
    val server = Server(this, listeners, options, protocolFactory)
    try {
        if (options.startServing) server.startServing()
    } catch (e: Throwable) {
        server.close() // the caller does not have it
        throw e
    }
    if (debug) logger.info("{} is serving", server)
    return server
}

/** The IPv6 wildcard, which accepts IPv4 too; or the IPv4 wildcard on machines without IPv6. */
private fun allInterfaces(
    port: Int,
    options: ServerOptions,
): List<InetSocketAddress> =
    listOf(ALL_OF_IPV6, ALL_OF_IPV4)
        .filter { options.family == null || it.family == options.family }
        .map { InetSocketAddress(it, port) }

private val InetSocketAddress.coversIpv4 get() = address == ALL_OF_IPV6

private val ALL_OF_IPV6 = InetAddress.getByAddress(ByteArray(16))
private val ALL_OF_IPV4 = InetAddress.getByAddress(ByteArray(4))

private fun EventLoop.bindAll(
    addresses: List<InetSocketAddress>,
    options: ServerOptions,
): List<ConnectionSource> {
    val listeners = ArrayList<ConnectionSource>()
    var noSuchFamily: NoSuchFamilyException? = null
    try {
        for (address in addresses) {
            // Beside the IPv6 wildcard, the IPv4 wildcard cannot be bound, and need not be.
            val isCovered = address.address == ALL_OF_IPV4 && listeners.any { (it.address as InetSocketAddress).coversIpv4 }
            if (!isCovered) listen(address, options) { noSuchFamily = it }?.let(listeners::add)
        }
    } catch (e: Throwable) {
        listeners.forEach { it.close() }
        throw e
    }
    if (listeners.isEmpty()) throw nothingBound(addresses, noSuchFamily)
    return listeners
}

private fun nothingBound(
    addresses: List<InetSocketAddress>,
    noSuchFamily: NoSuchFamilyException?,
): BindException {
    val reason = noSuchFamily?.message ?: "none of them belongs to this machine"
    return BindException("could not bind on any address out of $addresses: $reason").apply { noSuchFamily?.let(::initCause) }
}

/** A socket of this loop's own, or a share of another's; null as [bind]. */
private fun EventLoop.listen(
    address: InetSocketAddress,
    options: ServerOptions,
    unsupported: (NoSuchFamilyException) -> Unit,
): ConnectionSource? {
    val shares = listenerShares ?: return bind(address, options, unsupported)
    return shares.share(ListenerKey(address, options.reuseAddress, options.reusePort)) { it.bind(address, options, unsupported) }
}

/**
 * Returns null if the address does not belong to this machine, or its family has no sockets, which [unsupported] is told: a family may be
 * disabled.
 */
private inline fun EventLoop.bind(
    address: InetSocketAddress,
    options: ServerOptions,
    unsupported: (NoSuchFamilyException) -> Unit,
): Listener? =
    try {
        openServerSocketChannel(address.address.family).orElseClosed {
            it.bind(address, options)
            Listener(it)
        }
    } catch (e: NoSuchFamilyException) {
        if (debug) logger.warn("createServer() cannot open a socket for {}", address, e)
        unsupported(e)
        null
    } catch (e: IOException) {
        val message = "error while attempting to bind on address $address: ${e.message}"
        if (NOT_AVAILABLE !in e.message.orEmpty()) throw BindException(message).apply { initCause(e) }
        if (debug) logger.warn(message)
        null
    }

private fun ServerSocketChannel.bind(
    address: InetSocketAddress,
    options: ServerOptions,
) {
    setOption(StandardSocketOptions.SO_REUSEADDR, options.reuseAddress)
    if (options.reusePort) setOption(StandardSocketOptions.SO_REUSEPORT, true)
    bind(address, options.backlog)
}

/** The JDK's message on each system. */
private const val NOT_AVAILABLE = "assign requested address"
