// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.streams.openConnection
import dev.simul.waitFor
import java.net.InetSocketAddress
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** Runs [body] on a loop with real sockets, for a minute at most. */
internal fun onLoop(body: suspend EventLoop.() -> Unit) = runLoop { waitFor(60.seconds) { getRunningLoop().body() } }

/** As [onLoop], with a server at a port of the loopback interface that answers by [handler]. */
internal fun withServer(
    handler: suspend (ServerExchange) -> Unit,
    limits: HttpLimits = HttpLimits.DEFAULT,
    reports: MutableList<ExceptionContext> = ArrayList(),
    options: HttpServerOptions = HttpServerOptions(limits, sendDate = false),
    body: suspend EventLoop.(Int) -> Unit,
) = onLoop {
    exceptionHandler = ExceptionHandler { _, report -> reports += report }
    val server = createHttpServer("127.0.0.1", 0, http = options, handler = handler)
    try {
        body((server.addresses.single() as InetSocketAddress).port)
    } finally {
        server.abortClients()
        server.aclose()
    }
}

/** Sends [text] and nothing more; returns all that comes. */
internal suspend fun say(
    port: Int,
    text: String,
): String {
    val (reader, writer) = openConnection("127.0.0.1", port)
    writer.write(text.toByteArray(Charsets.ISO_8859_1))
    writer.writeEof()
    return reader.read().toString(Charsets.ISO_8859_1).also { writer.close() }
}
