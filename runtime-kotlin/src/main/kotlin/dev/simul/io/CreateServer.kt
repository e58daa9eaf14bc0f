package dev.simul.io

import dev.simul.loop.EventLoop
import java.net.BindException
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.channels.ServerSocketChannel

/**
 * Listens at [port] of [host], and makes a transport and a protocol of each connection.
 *
 * Source: `loop.create_server(protocol_factory, host=None, port=None, *, ...)`.
 *
 * @param host a name or an address; null or empty for all interfaces, IPv4 and IPv6 on one socket.
 * @param port 0 for any that is free; [Server.addresses] tells which.
 * @param protocolFactory makes the protocol of each connection.
 * @throws BindException if the address is in use or not this machine's.
 */
public suspend fun EventLoop.createServer(
    host: String?,
    port: Int,
    options: ServerOptions = ServerOptions(),
    protocolFactory: () -> StreamingProtocol,
): Server = createServer(listOf(host), port, options, protocolFactory)

/** As the other [createServer], at [port] of each of several [hosts]. If one cannot be bound, none is. */
public suspend fun EventLoop.createServer(
    hosts: Collection<String?>,
    port: Int,
    options: ServerOptions = ServerOptions(),
    protocolFactory: () -> StreamingProtocol,
): Server {
    val addresses =
        hosts.flatMap { if (it.isNullOrEmpty()) listOf(InetSocketAddress(port)) else getaddrinfo(it, port) }.distinct()
    require(addresses.isNotEmpty()) { "hosts is empty: name at least one, or null for all interfaces" }
    val server = Server(this, addresses.listen(options), options, protocolFactory)
    if (options.startServing) server.startServing()
    return server
}

private fun List<InetSocketAddress>.listen(options: ServerOptions): List<Listener> {
    val listeners = ArrayList<Listener>()
    try {
        mapTo(listeners) { Listener(it.listen(options)) }
    } catch (e: Throwable) {
        listeners.forEach { it.close() }
        throw e
    }
    return listeners
}

private fun InetSocketAddress.listen(options: ServerOptions): ServerSocketChannel =
    ServerSocketChannel.open().closedIfFails {
        it.setOption(StandardSocketOptions.SO_REUSEADDR, options.reuseAddress)
        if (options.reusePort) it.setOption(StandardSocketOptions.SO_REUSEPORT, true)
        try {
            it.bind(this, options.backlog)
        } catch (e: BindException) {
            throw BindException("error while attempting to bind on address $this: ${e.message}").apply { initCause(e) }
        }
        it.configureBlocking(false)
    }
