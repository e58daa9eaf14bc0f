// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor

import dev.simul.createTask
import dev.simul.house.Leftovers
import dev.simul.house.Soak
import dev.simul.ktor.client.Simul
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.taskGroup
import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.runTest
import dev.simul.waitFor
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.client.plugins.HttpRequestTimeoutException
import io.ktor.client.plugins.HttpTimeout
import io.ktor.client.plugins.timeout
import io.ktor.client.request.get
import io.ktor.client.request.post
import io.ktor.client.request.prepareGet
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsBytes
import io.ktor.client.statement.bodyAsChannel
import io.ktor.client.statement.bodyAsText
import io.ktor.http.content.ChannelWriterContent
import io.ktor.server.application.Application
import io.ktor.server.engine.connector
import io.ktor.server.engine.embeddedServer
import io.ktor.server.request.receiveChannel
import io.ktor.server.response.respondBytesWriter
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.post
import io.ktor.server.routing.routing
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.copyTo
import io.ktor.utils.io.readByteArray
import io.ktor.utils.io.writeFully
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import java.io.IOException
import java.util.TreeMap
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import dev.simul.ktor.server.Simul as SimulServer
import dev.simul.run as runLoop

/** Clients and servers of both engines on one loop, in order and out of it; nothing is left of them. */
class EnginesSoakTest :
    FunSpec({
        fun content(size: Int) = ByteArray(size) { (it * 31 + size).toByte() }

        /** Writes [content] in pieces, with pauses. */
        suspend fun ByteWriteChannel.writeSlowly(content: ByteArray) {
            for (start in content.indices step PIECE) {
                writeFully(content, start, minOf(start + PIECE, content.size))
                flush()
                delay(1)
            }
        }

        fun Application.answer() {
            routing {
                get("/text/{size}") { call.respondText("x".repeat(call.parameters["size"]!!.toInt())) }
                get("/late/{size}") {
                    delay(call.parameters["size"]!!.toLong() % 10)
                    call.respondText("x".repeat(call.parameters["size"]!!.toInt()))
                }
                get("/stream/{size}") { call.respondBytesWriter { writeSlowly(content(call.parameters["size"]!!.toInt())) } }
                post("/echo") {
                    val body = call.receiveChannel()
                    call.respondBytesWriter { body.copyTo(this) }
                }
                get("/cut") {
                    call.respondBytesWriter(contentLength = 1000) {
                        writeFully(content(10))
                        flush()
                        throw IOException("the rest is missing")
                    }
                }
                get("/fail") { error("this handler fails") }
                get("/hold") { awaitCancellation() }
            }
        }

        suspend fun proper(
            client: HttpClient,
            url: String,
            random: Random,
        ): String {
            val size = if (random.nextInt(10) == 0) random.nextInt(200_000) else random.nextInt(300)
            when (random.nextInt(5)) {
                0 -> client.get("$url/text/$size").bodyAsText() shouldBe "x".repeat(size)
                1 -> client.get("$url/late/$size").bodyAsText() shouldBe "x".repeat(size)
                2 -> client.get("$url/stream/$size").bodyAsBytes().contentEquals(content(size)) shouldBe true
                3 -> client.post("$url/echo") { setBody(content(size)) }.bodyAsBytes().contentEquals(content(size)) shouldBe true
                else ->
                    client
                        .post("$url/echo") { setBody(ChannelWriterContent({ writeSlowly(content(size)) }, null)) }
                        .bodyAsBytes()
                        .contentEquals(content(size)) shouldBe true
            }
            return "right"
        }

        suspend fun cancelled(
            random: Random,
            request: suspend () -> Unit,
        ): String {
            val task = createTask { request() }
            if (random.nextBoolean()) repeat(random.nextInt(12)) { sleep(0.seconds) } else sleep(random.nextInt(10).milliseconds)
            task.cancel()
            try {
                task.await()
            } catch (_: CancellationException) {
                return "cancelled"
            }
            return "done before it was cancelled"
        }

        suspend fun exchange(
            client: HttpClient,
            url: String,
            random: Random,
        ): String {
            when (random.nextInt(20)) {
                in 0..12 -> return proper(client, url, random)
                in 13..14 -> return cancelled(random) { proper(client, url, random) }
                15 -> return cancelled(random) { client.get("$url/hold") }
                16 -> {
                    client.prepareGet("$url/stream/150000").execute { it.bodyAsChannel().readByteArray(10) }
                    return "left in the middle"
                }
                17 -> {
                    try {
                        client.get("$url/cut").bodyAsBytes()
                    } catch (_: IOException) {
                        return "cut off"
                    }
                    error("an answer that is cut off passes for a complete one")
                }
                18 -> {
                    client.get("$url/fail").status.value shouldBe 500
                    return "handler fails"
                }
                else -> {
                    try {
                        client.get("$url/hold") { timeout { requestTimeoutMillis = 20 } }
                    } catch (_: HttpRequestTimeoutException) {
                        return "timed out"
                    }
                    error("what is never answered is answered")
                }
            }
        }

        suspend fun soak(
            seed: Long,
            clients: Int,
            requests: Int,
        ): Map<String, Int> {
            val outcomes = TreeMap<String, Int>()
            val leftovers = Leftovers(getRunningLoop())
            val server =
                embeddedServer(SimulServer, configure = {
                    connector {
                        host = "127.0.0.1"
                        port = 0
                    }
                }) { answer() }
            server.startSuspend()
            val url = "http://127.0.0.1:${server.engine.resolvedConnectors().single().port}"
            HttpClient(Simul) { install(HttpTimeout) }.use { client ->
                taskGroup { group ->
                    repeat(clients) { number ->
                        group.createTask {
                            val random = Random(seed * 1_000_003 + number)
                            repeat(requests / clients) { outcomes.merge(exchange(client, url, random), 1, Int::plus) }
                        }
                    }
                }
            }
            server.stopSuspend(1_000, 5_000)
            repeat(20) { sleep(1.milliseconds) }
            leftovers.now().shouldBeEmpty()
            outcomes.values.sum() shouldBe requests / clients * clients
            outcomes.getValue("right") shouldBeGreaterThan requests / 2
            return outcomes
        }

        test("many requests through both engines, on the system's loopback interface") {
            val seed = Random.nextLong(1_000_000)
            runLoop { println("seed $seed: ${waitFor(10.minutes) { soak(seed, clients = 100, requests = Soak.of(20_000)) }}") }
        }

        test("many requests through both engines, on a network in memory") {
            repeat(Soak.of(50)) { number -> runTest(MemoryNetwork()) { soak(number.toLong(), clients = 10, requests = 300) } }
        }
    })

/** In bytes. */
private const val PIECE = 20_000
