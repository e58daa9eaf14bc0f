// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.loop.logger
import dev.simul.loop.openServerSocketChannel
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.orElseClosed
import java.io.IOException
import java.net.BindException
import java.net.StandardProtocolFamily
import java.net.UnixDomainSocketAddress
import java.nio.channels.ServerSocketChannel
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path

/**
 * Listens on the Unix domain socket [path], and creates a transport and a protocol for each connection.
 *
 * An existing socket at [path] is removed first; a file of another kind is not.
 *
 * Source: `loop.create_unix_server(protocol_factory, path=None, *, ...)`.
 *
 * @param cleanupSocket whether to remove the socket when the server closes, unless the path then holds something else.
 * @param protocolFactory creates the protocol of each connection.
 * @throws BindException if the path holds something other than a socket.
 */
public suspend fun EventLoop.createUnixServer(
    path: Path,
    options: ServerOptions = ServerOptions(),
    cleanupSocket: Boolean = true,
    protocolFactory: () -> StreamingProtocol,
): Server {
    val shares = listenerShares
    val listener =
        if (shares == null) {
            bindUnix(path, options, cleanupSocket)
        } else {
            shares.share(ListenerKey(UnixDomainSocketAddress.of(path))) { it.bindUnix(path, options, cleanupSocket) }!!
        }
    return serve(listOf(listener), options, protocolFactory)
}

private fun EventLoop.bindUnix(
    path: Path,
    options: ServerOptions,
    cleanupSocket: Boolean,
): Listener {
    path.removeStaleSocket()
    return openServerSocketChannel(StandardProtocolFamily.UNIX).orElseClosed {
        it.bind(path, options.backlog)
        listenerOf(it, cleanupSocket)
    }
}

private fun listenerOf(
    channel: ServerSocketChannel,
    cleanupSocket: Boolean,
): Listener = if (cleanupSocket) UnixListener(channel) else Listener(channel)

/**
 * As the other [createUnixServer], for a [channel] that the caller has bound. The server takes over the channel.
 *
 * @throws IllegalArgumentException if the channel is not bound, or not a Unix domain socket.
 */
public suspend fun EventLoop.createUnixServer(
    channel: ServerSocketChannel,
    options: ServerOptions = ServerOptions(),
    cleanupSocket: Boolean = true,
    protocolFactory: () -> StreamingProtocol,
): Server {
    require(channel.localAddress is UnixDomainSocketAddress) { "$channel is not bound to a path: bind it to a UnixDomainSocketAddress" }
    val listener = channel.orElseClosed { listenerOf(it, cleanupSocket) }
    return serve(listOf(listener), options, protocolFactory)
}

private fun Path.removeStaleSocket() {
    try {
        if (isSocket()) Files.deleteIfExists(this)
    } catch (e: IOException) {
        logger.error("Unable to check or remove stale UNIX socket {}", this, e)
    }
}

private fun Path.isSocket(): Boolean =
    try {
        Files.getAttribute(this, "unix:mode") as Int and FILE_TYPE == SOCKET
    } catch (_: NoSuchFileException) {
        false
    } catch (_: UnsupportedOperationException) {
        false // on Windows, no attribute tells
    }

private fun ServerSocketChannel.bind(
    path: Path,
    backlog: Int,
) {
    try {
        bind(UnixDomainSocketAddress.of(path), backlog)
    } catch (e: BindException) {
        throw BindException("Address '$path' is already in use: ${e.message}").apply { initCause(e) }
    } catch (e: IOException) {
        throw IOException("error while attempting to bind on path '$path': ${e.message}", e)
    }
}

/** The bits of a Unix file mode that hold the file's type. */
private const val FILE_TYPE = 0xF000
private const val SOCKET = 0xC000
