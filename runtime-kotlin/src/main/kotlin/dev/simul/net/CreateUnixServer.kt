// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.loop.logger
import dev.simul.loop.openServerSocketChannel
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.closedIfFails
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
 * Listens at the Unix domain socket [path], and makes a transport and a protocol of each connection.
 *
 * A socket that lies there already is removed first; a file of another kind is not.
 *
 * Source: `loop.create_unix_server(protocol_factory, path=None, *, ...)`.
 *
 * @param cleanupSocket whether the socket is removed when the server closes, unless something else lies there by then.
 * @param protocolFactory makes the protocol of each connection.
 * @throws BindException if something else lies there.
 */
public suspend fun EventLoop.createUnixServer(
    path: Path,
    options: ServerOptions = ServerOptions(),
    cleanupSocket: Boolean = true,
    protocolFactory: () -> StreamingProtocol,
): Server {
    path.removeStaleSocket()
    val channel = openServerSocketChannel(StandardProtocolFamily.UNIX).closedIfFails { it.bind(path, options.backlog) }
    return createUnixServer(channel, options, cleanupSocket, protocolFactory)
}

/**
 * As the other [createUnixServer], by a [channel] that the caller has bound, which becomes the server's.
 *
 * @throws IllegalArgumentException if the channel is not bound, or not in the Unix domain.
 */
public suspend fun EventLoop.createUnixServer(
    channel: ServerSocketChannel,
    options: ServerOptions = ServerOptions(),
    cleanupSocket: Boolean = true,
    protocolFactory: () -> StreamingProtocol,
): Server {
    require(channel.localAddress is UnixDomainSocketAddress) { "$channel is not bound to a path: bind it to a UnixDomainSocketAddress" }
    val listener = channel.orElseClosed { if (cleanupSocket) UnixListener(it) else Listener(it) }
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
        false // Windows, where no attribute tells
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

/** Of the mode of a file in Unix. */
private const val FILE_TYPE = 0xF000
private const val SOCKET = 0xC000
