// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.docs

import dev.simul.http.BodyWriter
import dev.simul.http.Headers
import dev.simul.http.HttpConnector
import dev.simul.http.HttpRoute
import dev.simul.http.HttpServer
import dev.simul.http.HttpServerOptions
import dev.simul.http.RequestBody
import dev.simul.http.RequestHead
import dev.simul.http.RequestOptions
import dev.simul.http.ResponseHead
import dev.simul.http.createHttpServer
import dev.simul.loop.getRunningLoop
import dev.simul.net.ServerOptions
import dev.simul.sleep
import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.runTest
import dev.simul.tls.Purpose
import dev.simul.tls.SslContext
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import java.nio.file.Path
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

internal suspend fun greet(): HttpServer =
    getRunningLoop().createHttpServer("127.0.0.1", 0) { exchange ->
        val name = exchange.request.target.removePrefix("/")
        exchange.respond(ResponseHead(200), ByteBuffer.wrap("Hello, $name!\n".toByteArray()))
    }

internal suspend fun greeting(port: Int): String =
    HttpConnector().use { connector ->
        val route = HttpRoute("127.0.0.1", port)
        val response = connector.request(route, RequestHead("GET", "/Ada", Headers.of("Host" to "127.0.0.1:$port")))
        check(response.head.status == 200) { "the server says ${response.head.status}" }
        response.body.read().decodeToString()
    }

internal suspend fun countBytes(
    connector: HttpConnector,
    route: HttpRoute,
    path: String,
): Long =
    connector.request(route, RequestHead("GET", path, Headers.of("Host" to route.host))).use { response ->
        val buffer = ByteBuffer.allocateDirect(64 * 1024)
        var count = 0L
        while (response.body.read(buffer.clear()) >= 0) count += buffer.position()
        count
    }

internal class Numbers(
    private val last: Int,
) : RequestBody() {
    override suspend fun writeTo(writer: BodyWriter) {
        for (number in 1..last) {
            writer.write(ByteBuffer.wrap("$number\n".toByteArray()))
            sleep(1.seconds)
        }
    }
}

internal suspend fun echo(): HttpServer =
    getRunningLoop().createHttpServer("127.0.0.1", 0) { exchange ->
        val writer = exchange.respondStreaming(ResponseHead(200))
        val buffer = ByteBuffer.allocateDirect(64 * 1024)
        while (exchange.body.read(buffer.clear()) >= 0) writer.write(buffer.flip())
        writer.finish()
    }

internal suspend fun patient(
    connector: HttpConnector,
    route: HttpRoute,
    head: RequestHead,
): ByteArray = connector.request(route, head, options = RequestOptions(connectTimeout = 5.seconds, socketTimeout = 1.minutes)).body.read()

internal suspend fun serveOverTls(
    certificate: Path,
    key: Path,
): HttpServer {
    val context = SslContext.createDefaultContext(Purpose.CLIENT_AUTH).withCertChain(certificate, key)
    val limits = HttpServerOptions(headerTimeout = 5.seconds, maxConnections = 1_000)
    return getRunningLoop().createHttpServer("127.0.0.1", 0, ServerOptions(ssl = context), limits) { it.respond(ResponseHead(204)) }
}

internal suspend fun askOverTls(
    port: Int,
    authorities: Path,
): Int {
    val route = HttpRoute("127.0.0.1", port, SslContext.createDefaultContext(cafile = authorities), serverHostname = "localhost")
    return HttpConnector().use { it.request(route, RequestHead("GET", "/", Headers.of("Host" to "localhost"))).head.status }
}

internal fun `a client waits an hour for an answer`() =
    runTest(MemoryNetwork()) {
        val server =
            getRunningLoop().createHttpServer("127.0.0.1", 80) { exchange ->
                sleep(1.hours)
                exchange.respond(ResponseHead(200), ByteBuffer.wrap("at last".toByteArray()))
            }
        HttpConnector().use { connector ->
            val head = RequestHead("GET", "/", Headers.of("Host" to "127.0.0.1"))
            connector.request(HttpRoute("127.0.0.1", 80), head).body.read().decodeToString() shouldBe "at last"
        }
        getRunningLoop().time() shouldBe 1.hours
        server.aclose()
    }
