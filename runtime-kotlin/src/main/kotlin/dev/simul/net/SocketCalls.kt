// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.transports.checkFree
import dev.simul.transports.classified
import dev.simul.transports.closedIfFails
import dev.simul.transports.onceReadable
import dev.simul.transports.onceWritable
import java.io.IOException
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.nio.ByteBuffer
import java.nio.channels.ReadableByteChannel
import java.nio.channels.SelectableChannel
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.channels.WritableByteChannel

/**
 * Receives up to [count] bytes from [channel], as soon as there are some.
 *
 * Like all these calls, it tries at once and waits only if it must; the channel becomes non-blocking. If the task is cancelled, nothing has
 * been taken from the channel.
 *
 * Source: `loop.sock_recv(sock, nbytes)`.
 *
 * @return an empty array at the end of the stream.
 * @throws IOException if the connection is lost.
 * @throws IllegalStateException if a transport owns the channel, or another task waits to receive from it.
 */
public suspend fun <C> EventLoop.sockRecv(
    channel: C,
    count: Int,
): ByteArray where C : SelectableChannel, C : ReadableByteChannel {
    require(count >= 0) { "count is $count: it must not be negative" }
    val buffer = ByteBuffer.allocate(count)
    return buffer.array().copyOf(sockRecvInto(channel, buffer))
}

/**
 * As [sockRecv], into [buffer], whose position advances past the received bytes.
 *
 * Source: `loop.sock_recv_into(sock, buf)`.
 *
 * @return the number of received bytes; 0 at the end of the stream, or if the buffer is full.
 * @throws IOException if the connection is lost.
 * @throws IllegalStateException if a transport owns the channel, or another task waits to receive from it.
 */
public suspend fun <C> EventLoop.sockRecvInto(
    channel: C,
    buffer: ByteBuffer,
): Int where C : SelectableChannel, C : ReadableByteChannel {
    if (!buffer.hasRemaining()) return 0
    return classifyingFailures { onceReadable(channel) { channel.read(buffer).takeIf { it != 0 } } }.coerceAtLeast(0)
}

/**
 * Sends all of [data] over [channel], and waits until all is sent.
 *
 * If it fails, or the task is cancelled, part of the data may have been sent: the buffer's position tells how much.
 *
 * Source: `loop.sock_sendall(sock, data)`.
 *
 * @param data its position moves to its limit.
 * @throws IOException if the connection is lost.
 * @throws IllegalStateException if a transport owns the channel, or another task waits to send on it.
 */
public suspend fun <C> EventLoop.sockSendall(
    channel: C,
    data: ByteBuffer,
): Unit where C : SelectableChannel, C : WritableByteChannel {
    classifyingFailures {
        onceWritable(channel) {
            do {
                val sent = channel.write(data)
            } while (data.hasRemaining() && sent > 0)
            if (data.hasRemaining()) null else Unit
        }
    }
    poller.expectNews()
}

/** As the other [sockSendall]. */
public suspend fun <C> EventLoop.sockSendall(
    channel: C,
    data: ByteArray,
): Unit where C : SelectableChannel, C : WritableByteChannel = sockSendall(channel, ByteBuffer.wrap(data))

/**
 * Connects [channel] to [address]; a host name, [InetSocketAddress.createUnresolved], is looked up.
 *
 * If this fails, the channel is closed; if the task is cancelled, the caller must close it.
 *
 * Source: `loop.sock_connect(sock, address)`.
 *
 * @throws IOException if connecting fails: a [java.net.ConnectException] if the peer refuses.
 * @throws IllegalStateException if a transport owns the channel.
 */
public suspend fun EventLoop.sockConnect(
    channel: SocketChannel,
    address: SocketAddress,
) {
    checkFree(channel)
    val isNamed = address is InetSocketAddress && address.isUnresolved
    connect(channel, if (isNamed) getaddrinfo(address.hostString, address.port).first() else address)
}

/**
 * Waits for a connection to [channel], and accepts it.
 *
 * Source: `loop.sock_accept(sock)`.
 *
 * @return the connection, non-blocking; its `remoteAddress` is the peer's.
 * @throws IllegalStateException if a server owns the channel, or another task waits to accept from it.
 */
public suspend fun EventLoop.sockAccept(channel: ServerSocketChannel): SocketChannel =
    onceReadable(channel) { channel.accept() }.closedIfFails { it.configureBlocking(false) }

/** Classifies failures of a connection, as transports do. */
private inline fun <R> classifyingFailures(block: () -> R): R =
    try {
        block()
    } catch (e: IOException) {
        throw e.classified()
    }
