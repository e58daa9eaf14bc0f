// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.loop.EventLoop
import dev.simul.net.ServerOptions
import dev.simul.net.createServer
import dev.simul.net.createUnixServer
import java.nio.channels.ServerSocketChannel
import java.nio.file.Path

/**
 * Serves HTTP on [port] of [host]: runs [handler] for each request, in one task for each connection, in the order of the requests.
 *
 * A malformed request is answered with 400 or the status that tells what was wrong, and its connection is closed; [handler] does not see
 * it. If the handler fails before it has answered, the client gets a 500, and the loop's exception handler the exception. If the client goes
 * away meanwhile, the handler is cancelled.
 *
 * @param host a name or an address; null or empty for all interfaces.
 * @param port 0 for any free port; [HttpServer.addresses] tells which.
 * @param options how to listen, and over TLS or not.
 * @param http limits and timeouts.
 * @throws java.net.BindException if the address is in use, or does not belong to this machine.
 */
public suspend fun EventLoop.createHttpServer(
    host: String?,
    port: Int,
    options: ServerOptions = ServerOptions(),
    http: HttpServerOptions = HttpServerOptions(),
    handler: suspend (ServerExchange) -> Unit,
): HttpServer {
    val service = HttpService(this, http, handler)
    return HttpServer(createServer(host, port, options) { ServerConnection(service) }, service)
}

/** As the other [createHttpServer], for connections to [channel], which the caller has bound. The server takes over the channel. */
public suspend fun EventLoop.createHttpServer(
    channel: ServerSocketChannel,
    options: ServerOptions = ServerOptions(),
    http: HttpServerOptions = HttpServerOptions(),
    handler: suspend (ServerExchange) -> Unit,
): HttpServer {
    val service = HttpService(this, http, handler)
    return HttpServer(createServer(channel, options) { ServerConnection(service) }, service)
}

/**
 * As [createHttpServer], on the Unix domain socket [path]. An existing socket there is removed first, and this one when the server closes.
 *
 * @throws java.net.BindException if the path holds something other than a socket.
 */
public suspend fun EventLoop.createUnixHttpServer(
    path: Path,
    options: ServerOptions = ServerOptions(),
    http: HttpServerOptions = HttpServerOptions(),
    handler: suspend (ServerExchange) -> Unit,
): HttpServer {
    val service = HttpService(this, http, handler)
    return HttpServer(createUnixServer(path, options) { ServerConnection(service) }, service)
}
