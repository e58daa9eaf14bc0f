// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.loop.logger
import dev.simul.loop.openSocketChannel
import dev.simul.transports.BaseProtocol
import dev.simul.transports.BaseTransport
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import dev.simul.transports.awaitWritable
import dev.simul.transports.orElseClosed
import java.io.IOException
import java.net.BindException
import java.net.ConnectException
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.net.SocketException
import java.nio.channels.SelectableChannel
import java.nio.channels.SocketChannel

/**
 * The two sides of a connection: the loop's and the user's.
 *
 * Source: the pair that `loop.create_connection` returns.
 *
 * @property transport the loop's side.
 * @property protocol the user's side.
 */
@JvmRecord
public data class Connection<out T : BaseTransport, out P : BaseProtocol>(
    val transport: T,
    val protocol: P,
)

/**
 * Connects to [port] of [host]; its addresses are tried one after the other, or as a race if the [options] say so.
 *
 * If the task is cancelled, no connection is left open.
 *
 * Source: `loop.create_connection(protocol_factory, host=None, port=None, *, ...)`.
 *
 * @param host a name or an address; null for this machine.
 * @param protocolFactory creates the protocol, once connected; its [StreamingProtocol.connectionMade] was called when this returns.
 * @throws ConnectException if the peer refuses the connection at all of its addresses.
 * @throws IOException if connecting fails for another reason, or for several.
 * @throws dev.simul.exceptions.ExceptionGroup instead of these if the options ask for all errors.
 */
public suspend fun <P : StreamingProtocol> EventLoop.createConnection(
    host: String?,
    port: Int,
    options: ConnectionOptions = ConnectionOptions(),
    protocolFactory: () -> P,
): Connection<Transport, P> {
    val named = options.towards(host)
    val connection = createConnection(getaddrinfo(host, port, options.family), named, protocolFactory)
    if (debug) logger.debug("{} connected to {}:{}", connection.transport, host, port)
    return connection
}

/**
 * As the other [createConnection], to a host whose [addresses] are known: for a client that keeps them. With TLS, the options must have the
 * name of the server.
 *
 * asyncio has no equivalent; `aiohappyeyeballs.start_connection(addr_infos)` is one.
 */
public suspend fun <P : StreamingProtocol> EventLoop.createConnection(
    addresses: List<InetSocketAddress>,
    options: ConnectionOptions = ConnectionOptions(),
    protocolFactory: () -> P,
): Connection<Transport, P> {
    val tls = options.towards(null).tls()
    val channel = connectFirst(addresses, options, ::discard) { openConnected(it, options) }
    return createTransport(channel, channel.orElseClosed { protocolFactory() }, tls)
}

/**
 * Creates a transport for [channel], which was connected elsewhere. The transport takes over the channel, which is closed if this fails.
 *
 * Source: `loop.create_connection(protocol_factory, sock=sock, ...)`.
 *
 * @throws IllegalArgumentException if the channel is not connected.
 */
public suspend fun <P : StreamingProtocol> EventLoop.createConnection(
    channel: SocketChannel,
    options: ConnectionOptions = ConnectionOptions(),
    protocolFactory: () -> P,
): Connection<Transport, P> {
    require(channel.isConnected) { "$channel is not connected: connect it before, or name a host and a port" }
    val (protocol, tls) = channel.orElseClosed { protocolFactory() to options.towards(null).tls() }
    return createTransport(channel, protocol, tls)
}

/** A channel that is connected to [address]. */
private suspend fun EventLoop.openConnected(
    address: InetSocketAddress,
    options: ConnectionOptions,
): SocketChannel {
    val channel = openSocketChannel(address.address.family)
    try {
        channel.bindAs(options, address)
        connect(channel, address)
        return channel
    } catch (e: Throwable) {
        discard(channel)
        throw e
    }
}

private fun SocketChannel.bindAs(
    options: ConnectionOptions,
    remote: InetSocketAddress,
) {
    if (options.localAddress == null && options.localPort == 0) return
    val local = InetSocketAddress(options.localAddress ?: remote.address.wildcard, options.localPort)
    if (local.address.family != remote.address.family) {
        throw BindException("no matching local address with family ${remote.address.family} found: $local cannot reach $remote")
    }
    try {
        bind(local)
    } catch (e: SocketException) {
        throw BindException("error while attempting to bind on address $local: ${e.message}").apply { initCause(e) }
    }
}

/** Connects [channel], which becomes non-blocking. The caller closes it if this fails. */
internal suspend fun EventLoop.connect(
    channel: SocketChannel,
    address: SocketAddress,
) {
    channel.configureBlocking(false)
    try {
        if (!channel.connect(address)) finishConnecting(channel)
    } catch (e: SocketException) {
        throw e.about(address)
    }
}

/** This exception with the address in its message, which the JDK leaves out. */
private fun SocketException.about(address: SocketAddress): SocketException {
    val text = "Connect call failed for $address: $message"
    return (if (this is ConnectException) ConnectException(text) else SocketException(text)).also { it.initCause(this) }
}

private suspend fun EventLoop.finishConnecting(channel: SocketChannel) {
    do awaitWritable(channel) while (!channel.finishConnect())
}

/** Closes a channel that this loop may have watched: the system keeps it until the next selection. */
internal fun EventLoop.discard(channel: SelectableChannel) {
    channel.close()
    poller.expectNews()
}
