// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.simulation

import dev.simul.ktor.client.Simul
import dev.simul.simulation.SimulatedProgram
import dev.simul.simulation.Simulation
import dev.simul.sleep
import dev.simul.taskGroup
import io.ktor.client.HttpClient
import io.ktor.client.plugins.HttpTimeout
import io.ktor.client.plugins.websocket.WebSockets
import io.ktor.client.plugins.websocket.webSocket
import io.ktor.client.request.get
import io.ktor.client.request.post
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsText
import io.ktor.websocket.Frame
import io.ktor.websocket.readText
import io.ktor.websocket.send
import kotlinx.coroutines.channels.ClosedReceiveChannelException
import kotlinx.coroutines.withTimeout
import java.io.IOException
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Two hosts make requests of a third one, which loses its power in the middle of them, in bad weather; each repeats what has failed. */
internal open class Calls(
    private val workers: Int = 1,
) : SimulatedProgram {
    override suspend fun Simulation.run() {
        badWeather()
        val server = host("server") { serve(workers) }
        val clients = listOf("ada", "bob").map { name -> host(name) { callAll() } }
        powerFails(server)
        clients.forEach { it.join() }
    }

    private suspend fun Simulation.callAll() =
        client().use { client ->
            taskGroup { group ->
                for (worker in 0..1) group.createTask { for (number in 1..4) untilAnswered(number) { ask(client, number * 2 + worker) } }
            }
        }

    private suspend fun ask(
        client: HttpClient,
        number: Int,
    ) {
        val size = number * 997
        val answer =
            when (number % 3) {
                0 -> client.get("http://server/text/$size")
                1 -> client.get("http://server/late/$size")
                else -> client.post("http://server/echo") { setBody(text(size)) }
            }
        if (answer.status.value == 408) throw IOException("the request has not come in time")
        check(answer.status.value == 200) { "the answer to request $number is ${answer.status}" }
        check(answer.bodyAsText() == text(size)) { "the answer to request $number is another one's" }
    }
}

/** As [Calls], of a server with two workers. */
internal class CallsOfWorkers : Calls(workers = 2)

/** As [Calls], in a WebSocket. */
internal class Shouts : SimulatedProgram {
    override suspend fun Simulation.run() {
        badWeather()
        val server = host("server") { serve() }
        val client = host("ada") { client().use { client -> untilAnswered(0) { shout(client) } } }
        powerFails(server)
        client.join()
    }

    private suspend fun Simulation.shout(client: HttpClient) =
        withTimeout(30.seconds) {
            client.webSocket("ws://server/shout") {
                for (word in listOf("one", "two", "three")) {
                    send(word)
                    val answer = (incoming.receive() as Frame.Text).readText()
                    log("heard $answer")
                    check(answer == word.uppercase()) { "$word is answered by $answer" }
                    sleep(300.milliseconds)
                }
            }
        }
}

private fun client() =
    HttpClient(Simul) {
        install(WebSockets)
        install(HttpTimeout) {
            connectTimeoutMillis = 5_000
            requestTimeoutMillis = 20_000
        }
    }

/** How many calls have failed, in all runs of this JVM. */
internal val failures = AtomicInteger()

private suspend fun Simulation.untilAnswered(
    number: Int,
    call: suspend () -> Unit,
) {
    while (true) {
        val reason =
            try {
                return call()
            } catch (e: IOException) {
                e
            } catch (e: ClosedReceiveChannelException) {
                e
            } catch (e: kotlinx.coroutines.TimeoutCancellationException) {
                e
            }
        failures.incrementAndGet()
        log("call $number failed: $reason")
        sleep(200.milliseconds)
    }
}
