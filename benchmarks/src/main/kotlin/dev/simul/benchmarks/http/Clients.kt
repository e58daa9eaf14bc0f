// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.http

import dev.simul.createTask
import dev.simul.http.Headers
import dev.simul.http.HttpConnector
import dev.simul.http.HttpConnectorOptions
import dev.simul.http.HttpRoute
import dev.simul.http.RequestHead
import dev.simul.ktor.client.Simul
import dev.simul.sleep
import io.ktor.client.HttpClient
import io.ktor.client.engine.cio.CIO
import io.ktor.client.request.get
import io.ktor.client.statement.readRawBytes
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import java.net.URI
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.util.concurrent.atomic.LongAdder
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/**
 * Asks a server for its root again and again, and prints the requests a second.
 *
 * Arguments: the client, the port, how many requests are under way at once, and how many seconds to warm up and to measure.
 */
internal fun main(args: Array<String>) {
    val (client, port, connections, warmUp, measured) = args
    val load = Load("http://127.0.0.1:$port/", port.toInt(), connections.toInt())
    Thread {
        Thread.sleep(warmUp.toLong() * 1_000)
        val before = load.answers.sum()
        val began = System.nanoTime()
        Thread.sleep(measured.toLong() * 1_000)
        println("%.0f".format((load.answers.sum() - before) * 1e9 / (System.nanoTime() - began)))
        Runtime.getRuntime().halt(0)
    }.start()
    when (client) {
        "hand" -> load.byHand()
        "ktor-simul" -> load.ktor()
        "ktor-cio" -> load.cio()
        "jdk" -> load.jdk()
        else -> error("there is no client $client")
    }
}

private class Load(
    private val url: String,
    private val port: Int,
    private val connections: Int,
) {
    val answers = LongAdder()

    fun byHand() =
        onTasks {
            val connector = HttpConnector(options = HttpConnectorOptions(limit = connections))
            val route = HttpRoute("127.0.0.1", port)
            val head = RequestHead("GET", "/", Headers.of("Host" to "127.0.0.1:$port"));
            { connector.request(route, head).body.read() }
        }

    fun ktor() =
        onTasks {
            val client = HttpClient(Simul) { engine { connector = HttpConnectorOptions(limit = connections) } };
            { client.get(url).readRawBytes() }
        }

    private fun onTasks(client: () -> suspend () -> ByteArray) =
        runLoop {
            val request = client()
            repeat(connections) {
                createTask {
                    while (true) {
                        check(request().size >= 0)
                        answers.increment()
                    }
                }
            }
            sleep(1_000.seconds)
        }

    fun cio() {
        val client =
            HttpClient(CIO) {
                engine {
                    maxConnectionsCount = connections
                    endpoint.maxConnectionsPerRoute = connections
                }
            }
        runBlocking {
            repeat(connections) {
                async {
                    while (true) {
                        client.get(url).readRawBytes()
                        answers.increment()
                    }
                }
            }
        }
    }

    fun jdk() {
        val client = java.net.http.HttpClient.newHttpClient()
        val request = HttpRequest.newBuilder(URI(url)).build()

        fun next() {
            client.sendAsync(request, BodyHandlers.ofByteArray()).thenAccept {
                answers.increment()
                next()
            }
        }
        repeat(connections) { next() }
        Thread.sleep(1_000_000)
    }
}
