// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import com.sun.net.httpserver.HttpHandler
import dev.simul.exceptions.TimeoutException
import dev.simul.facade.Asyncio.newHttpClientBuilder
import dev.simul.facade.Asyncio.newHttpServer
import dev.simul.house.Soak
import dev.simul.simulation.Schedule
import dev.simul.simulation.SimulatedProgram
import dev.simul.simulation.Simulation
import dev.simul.simulation.explore
import dev.simul.simulation.replayCheck
import dev.simul.sleep
import dev.simul.sync.Event
import dev.simul.timeout
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.ktor.server.application.install
import io.ktor.server.routing.routing
import io.ktor.server.websocket.WebSockets
import io.ktor.server.websocket.webSocket
import io.ktor.websocket.Frame
import io.ktor.websocket.readText
import io.ktor.websocket.send
import kotlinx.coroutines.future.await
import java.io.IOException
import java.net.InetSocketAddress
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.net.http.WebSocket
import java.time.Duration
import java.util.concurrent.CompletionStage
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** The JDK's client, its WebSockets and its server on simulated hosts. */
class JdkHttpSimulationTest :
    FunSpec({
        test("in bad weather all are answered in the end, and the same steps are made in a fresh JVM") {
            replayCheck<JdkTalk>(seeds = Soak.of(2_000))
        }

        test("so they are in whatever order") {
            explore(seeds = Soak.of(2_000), schedule = Schedule.CHAOS) { with(JdkTalk()) { run() } }.runs shouldBe Soak.of(2_000)
        }
    })

private class JdkTalk : SimulatedProgram {
    override suspend fun Simulation.run() {
        badWeather()
        val server = host("server") { serve() }
        val shouter = host("shouter") { serveShouts() }
        val client =
            host("client") {
                val client = newHttpClientBuilder().connectTimeout(Duration.ofSeconds(5)).build()
                for (number in 1..5) untilDone { ask(client, number) }
                untilDone { shout(client) }
            }
        faults("client", server)
        shouter.restart()
        client.join()
    }

    private suspend fun serve() {
        val server = newHttpServer(InetSocketAddress("0.0.0.0", 80), 0)
        server.createContext(
            "/echo",
            HttpHandler { exchange ->
                exchange.use {
                    val content = it.requestBody.readAllBytes()
                    it.sendResponseHeaders(200, content.size.toLong())
                    it.responseBody.write(content)
                }
            },
        )
        server.start()
        forever()
    }

    private suspend fun serveShouts() {
        val server =
            LocalServer("shouter", 80) {
                install(WebSockets)
                routing { webSocket("/") { for (frame in incoming) if (frame is Frame.Text) send(frame.readText().uppercase()) } }
            }
        server.start()
        forever()
    }

    private suspend fun ask(
        client: HttpClient,
        number: Int,
    ) {
        val text = "x".repeat(number * 3_000)
        val request = HttpRequest.newBuilder(URI("http://server/echo")).PUT(BodyPublishers.ofString(text)).build()
        val response = client.sendAsync(request, BodyHandlers.ofString()).await()
        check(response.statusCode() == 200 && response.body() == text) { "the answer to request $number is ${response.statusCode()}" }
    }

    private suspend fun shout(client: HttpClient) {
        val ear = Ear()
        val socket = client.newWebSocketBuilder().connectTimeout(Duration.ofSeconds(5)).buildAsync(URI("ws://shouter/"), ear).await()
        try {
            socket.sendText("hello", true).await()
            ear.heard.wait()
            ear.failure?.let { throw it }
            check(ear.text == "HELLO") { "the answer to 'hello' is '${ear.text}'" }
        } finally {
            socket.abort()
        }
    }

    private class Ear : WebSocket.Listener {
        val heard = Event()
        var text = ""
        var failure: IOException? = null

        override fun onText(
            webSocket: WebSocket,
            data: CharSequence,
            last: Boolean,
        ): CompletionStage<*>? {
            text += data
            if (last) heard.set() else webSocket.request(1)
            return null
        }

        override fun onClose(
            webSocket: WebSocket,
            statusCode: Int,
            reason: String,
        ): CompletionStage<*>? {
            onError(webSocket, IOException("closed: $statusCode"))
            return null
        }

        override fun onError(
            webSocket: WebSocket,
            error: Throwable,
        ) {
            failure = IOException(error)
            heard.set()
        }
    }

    private suspend fun Simulation.untilDone(block: suspend () -> Unit) {
        while (true) {
            try {
                return timeout(20.seconds) { block() } // The JDK's own limit does not count for bodies.
            } catch (e: IOException) {
                log("failed: $e")
            } catch (e: TimeoutException) {
                log("failed: $e")
            }
            sleep(500.milliseconds)
        }
    }
}
