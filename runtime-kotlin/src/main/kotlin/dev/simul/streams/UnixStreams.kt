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
 * @param limit that of the [StreamReader], in bytes.
 * @throws java.io.IOException if nobody listens there.
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
 * Listens at the Unix domain socket [path], and has a task of its own run [clientConnected] for each connection.
 *
 * If that fails or is cancelled the connection is closed; when it returns, it is not.
 *
 * Source: `asyncio.start_unix_server(client_connected_cb, path=None, *, limit=65536, **kwds)`.
 *
 * @param limit that of each [StreamReader], in bytes.
 * @param cleanupSocket whether the socket is removed when the server closes, unless something else lies there by then.
 * @throws java.net.BindException if something that is no socket lies there.
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
