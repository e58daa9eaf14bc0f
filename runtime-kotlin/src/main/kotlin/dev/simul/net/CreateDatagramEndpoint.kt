// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.SingleWaiter
import dev.simul.loop.EventLoop
import dev.simul.loop.logger
import dev.simul.loop.openDatagramChannel
import dev.simul.transports.DatagramChannelTransport
import dev.simul.transports.DatagramProtocol
import dev.simul.transports.DatagramTransport
import dev.simul.transports.closedIfFails
import dev.simul.transports.orElseClosed
import java.io.IOException
import java.net.BindException
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.net.SocketException
import java.net.StandardProtocolFamily
import java.net.StandardSocketOptions
import java.nio.channels.DatagramChannel

/**
 * Opens a socket for datagrams.
 *
 * Names in the addresses, [InetSocketAddress.createUnresolved], are looked up; pairs of a local and a remote address of one family are
 * tried in turn. If the task is cancelled, no endpoint is left open.
 *
 * Source: `loop.create_datagram_endpoint(protocol_factory, local_addr=None, remote_addr=None, *, ...)`.
 *
 * @param localAddr the address to bind to; null for any free port.
 * @param remoteAddr the only address to send to and, unless [allowBroadcast], to receive from; null for any.
 * @param family the only address family to use; required if both addresses are null.
 * @param reusePort whether several sockets may be bound to one address.
 * @param allowBroadcast whether sending to broadcast addresses is allowed.
 * @param protocolFactory creates the protocol; its [DatagramProtocol.connectionMade] was called when this returns.
 * @throws IllegalArgumentException if there is neither an address nor a family, or the two addresses have no family in common.
 * @throws IOException if no address can be bound or connected to: the failure of the first one.
 */
public suspend fun <P : DatagramProtocol> EventLoop.createDatagramEndpoint(
    localAddr: InetSocketAddress? = null,
    remoteAddr: InetSocketAddress? = null,
    family: StandardProtocolFamily? = null,
    reusePort: Boolean = false,
    allowBroadcast: Boolean = false,
    protocolFactory: () -> P,
): Connection<DatagramTransport, P> {
    require(family != StandardProtocolFamily.UNIX) { "family is UNIX: the JDK has only streams there" }
    val pairs = addressPairs(localAddr, remoteAddr, family)
    val failures = ArrayList<IOException>()
    for (pair in pairs) {
        val channel =
            try {
                pair.open(this, reusePort, allowBroadcast)
            } catch (e: IOException) {
                failures.add(e)
                continue
            }
        return createTransport(channel, pair.remote, protocolFactory)
    }
    throw failures.first()
}

/**
 * Creates an endpoint for [channel], which the caller has bound or connected. The transport takes over the channel, which is closed if this
 * fails.
 *
 * Source: `loop.create_datagram_endpoint(protocol_factory, sock=sock)`.
 */
public suspend fun <P : DatagramProtocol> EventLoop.createDatagramEndpoint(
    channel: DatagramChannel,
    protocolFactory: () -> P,
): Connection<DatagramTransport, P> = createTransport(channel, channel.remoteAddress, protocolFactory)

private suspend fun <P : DatagramProtocol> EventLoop.createTransport(
    channel: DatagramChannel,
    remote: SocketAddress?,
    protocolFactory: () -> P,
): Connection<DatagramTransport, P> {
    val protocol = channel.orElseClosed { protocolFactory() }
    val transport = channel.orElseClosed { DatagramChannelTransport(this, it, protocol, remote) }
    val made = SingleWaiter(this, "connectionMade", transport)
    transport.start(made)
    transport.closedIfFails { made.await() }
    if (debug) logger.debug("Datagram endpoint {} created", transport)
    return Connection(transport, protocol)
}

private class AddressPair(
    val family: StandardProtocolFamily,
    val local: InetSocketAddress?,
    val remote: InetSocketAddress?,
) {
    fun open(
        loop: EventLoop,
        reusePort: Boolean,
        allowBroadcast: Boolean,
    ): DatagramChannel =
        loop.openDatagramChannel(family).closedIfFails {
            if (reusePort) it.setOption(StandardSocketOptions.SO_REUSEPORT, true)
            if (allowBroadcast) it.setOption(StandardSocketOptions.SO_BROADCAST, true)
            if (local != null) it.bindTo(local)
            if (remote != null && !allowBroadcast) it.connect(remote)
            // Only a bound channel can receive.
            if (it.localAddress == null) it.bind(null)
        }
}

private fun DatagramChannel.bindTo(local: InetSocketAddress) {
    try {
        bind(local)
    } catch (e: SocketException) {
        throw BindException("error while attempting to bind on address $local: ${e.message}").apply { initCause(e) }
    }
}

private suspend fun EventLoop.addressPairs(
    localAddr: InetSocketAddress?,
    remoteAddr: InetSocketAddress?,
    family: StandardProtocolFamily?,
): List<AddressPair> {
    if (localAddr == null && remoteAddr == null) {
        return listOf(AddressPair(requireNotNull(family) { "unexpected address family: name one, or an address" }, null, null))
    }
    val locals = localAddr?.let { resolve(it, family) }
    val remotes = remoteAddr?.let { resolve(it, family) }
    val families = (locals.orEmpty() + remotes.orEmpty()).map { it.address.family }.distinct()
    val pairs =
        families.mapNotNull { one ->
            val local = locals?.run { firstOrNull { it.address.family == one } ?: return@mapNotNull null }
            val remote = remotes?.run { firstOrNull { it.address.family == one } ?: return@mapNotNull null }
            AddressPair(one, local, remote)
        }
    require(pairs.isNotEmpty()) { "can not get address information: $localAddr and $remoteAddr have no family in common" }
    return pairs
}

private suspend fun EventLoop.resolve(
    address: InetSocketAddress,
    family: StandardProtocolFamily?,
): List<InetSocketAddress> {
    if (address.isUnresolved) return getaddrinfo(address.hostString, address.port, family)
    return listOf(address).filter { family == null || it.address.family == family }
}
