// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.simulation

import dev.simul.createFuture
import dev.simul.ktor.server.Simul
import dev.simul.loop.getRunningLoop
import dev.simul.simulation.Host
import dev.simul.simulation.Latency
import dev.simul.simulation.Simulation
import dev.simul.sleep
import io.ktor.server.application.Application
import io.ktor.server.application.install
import io.ktor.server.engine.connector
import io.ktor.server.engine.embeddedServer
import io.ktor.server.request.receiveChannel
import io.ktor.server.response.respondBytesWriter
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.post
import io.ktor.server.routing.routing
import io.ktor.server.websocket.WebSockets
import io.ktor.server.websocket.webSocket
import io.ktor.utils.io.copyTo
import io.ktor.websocket.Frame
import io.ktor.websocket.readText
import io.ktor.websocket.send
import kotlinx.coroutines.delay
import kotlin.time.Duration.Companion.milliseconds

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

/** Takes its power from [server] at some moment of the next second, and gives it back a while later. */
internal suspend fun powerFails(server: Host) {
    val random = getRunningLoop().random
    sleep(random.nextInt(1_000).milliseconds)
    server.crash()
    sleep(random.nextInt(3_000).milliseconds)
    server.restart()
}

internal fun text(size: Int) = String(CharArray(size) { 'a' + (it + size) % 26 })

/** Answers texts, late texts, what it was sent, and shouts in WebSockets. */
internal fun Application.site() {
    install(WebSockets) { pingPeriodMillis = 1_000 }
    routing {
        get("/text/{size}") { call.respondText(text(call.parameters["size"]!!.toInt())) }
        get("/late/{size}") {
            val size = call.parameters["size"]!!.toInt()
            delay(size.toLong())
            call.respondText(text(size))
        }
        post("/echo") {
            val body = call.receiveChannel()
            call.respondBytesWriter { body.copyTo(this) }
        }
        webSocket("/shout") {
            for (frame in incoming) if (frame is Frame.Text) send(frame.readText().uppercase())
        }
    }
}

/** Serves the [site], for ever. */
internal suspend fun serve(workers: Int = 1) {
    val server =
        embeddedServer(Simul, configure = {
            this.workers = workers
            connector { port = 80 }
        }) { site() }
    server.start()
    try {
        getRunningLoop().createFuture<Unit>().await()
    } finally {
        server.stop(0, 0)
    }
}
