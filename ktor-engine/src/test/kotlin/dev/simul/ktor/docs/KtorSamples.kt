// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.docs

import dev.simul.createTask
import dev.simul.gather
import dev.simul.http.HttpConnectorOptions
import dev.simul.ktor.client.Simul
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.runTest
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.client.plugins.HttpTimeout
import io.ktor.client.plugins.websocket.WebSockets
import io.ktor.client.plugins.websocket.webSocket
import io.ktor.client.request.get
import io.ktor.client.request.prepareGet
import io.ktor.client.statement.bodyAsChannel
import io.ktor.client.statement.bodyAsText
import io.ktor.server.application.Application
import io.ktor.server.application.install
import io.ktor.server.engine.embeddedServer
import io.ktor.server.response.respondBytesWriter
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import io.ktor.server.websocket.webSocket
import io.ktor.utils.io.readLine
import io.ktor.utils.io.writeStringUtf8
import io.ktor.websocket.Frame
import io.ktor.websocket.readText
import io.ktor.websocket.send
import kotlin.time.Duration.Companion.seconds
import dev.simul.ktor.server.Simul as SimulServer
import io.ktor.server.websocket.WebSockets as ServerWebSockets

internal suspend fun titles(urls: List<String>): List<String> =
    HttpClient(Simul).use { client ->
        val pages = urls.map { url -> createTask { client.get(url).bodyAsText() } }
        gather(*pages.toTypedArray()).await().map { page -> page.substringAfter("<title>").substringBefore("</title>") }
    }

internal fun patientClient() =
    HttpClient(Simul) {
        install(HttpTimeout) {
            connectTimeoutMillis = 5_000
            socketTimeoutMillis = 60_000
            requestTimeoutMillis = 300_000
        }
        engine {
            connector = HttpConnectorOptions(limit = 500, keepaliveTimeout = 30.seconds)
        }
    }

internal fun Application.ticker() {
    routing {
        get("/") { call.respondText("up") }
        get("/ticks") {
            call.respondBytesWriter {
                repeat(3) { tick ->
                    writeStringUtf8("tick $tick\n")
                    flush()
                    sleep(1.seconds)
                }
            }
        }
    }
}

internal suspend fun lines(
    client: HttpClient,
    url: String,
): List<String> =
    client.prepareGet(url).execute { response ->
        val channel = response.bodyAsChannel()
        buildList { while (true) add(channel.readLine() ?: break) }
    }

internal fun Application.shouting() {
    install(ServerWebSockets)
    routing {
        webSocket("/shout") {
            for (frame in incoming) if (frame is Frame.Text) send(frame.readText().uppercase())
        }
    }
}

internal suspend fun shout(
    url: String,
    words: List<String>,
): List<String> =
    HttpClient(Simul) { install(WebSockets) }.use { client ->
        val shouted = ArrayList<String>()
        client.webSocket(url) {
            for (word in words) {
                send(word)
                shouted += (incoming.receive() as Frame.Text).readText()
            }
        }
        shouted
    }

internal fun `a ticker takes three seconds`() =
    runTest(MemoryNetwork()) {
        val server = embeddedServer(SimulServer, host = "127.0.0.1", port = 80) { ticker() }.start()
        HttpClient(Simul).use { client ->
            lines(client, "http://127.0.0.1/ticks") shouldBe listOf("tick 0", "tick 1", "tick 2")
        }
        getRunningLoop().time() shouldBe 3.seconds
        server.stop()
    }
