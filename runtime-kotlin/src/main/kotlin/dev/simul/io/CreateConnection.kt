package dev.simul.io

import dev.simul.createFuture
import dev.simul.loop.CallbackHandle
import dev.simul.loop.EventLoop
import dev.simul.loop.Watch
import java.net.ConnectException
import java.net.SocketAddress
import java.nio.channels.SocketChannel

/**
 * Both ends of what a loop has connected: its own, and the user's.
 *
 * Source: the pair that `loop.create_connection` returns.
 */
public data class Connection<out T : BaseTransport, out P : BaseProtocol>(
    val transport: T,
    val protocol: P,
)

/**
 * Connects to [port] of [host]; its addresses are tried one after the other.
 *
 * If the task is cancelled there is no connection.
 *
 * Source: `loop.create_connection(protocol_factory, host=None, port=None, *, ...)`.
 *
 * @param protocolFactory makes the protocol, when there is a connection; [StreamingProtocol.connectionMade] was called when this
 *   returns.
 * @throws ConnectException if the peer refuses.
 */
public suspend fun <P : StreamingProtocol> EventLoop.createConnection(
    host: String?,
    port: Int,
    options: ConnectionOptions = ConnectionOptions(),
    protocolFactory: () -> P,
): Connection<Transport, P> {
    val towards = options.towards(host)
    val address = getaddrinfo(host, port).first()
    val channel = SocketChannel.open()
    channel.closedIfFails { connect(it, address) }
    return createTransport(channel, protocolFactory(), towards)
}

/** Connects [channel], which becomes non-blocking. The caller closes it if this fails. */
internal suspend fun EventLoop.connect(
    channel: SocketChannel,
    address: SocketAddress,
) {
    channel.configureBlocking(false)
    try {
        if (!channel.connect(address)) finishConnecting(channel)
    } catch (e: ConnectException) {
        throw ConnectException("Connect call failed for $address: ${e.message}").apply { initCause(e) }
    }
}

private suspend fun EventLoop.finishConnecting(channel: SocketChannel) {
    val ready = createFuture<Unit>()
    val watch = Watch.ofFree(this, channel)
    watch.write(CallbackHandle(this, copyCurrentContext()) { if (!ready.done()) ready.setResult(Unit) })
    try {
        ready.await()
    } finally {
        watch.stopWriting()
    }
    channel.finishConnect()
}
