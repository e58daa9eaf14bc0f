// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.house.Soak
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.taskGroup
import dev.simul.waitFor
import dev.simul.workers.Supervisor
import dev.simul.workers.WorkerOptions
import dev.simul.workers.currentWorker
import dev.simul.wrapFuture
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.net.InetSocketAddress
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.nio.ByteBuffer
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** Real threads and sockets: all workers are replaced, one after the other, while many clients send numbered requests. */
class RollingReplacementTest :
    FunSpec({
        test("HTTP: no POST of a connector's is lost or answered twice") {
            underReplacement(::serveHttp) { port, numbers, load ->
                HttpConnector().use { connector ->
                    taskGroup { group ->
                        repeat(CONNECTIONS) {
                            group.createTask {
                                while (load.goesOn) {
                                    val number = numbers.incrementAndGet()
                                    load.answered(number, post(connector, port, number))
                                }
                            }
                        }
                    }
                }
            }
        }

        test("HTTP: no POST of the JDK's client is lost or answered twice") {
            val client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()
            underReplacement(::serveHttp) { port, numbers, load ->
                taskGroup { group ->
                    repeat(CONNECTIONS) {
                        group.createTask {
                            while (load.goesOn) {
                                val number = numbers.incrementAndGet()
                                val request =
                                    HttpRequest
                                        .newBuilder(
                                            URI("http://127.0.0.1:$port/"),
                                        ).POST(BodyPublishers.ofString("$number"))
                                        .build()
                                val response = wrapFuture(client.sendAsync(request, BodyHandlers.ofString())).await()
                                load.answered(number, response.body())
                            }
                        }
                    }
                }
            }
        }

        test("lines: no connection is dropped, and no line is lost or answered twice") {
            underReplacement(::serveLines) { port, numbers, load ->
                taskGroup { group ->
                    repeat(CONNECTIONS) {
                        group.createTask {
                            while (load.goesOn) {
                                val (reader, writer) = openConnection("127.0.0.1", port)
                                repeat(LINES) {
                                    val number = numbers.incrementAndGet()
                                    writer.write("$number\n".toByteArray())
                                    load.answered(number, reader.readline().decodeToString().trim())
                                }
                                writer.aclose()
                            }
                        }
                    }
                }
            }
        }
    })

private const val CONNECTIONS = 24
private const val LINES = 20

/** What servers have begun to answer, in any thread, and what clients got. */
private class Load {
    val begun = ConcurrentHashMap<Int, AtomicInteger>()
    val generations: MutableSet<Int> = ConcurrentHashMap.newKeySet()
    private val answered = ConcurrentHashMap<Int, AtomicInteger>()
    private val wrong = ConcurrentHashMap<Int, String>()

    @Volatile
    var goesOn = true

    fun begins(number: Int) {
        begun.computeIfAbsent(number) { AtomicInteger() }.incrementAndGet()
        generations += currentWorker()!!.generation
    }

    fun answered(
        number: Int,
        answer: String,
    ) {
        if (answer == "$number") answered.computeIfAbsent(number) { AtomicInteger() }.incrementAndGet() else wrong[number] = answer
    }

    fun check(sent: Int) {
        wrong.entries.shouldBeEmpty()
        begun.size shouldBe sent
        answered.size shouldBe sent
        begun.filterValues { it.get() != 1 }.entries.shouldBeEmpty()
        answered.filterValues { it.get() != 1 }.entries.shouldBeEmpty()
    }
}

private fun underReplacement(
    serve: suspend (Load, (Int) -> Unit) -> Unit,
    clients: suspend (port: Int, numbers: AtomicInteger, load: Load) -> Unit,
) = runLoop {
    val load = Load()
    val bound = CompletableFuture<Int>()
    val numbers = AtomicInteger()
    val supervisor = Supervisor(2, WorkerOptions(grace = 20.seconds)) { serve(load) { bound.complete(it) } }
    waitFor(100.seconds) {
        supervisor.start()
        supervisor.waitServing()
        val port = wrapFuture(bound).await()
        taskGroup { group ->
            group.createTask { clients(port, numbers, load) }
            repeat(Soak.of(20)) {
                sleep(100.milliseconds)
                supervisor.replaceAll()
            }
            sleep(100.milliseconds)
            load.goesOn = false
        }
        supervisor.shutdown()
    }
    load.check(numbers.get())
    load.generations shouldBe (1..Soak.of(20) + 1).toSet()
}

private suspend fun serveHttp(
    load: Load,
    bound: (Int) -> Unit,
) {
    val server =
        getRunningLoop().createHttpServer("127.0.0.1", 0) { exchange ->
            val number = exchange.body.read().decodeToString().toInt()
            load.begins(number)
            if (number % 10 == 0) sleep(2.milliseconds)
            exchange.respond(ResponseHead(200), ByteBuffer.wrap("$number".toByteArray()))
        }
    bound((server.addresses.single() as InetSocketAddress).port)
    server.serveForever()
}

private suspend fun serveLines(
    load: Load,
    bound: (Int) -> Unit,
) {
    val server =
        startServer("127.0.0.1", 0) { reader, writer ->
            while (true) {
                val line = reader.readline().decodeToString().trim().ifEmpty { break }
                load.begins(line.toInt())
                writer.write("$line\n".toByteArray())
            }
            writer.close()
        }
    bound((server.addresses.single() as InetSocketAddress).port)
    server.serveForever()
}

private suspend fun post(
    connector: HttpConnector,
    port: Int,
    number: Int,
): String {
    val head = RequestHead("POST", "/", Headers.of("Host" to "localhost"))
    val response = connector.request(HttpRoute("127.0.0.1", port), head, RequestBody.of("$number".toByteArray()))
    return response.use { it.body.read().decodeToString() }
}
