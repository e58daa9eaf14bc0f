// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.transports.onceReadable
import dev.simul.transports.onceWritable
import java.io.IOException
import java.net.SocketAddress
import java.nio.ByteBuffer
import java.nio.channels.DatagramChannel

/**
 * A received datagram.
 *
 * Source: the pair that `loop.sock_recvfrom` returns.
 *
 * @property address the sender's address.
 */
public class Datagram(
    public val data: ByteArray,
    public val address: SocketAddress,
) {
    /** [data]. */
    public operator fun component1(): ByteArray = data

    /** [address]. */
    public operator fun component2(): SocketAddress = address
}

/**
 * Receives a datagram from [channel]; bytes beyond [size] are dropped.
 *
 * Source: `loop.sock_recvfrom(sock, bufsize)`.
 *
 * @throws IOException if an earlier datagram to the peer of a connected channel was refused.
 * @throws IllegalStateException if a transport owns the channel, or another task waits to receive from it.
 */
public suspend fun EventLoop.sockRecvfrom(
    channel: DatagramChannel,
    size: Int,
): Datagram {
    require(size >= 0) { "size is $size: it must not be negative" }
    val buffer = ByteBuffer.allocate(size)
    val address = sockRecvfromInto(channel, buffer)
    return Datagram(buffer.array().copyOf(buffer.position()), address)
}

/**
 * As [sockRecvfrom], into [buffer], whose position advances past the datagram.
 *
 * Source: `loop.sock_recvfrom_into(sock, buf, nbytes=0)`.
 *
 * @return the sender's address.
 * @throws IOException if an earlier datagram to the peer of a connected channel was refused.
 * @throws IllegalStateException if a transport owns the channel, or another task waits to receive from it.
 */
public suspend fun EventLoop.sockRecvfromInto(
    channel: DatagramChannel,
    buffer: ByteBuffer,
): SocketAddress = onceReadable(channel) { channel.receive(buffer) }

/**
 * Sends [data] to [address] as one datagram, as soon as the system takes it.
 *
 * Source: `loop.sock_sendto(sock, data, address)`.
 *
 * @return the number of bytes sent.
 * @throws IOException if the system refuses the datagram.
 * @throws IllegalStateException if a transport owns the channel, or another task waits to send on it.
 */
public suspend fun EventLoop.sockSendto(
    channel: DatagramChannel,
    data: ByteBuffer,
    address: SocketAddress,
): Int {
    val isEmpty = !data.hasRemaining()
    return onceWritable(channel) { channel.send(data, address).takeIf { it > 0 || isEmpty } }.also { poller.expectNews() }
}

/** As the other [sockSendto]. */
public suspend fun EventLoop.sockSendto(
    channel: DatagramChannel,
    data: ByteArray,
    address: SocketAddress,
): Int = sockSendto(channel, ByteBuffer.wrap(data), address)
