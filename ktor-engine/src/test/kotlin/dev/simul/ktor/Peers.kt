// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor

import dev.simul.ktor.client.Simul
import dev.simul.ktor.client.SimulClientConfig
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.net.Server
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.startServer
import dev.simul.waitFor
import io.ktor.client.HttpClient
import io.ktor.client.HttpClientConfig
import io.ktor.server.application.Application
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import java.net.InetSocketAddress
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** Runs [body] on a loop with real sockets, for half a minute at most. */
internal fun onLoop(body: suspend EventLoop.() -> Unit) = runLoop { waitFor(30.seconds) { getRunningLoop().body() } }

/** Runs [body] in a task, with a client on this task's loop, and with another engine's server that serves [application] at a port. */
internal fun withCio(
    application: Application.() -> Unit,
    configure: HttpClientConfig<SimulClientConfig>.() -> Unit = {},
    body: suspend EventLoop.(HttpClient, Int) -> Unit,
) = withCioServer(application) { port -> onLoop { HttpClient(Simul, configure).use { body(it, port) } } }

/** Runs [body] with another engine's server that serves [application] at a port. */
internal fun withCioServer(
    application: Application.() -> Unit,
    body: (Int) -> Unit,
) {
    val server = embeddedServer(CIO, port = 0, host = "127.0.0.1", module = application).start()
    try {
        body(kotlinx.coroutines.runBlocking { server.engine.resolvedConnectors().single().port })
    } finally {
        server.stop(0, 0)
    }
}

/** Runs [body] in a task, with a client on its loop, and with a peer whose connections are [serve]d. */
internal fun withPeer(
    serve: suspend (StreamReader, StreamWriter) -> Unit,
    configure: HttpClientConfig<SimulClientConfig>.() -> Unit = {},
    body: suspend EventLoop.(HttpClient, Int) -> Unit,
) = onLoop {
    val server = startServer("127.0.0.1", 0) { reader, writer -> serve(reader, writer) }
    try {
        HttpClient(Simul, configure).use { body(it, server.port) }
    } finally {
        server.abortClients()
        server.aclose()
    }
}

internal val Server.port get() = (addresses.single() as InetSocketAddress).port

/** The next head, up to its empty line. */
internal suspend fun StreamReader.head(): String = readuntil("\r\n\r\n".toByteArray()).decodeToString()

internal fun StreamWriter.say(text: String) = write(text.toByteArray(Charsets.ISO_8859_1))

/** A response of 200 with [body]. */
internal fun StreamWriter.answer(body: String = "hi") = say("HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n$body")

/** Waits until [condition] holds, for what other threads and the system do. */
internal suspend fun eventually(condition: () -> Boolean) {
    while (!condition()) sleep(1.milliseconds)
}
