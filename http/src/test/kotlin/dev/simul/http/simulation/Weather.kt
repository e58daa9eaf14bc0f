// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.simulation

import dev.simul.http.Headers
import dev.simul.http.HttpConnector
import dev.simul.http.HttpRoute
import dev.simul.http.RequestBody
import dev.simul.http.RequestHead
import dev.simul.http.ResponseHead
import dev.simul.http.ServerExchange
import dev.simul.http.createHttpServer
import dev.simul.loop.getRunningLoop
import dev.simul.net.ServerOptions
import dev.simul.simulation.Latency
import dev.simul.simulation.Simulation
import dev.simul.sleep
import dev.simul.tls.SslContext
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds

internal const val PORT = 80

/** Everything that can go wrong on a network does, now and then. */
internal fun Simulation.badWeather() {
    with(network.conditions) {
        latency = Latency(1.milliseconds, 20.milliseconds).withSpikes(0.02, 500.milliseconds)
        splits = 0.3
        segmentLoss = 0.02
        refusals = 0.05
        resets = 0.02
        halfOpen = 0.002
        acceptDelay = Latency(0.milliseconds, 5.milliseconds)
    }
}

/** Serves `/text/N`, `/late/N` and `/echo`, for ever; over TLS if there is a context for that. */
internal suspend fun serve(ssl: SslContext? = null) {
    val server = getRunningLoop().createHttpServer("0.0.0.0", PORT, ServerOptions(ssl = ssl)) { answer(it) }
    server.serveForever()
}

private suspend fun answer(exchange: ServerExchange) {
    val (kind, size) = (exchange.request.target.removePrefix("/") + "/0").split("/")
    when (kind) {
        "text" -> exchange.respond(OK, text(size.toInt()))
        "late" -> {
            sleep(size.toInt().milliseconds)
            exchange.respond(OK, text(size.toInt()))
        }
        "echo" -> echo(exchange)
        else -> exchange.respond(ResponseHead(404))
    }
}

private suspend fun echo(exchange: ServerExchange) {
    val writer = exchange.respondStreaming(OK)
    val buffer = ByteBuffer.allocate(4096)
    while (exchange.body.read(buffer.clear()) >= 0) writer.write(buffer.flip())
    writer.finish()
}

/** What each answer of that [size] has. */
internal fun text(size: Int): ByteBuffer = ByteBuffer.wrap(ByteArray(size) { ('a' + (it + size) % 26).code.toByte() })

internal fun get(target: String): RequestHead = RequestHead("GET", target, Headers.of("Host" to "server"))

/** Makes the request of that [number], and checks its answer. */
internal suspend fun ask(
    connector: HttpConnector,
    route: HttpRoute,
    number: Int,
) {
    val size = number * 997
    val response =
        when (number % 3) {
            0 -> connector.request(route, get("/text/$size"))
            1 -> connector.request(route, get("/late/$size"))
            else -> connector.request(route, RequestHead("PUT", "/echo", Headers.of("Host" to "server")), RequestBody.of(text(size)))
        }
    response.use {
        if (it.head.status == 408) throw IOException("the request has not come in time")
        check(it.head.status == 200) { "the answer to request $number is ${it.head}" }
        check(it.body.read().contentEquals(text(size).array())) { "the answer to request $number is another one's" }
    }
}

private val OK = ResponseHead(200)
