// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.loop.EventLoop
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.net.createServer
import java.nio.ByteBuffer

/**
 * Serves HTTP on [port] of [host]: runs [handler] for each request, in one task for each connection, in the order of the requests.
 *
 * A malformed request is answered with 400 or the status that tells what was wrong, and its connection is closed; [handler] does not see
 * it. If the handler fails before it has answered, the client gets a 500, and the loop's exception handler the exception. If the client goes
 * away meanwhile, the handler is cancelled.
 *
 * @param host a name or an address; null or empty for all interfaces.
 * @param port 0 for any free port; [Server.addresses] tells which.
 * @throws java.net.BindException if the address is in use, or does not belong to this machine.
 */
public suspend fun EventLoop.createHttpServer(
    host: String?,
    port: Int,
    options: ServerOptions = ServerOptions(),
    limits: HttpLimits = HttpLimits.DEFAULT,
    handler: suspend (ServerExchange) -> Unit,
): Server {
    val scratch = ByteBuffer.allocateDirect(Outgoing.SCRATCH)
    return createServer(host, port, options) { ServerConnection(this, limits, scratch, handler) }
}
