// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.loop.NoSuchFamilyException
import dev.simul.loop.logger
import dev.simul.loop.openServerSocketChannel
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.closedIfFails
import dev.simul.transports.orElseClosed
import java.io.IOException
import java.net.BindException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.channels.ServerSocketChannel

/**
 * Listens at [port] of [host], and makes a transport and a protocol of each connection.
 *
 * Source: `loop.create_server(protocol_factory, host=None, port=None, *, ...)`.
 *
 * If the task is cancelled there is no server.
 *
 * @param host a name or an address; null or empty for all interfaces, IPv4 and IPv6 on one socket. So is `::`: the JDK's
 *   sockets of IPv6 take connections by IPv4 too.
 * @param port 0 for any that is free, another one for each address; [Server.addresses] tells which.
 * @param protocolFactory makes the protocol of each connection.
 * @throws BindException if the address is in use or not this machine's.
 */
public suspend fun EventLoop.createServer(
    host: String?,
    port: Int,
    options: ServerOptions = ServerOptions(),
    protocolFactory: () -> StreamingProtocol,
): Server = createServer(listOf(host), port, options, protocolFactory)

/**
 * As the other [createServer], at [port] of each of several [hosts], and once at an address that several of them have.
 *
 * Addresses that are not this machine's are left out; if one cannot be bound for another reason, none is.
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
 * Makes a transport and a protocol of each connection to [channel], which the caller has bound, and which becomes the server's.
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
    listeners: List<Listener>,
    options: ServerOptions,
    protocolFactory: () -> StreamingProtocol,
): Server {
    val server = Server(this, listeners, options, protocolFactory)
    try {
        if (options.startServing) server.startServing()
    } catch (e: Throwable) {
        server.close() // nobody else could
        throw e
    }
    if (debug) logger.info("{} is serving", server)
    return server
}

/** The wildcard of IPv6, which takes IPv4 too; that of IPv4 is for machines without IPv6. */
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
): List<Listener> {
    val listeners = ArrayList<Listener>()
    var noSuchFamily: NoSuchFamilyException? = null
    try {
        for (address in addresses) {
            // Beside the wildcard of IPv6, that of IPv4 cannot be bound, and need not be.
            val isCovered = address.address == ALL_OF_IPV4 && listeners.any { (it.address as InetSocketAddress).coversIpv4 }
            if (!isCovered) bind(address, options) { noSuchFamily = it }?.let { listeners.add(Listener(it)) }
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
    val reason = noSuchFamily?.message ?: "none is this machine's"
    return BindException("could not bind on any address out of $addresses: $reason").apply { noSuchFamily?.let(::initCause) }
}

/** Returns null if the address is not this machine's, or has no sockets, of which [unsupported] hears: a family may be switched off. */
private inline fun EventLoop.bind(
    address: InetSocketAddress,
    options: ServerOptions,
    unsupported: (NoSuchFamilyException) -> Unit,
): ServerSocketChannel? =
    try {
        openServerSocketChannel(address.address.family).closedIfFails { it.bind(address, options) }
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

/** As the JDK words it, on each system. */
private const val NOT_AVAILABLE = "assign requested address"
