// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import io.ktor.server.application.Application
import io.ktor.server.engine.EmbeddedServer
import io.ktor.server.engine.connector
import io.ktor.server.engine.embeddedServer
import io.ktor.server.routing.Route
import io.ktor.server.routing.routing
import kotlinx.coroutines.runBlocking
import java.io.InputStream
import java.net.Socket
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.time.Duration

internal typealias SimulServer = EmbeddedServer<SimulApplicationEngine, SimulApplicationEngine.Configuration>

/** The port of the first connector. */
internal val SimulServer.port: Int get() = runBlocking { engine.resolvedConnectors().first().port }

/**
 * A server at a port of the loopback interface. In a test, Ktor's `embeddedServer` is an extension of the test's scope, whose thread the
 * application's jobs would wait for: when a loop runs there, stopping the server lasts as long as it may.
 */
internal fun newServer(module: Application.() -> Unit): SimulServer = embeddedServer(Simul, port = 0, host = "127.0.0.1", module = module)

/** Serves [module] on a port of the loopback interface, in a thread of its own, while [body] runs. */
internal fun withApplication(
    module: Application.() -> Unit,
    configure: SimulApplicationEngine.Configuration.() -> Unit = {},
    body: (Int) -> Unit,
) {
    val server =
        embeddedServer(Simul, configure = {
            connector {
                host = "127.0.0.1"
                port = 0
            }
            configure()
        }, module = module)
    server.start()
    try {
        body(server.port)
    } finally {
        server.stop(0, 0)
    }
}

/** As [withApplication], with these routes. */
internal fun withRoutes(
    routes: Route.() -> Unit,
    configure: SimulApplicationEngine.Configuration.() -> Unit = {},
    body: (Int) -> Unit,
) = withApplication({ routing(routes) }, configure, body)

internal val client: HttpClient =
    HttpClient
        .newBuilder()
        .version(
            HttpClient.Version.HTTP_1_1,
        ).connectTimeout(Duration.ofSeconds(20))
        .build()

/** Sends a request, and waits for the answer. */
internal fun ask(
    port: Int,
    target: String,
    vararg headers: String,
    method: String = "GET",
    body: HttpRequest.BodyPublisher = HttpRequest.BodyPublishers.noBody(),
): HttpResponse<String> {
    val request = HttpRequest.newBuilder(URI("http://127.0.0.1:$port$target")).method(method, body).timeout(Duration.ofSeconds(30))
    if (headers.isNotEmpty()) request.headers(*headers)
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString())
}

internal fun text(content: String): HttpRequest.BodyPublisher = HttpRequest.BodyPublishers.ofString(content)

internal fun HttpResponse<*>.header(name: String): String? = headers().firstValue(name).orElse(null)

/** A connection for requests by hand. */
internal class RawConnection(
    port: Int,
) : AutoCloseable {
    private val socket = Socket("127.0.0.1", port).also { it.soTimeout = 30_000 }
    private val input: InputStream = socket.getInputStream().buffered()

    fun send(text: String) {
        socket.getOutputStream().write(text.toByteArray(Charsets.ISO_8859_1))
    }

    /** Ends what is sent. */
    fun end(): Unit = socket.shutdownOutput()

    /** The next answer: its head, and its body in the framing of the head. */
    fun answer(): Pair<String, String> {
        val head = head()
        val length = Regex("Content-Length: (\\d+)").find(head)?.groupValues?.get(1)?.toInt()
        val body =
            when {
                length != null -> String(input.readNBytes(length))
                "Transfer-Encoding: chunked" in head -> generateSequence(::chunk).joinToString("")
                else -> ""
            }
        return head to body
    }

    /** The next head, with the empty line at its end. */
    fun head(): String {
        val head = StringBuilder()
        while (!head.endsWith("\r\n\r\n")) {
            val next = input.read()
            check(next >= 0) { "the connection ended in the head: $head" }
            head.append(next.toChar())
        }
        return head.toString()
    }

    /** The next chunk; null for the last one. */
    fun chunk(): String? {
        val size = line().substringBefore(';').toInt(16)
        val content = String(input.readNBytes(size))
        line()
        return content.takeIf { size > 0 }
    }

    fun line(): String {
        val line = StringBuilder()
        while (!line.endsWith(
                "\r\n",
            )
        ) {
            line.append(input.read().also { check(it >= 0) { "the connection ended in the line: $line" } }.toChar())
        }
        return line.removeSuffix("\r\n").toString()
    }

    fun bytes(count: Int): ByteArray = input.readNBytes(count)

    /** All that comes until the server ends the connection. */
    fun rest(): String = String(input.readAllBytes(), Charsets.ISO_8859_1)

    /** Resets the connection. */
    fun reset() {
        socket.setSoLinger(true, 0)
        socket.close()
    }

    override fun close(): Unit = socket.close()
}
