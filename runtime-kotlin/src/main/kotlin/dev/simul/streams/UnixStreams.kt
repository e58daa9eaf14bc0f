// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import dev.simul.loop.getRunningLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.net.createUnixConnection
import dev.simul.net.createUnixServer
import java.nio.file.Path

/**
 * Connects to the Unix domain socket at [path].
 *
 * Source: `asyncio.open_unix_connection(path=None, *, limit=65536, **kwds)`.
 *
 * @param limit the limit of the [StreamReader], in bytes.
 * @throws java.io.IOException if no server listens there.
 */
public suspend fun openUnixConnection(
    path: Path,
    limit: Int = StreamReader.DEFAULT_LIMIT,
    options: ConnectionOptions = ConnectionOptions(),
): Streams {
    val loop = getRunningLoop()
    val reader = StreamReader(limit, loop)
    val (transport, protocol) = loop.createUnixConnection(path, options) { StreamReaderProtocol(reader, loop) }
    return Streams(reader, StreamWriter(transport, protocol, reader, loop))
}

/**
 * Listens on the Unix domain socket [path], and runs [clientConnected] for each connection, in a task of its own.
 *
 * If that task fails or is cancelled, the connection is closed; if it returns, the connection stays open.
 *
 * Source: `asyncio.start_unix_server(client_connected_cb, path=None, *, limit=65536, **kwds)`.
 *
 * @param limit the limit of each [StreamReader], in bytes.
 * @param cleanupSocket whether to remove the socket when the server closes, unless the path then holds something else.
 * @throws java.net.BindException if the path holds something other than a socket.
 */
public suspend fun startUnixServer(
    path: Path,
    limit: Int = StreamReader.DEFAULT_LIMIT,
    options: ServerOptions = ServerOptions(),
    cleanupSocket: Boolean = true,
    clientConnected: suspend (StreamReader, StreamWriter) -> Unit,
): Server {
    val loop = getRunningLoop()
    return loop.createUnixServer(path, options, cleanupSocket) { StreamReaderProtocol(StreamReader(limit, loop), loop, clientConnected) }
}
