// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.http

import dev.simul.createTask
import dev.simul.facade.Asyncio
import dev.simul.http.BodyReader
import dev.simul.http.Headers
import dev.simul.http.HttpConnector
import dev.simul.http.HttpConnectorOptions
import dev.simul.http.HttpRoute
import dev.simul.http.RequestHead
import dev.simul.ktor.client.Simul
import dev.simul.sleep
import dev.simul.tls.SslContext
import io.ktor.client.HttpClient
import io.ktor.client.engine.HttpClientEngineFactory
import io.ktor.client.engine.cio.CIO
import io.ktor.client.engine.okhttp.OkHttp
import io.ktor.client.request.get
import io.ktor.client.request.prepareGet
import io.ktor.client.statement.bodyAsChannel
import io.ktor.client.statement.readRawBytes
import io.ktor.utils.io.discard
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import okhttp3.Dispatcher
import java.net.URI
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandlers
import java.nio.ByteBuffer
import java.nio.file.Path
import java.util.Locale
import java.util.concurrent.atomic.LongAdder
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/**
 * Asks a server for one document again and again, and prints the requests a second.
 *
 * Arguments: the client, the URL, how many requests are under way at once, how many seconds to warm up and to measure at once; for TLS, the
 * certificate to trust, which the JVM's own trust store must have too.
 */
internal fun main(args: Array<String>) {
    val (name, url, connections, warmUp, measured) = args
    val client = Client(URI(url), connections.toInt(), args.getOrNull(5)?.let { SslContext.createDefaultContext(cafile = Path.of(it)) })
    Thread {
        Thread.sleep(warmUp.toLong() * 1_000)
        println("%.0f".format(Locale.ROOT, settledRate(client.answers, measured.toLong() * 1_000)))
        Runtime.getRuntime().halt(0)
    }.start()
    client.run(name)
}

/**
 * The most answers a second in a while of so many [milliseconds], once two whiles in a row bring hardly more than those before: the JIT has
 * compiled.
 */
private fun settledRate(
    answers: LongAdder,
    milliseconds: Long,
): Double {
    fun rate(): Double {
        val before = answers.sum()
        val began = System.nanoTime()
        Thread.sleep(milliseconds)
        return (answers.sum() - before) * 1e9 / (System.nanoTime() - began)
    }
    var most = rate()
    var settled = 0
    repeat(MOST_WHILES) {
        val rate = rate()
        settled = if (rate < most * SETTLED) settled + 1 else 0
        most = maxOf(most, rate)
        if (settled == SETTLED_WHILES) return most
    }
    return most
}

private const val MOST_WHILES = 12
private const val SETTLED = 1.05
private const val SETTLED_WHILES = 2

private class Client(
    private val url: URI,
    private val connections: Int,
    private val ssl: SslContext?,
) {
    val answers = LongAdder()

    /** Large bodies are dropped as they arrive: 1,000 of them would not fit into the heap. */
    private val dropsBodies = url.path.removePrefix("/").toInt() >= HttpBench.MEGABYTE

    fun run(name: String) =
        when (name) {
            "simul" -> byHand()
            "simul-ktor" -> ktorOnLoop()
            "simul-jdk" -> jdkOnLoop()
            "ktor-cio" ->
                ktor(CIO) {
                    maxConnectionsCount = connections
                    endpoint.maxConnectionsPerRoute = connections
                }
            "ktor-okhttp" -> ktor(OkHttp) { config { dispatcher(manyAtOnce()) } }
            "jdk" -> jdk()
            else -> error("there is no client '$name'")
        }

    private fun manyAtOnce() =
        Dispatcher().also {
            it.maxRequests = connections
            it.maxRequestsPerHost = connections
        }

    private fun byHand() =
        onTasks {
            val connector = HttpConnector(options = HttpConnectorOptions(limit = connections))
            val route = HttpRoute(url.host, url.port, ssl)
            val head = RequestHead("GET", url.path, Headers.of("Host" to url.authority))
            return@onTasks {
                val body = connector.request(route, head).body
                if (dropsBodies) body.drop() else body.read()
            }
        }

    private fun ktorOnLoop() =
        onTasks {
            val client =
                HttpClient(Simul) {
                    engine {
                        connector = HttpConnectorOptions(limit = connections)
                        ssl = this@Client.ssl
                    }
                }
            return@onTasks { client.ask() }
        }

    private suspend fun BodyReader.drop() {
        val buffer = ByteBuffer.allocate(PIECE)
        while (read(buffer) >= 0) buffer.clear()
    }

    private suspend fun HttpClient.ask() {
        if (dropsBodies) prepareGet(url.toString()).execute { it.bodyAsChannel().discard() } else get(url.toString()).readRawBytes()
    }

    private fun onTasks(client: () -> suspend () -> Any?) =
        runLoop {
            val request = client()
            repeat(connections) {
                createTask {
                    while (true) {
                        request()
                        answers.increment()
                    }
                }
            }
            sleep(1_000.seconds)
        }

    private fun <T : io.ktor.client.engine.HttpClientEngineConfig> ktor(
        factory: HttpClientEngineFactory<T>,
        configure: T.() -> Unit,
    ) {
        val client = HttpClient(factory) { engine(configure) }
        runBlocking {
            repeat(connections) {
                async {
                    while (true) {
                        client.ask()
                        answers.increment()
                    }
                }
            }
        }
    }

    private val request = HttpRequest.newBuilder(url).build()
    private val handler: HttpResponse.BodyHandler<*> = if (dropsBodies) BodyHandlers.discarding() else BodyHandlers.ofByteArray()

    /** Tasks in a straight line, as Java writes them. */
    private fun jdkOnLoop() =
        Asyncio.run {
            val client = Asyncio.newHttpClient()
            repeat(connections) {
                Asyncio.createTask {
                    while (true) {
                        client.send(request, handler)
                        answers.increment()
                    }
                }
            }
            Asyncio.sleep(java.time.Duration.ofSeconds(1_000)).await()
        }

    private fun jdk() {
        val client = java.net.http.HttpClient.newHttpClient()

        fun next() {
            client.sendAsync(request, handler).whenComplete { _, failure ->
                if (failure == null) answers.increment()
                next()
            }
        }
        repeat(connections) { next() }
        Thread.sleep(1_000_000)
    }

    private companion object {
        /** In bytes. */
        const val PIECE = 64 * 1024
    }
}
