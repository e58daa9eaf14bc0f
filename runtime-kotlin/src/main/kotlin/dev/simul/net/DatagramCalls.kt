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
 * What has come as one datagram.
 *
 * Source: the pair that `loop.sock_recvfrom` returns.
 *
 * @property address where it came from.
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
 * Receives a datagram by [channel]; what is longer than [size] bytes is cut off.
 *
 * Source: `loop.sock_recvfrom(sock, bufsize)`.
 *
 * @throws IOException if what was sent to the peer of a connected channel was refused.
 * @throws IllegalStateException if a transport has the channel, or another task waits to receive by it.
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
 * As [sockRecvfrom], into [buffer], whose position moves behind the datagram.
 *
 * Source: `loop.sock_recvfrom_into(sock, buf, nbytes=0)`.
 *
 * @return where it came from.
 * @throws IOException if what was sent to the peer of a connected channel was refused.
 * @throws IllegalStateException if a transport has the channel, or another task waits to receive by it.
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
 * @return how many bytes it has.
 * @throws IOException if the system refuses it.
 * @throws IllegalStateException if a transport has the channel, or another task waits to send by it.
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
