// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import dev.simul.loop.getRunningLoop
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.net.createServer

/**
 * Listens on [port] of [host], and runs [clientConnected] for each connection, in a task of its own.
 *
 * If that task fails or is cancelled, the connection is closed; if it returns, the connection stays open.
 *
 * Source: `asyncio.start_server(client_connected_cb, host=None, port=None, *, limit=65536, **kwds)`.
 *
 * @param host a name or an address; null or empty for all interfaces.
 * @param port 0 for any free port; [Server.addresses] tells which.
 * @param limit the limit of each [StreamReader], in bytes.
 * @throws java.net.BindException if the address is in use, or does not belong to this machine.
 */
public suspend fun startServer(
    host: String?,
    port: Int,
    limit: Int = StreamReader.DEFAULT_LIMIT,
    options: ServerOptions = ServerOptions(),
    clientConnected: suspend (StreamReader, StreamWriter) -> Unit,
): Server = startServer(listOf(host), port, limit, options, clientConnected)

/** As the other [startServer], on [port] of each of several [hosts]. If one cannot be bound, none is. */
public suspend fun startServer(
    hosts: Collection<String?>,
    port: Int,
    limit: Int = StreamReader.DEFAULT_LIMIT,
    options: ServerOptions = ServerOptions(),
    clientConnected: suspend (StreamReader, StreamWriter) -> Unit,
): Server {
    val loop = getRunningLoop()
    return loop.createServer(hosts, port, options) { StreamReaderProtocol(StreamReader(limit, loop), loop, clientConnected) }
}
