// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import dev.simul.loop.getRunningLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.createConnection

/**
 * Connects to [port] of [host].
 *
 * Source: `asyncio.open_connection(host=None, port=None, *, limit=65536, **kwds)`.
 *
 * @param limit the limit of the [StreamReader], in bytes.
 * @throws java.net.ConnectException if the peer refuses.
 */
public suspend fun openConnection(
    host: String?,
    port: Int,
    limit: Int = StreamReader.DEFAULT_LIMIT,
    options: ConnectionOptions = ConnectionOptions(),
): Streams {
    val loop = getRunningLoop()
    val reader = StreamReader(limit, loop)
    val (transport, protocol) = loop.createConnection(host, port, options) { StreamReaderProtocol(reader, loop) }
    return Streams(reader, StreamWriter(transport, protocol, reader, loop))
}
