// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.createTask
import dev.simul.http.HttpConnectorOptions
import dev.simul.ktor.answer
import dev.simul.ktor.eventually
import dev.simul.ktor.head
import dev.simul.ktor.say
import dev.simul.ktor.withCioServer
import dev.simul.ktor.withPeer
import dev.simul.sleep
import dev.simul.sync.Event
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.client.request.get
import io.ktor.client.request.prepareGet
import io.ktor.client.statement.bodyAsChannel
import io.ktor.client.statement.bodyAsText
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import io.ktor.utils.io.toByteArray
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.job
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlin.time.Duration.Companion.milliseconds

/** What closing a client does, and when. */
class ClosingTest :
    FunSpec({
        /** A client that is closed by [close] while it makes three requests, of which one waits for a connection and one reads its body. */
        fun closesUnder(close: suspend (HttpClient) -> Unit) {
            val gate = Event()
            var ends = 0
            withPeer({ reader, writer ->
                try {
                    while (true) {
                        if ("/body" in reader.head()) {
                            writer.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhe")
                            gate.wait()
                            writer.say("re")
                        } else {
                            gate.wait()
                            writer.answer()
                        }
                    }
                } finally {
                    ends++
                }
            }) { _, port ->
                val client =
                    HttpClient(Simul) {
                        engine { connector = HttpConnectorOptions(limit = 2) }
                    }
                val url = "http://127.0.0.1:$port"
                val body = createTask { client.get("$url/body").bodyAsText() }
                val first = createTask { client.get(url).bodyAsText() }
                sleep(20.milliseconds)
                val waiting = createTask { client.get(url).bodyAsText() }
                sleep(20.milliseconds)
                close(client)
                shouldThrow<IllegalStateException> { client.get(url) }
                gate.set()
                listOf(body, first, waiting).map { it.await() } shouldBe listOf("here", "hi", "hi")
                eventually { ends == 2 }
                withTimeout(2000) { client.engine.coroutineContext.job.join() }
                shouldThrow<IllegalStateException> { client.get(url) }
            }
        }

        test("requests that are under way go on to their end, and then nothing is open") { closesUnder { it.close() } }

        test("so they do if it is closed in another thread") { closesUnder { withContext(Dispatchers.IO) { it.close() } } }

        test("a client that is closed twice, or was never used, is closed") {
            val client = HttpClient(Simul)
            client.close()
            client.close()
            runBlocking { shouldThrow<IllegalStateException> { client.get("http://127.0.0.1:1/") } }
            Thread.getAllStackTraces().keys.none { it.name == "simul-http" && it.isAlive && !it.isDaemon } shouldBe true
        }

        test("idle connections are closed at once") {
            var ends = 0
            withPeer({ reader, writer ->
                reader.head()
                writer.answer()
                if (reader.read().isEmpty()) ends++
            }) { client, port ->
                client.get("http://127.0.0.1:$port").bodyAsText() shouldBe "hi"
                client.close()
                eventually { ends == 1 }
            }
        }

        test("the engine's own thread serves who reads a body until that has read it, and ends then") {
            withCioServer({
                routing {
                    get("/slow") {
                        delay(100)
                        call.respondText("late")
                    }
                    get("/big") { call.respondText("x".repeat(3_000_000)) }
                }
            }) { port ->
                runBlocking {
                    val before = Thread.getAllStackTraces().keys
                    val client = HttpClient(Simul)
                    val slow = async(Dispatchers.IO) { client.get("http://127.0.0.1:$port/slow").bodyAsText() }
                    client.prepareGet("http://127.0.0.1:$port/big").execute { response ->
                        val channel = response.bodyAsChannel()
                        client.close()
                        channel.toByteArray().size shouldBe 3_000_000
                    }
                    slow.await() shouldBe "late"
                    shouldThrow<IllegalStateException> { client.get("http://127.0.0.1:$port/big") }
                    val own = (Thread.getAllStackTraces().keys - before).filter { it.name == "simul-http" }
                    own.forEach { it.join(5000) }
                    own.none { it.isAlive } shouldBe true
                }
            }
        }

        test("a client that is closed by its own request's code is closed when that ends") {
            withPeer({ reader, writer ->
                reader.head()
                writer.answer()
                reader.read()
            }) { client, port ->
                client.prepareGet("http://127.0.0.1:$port").execute { response ->
                    client.close()
                    response.bodyAsText()
                } shouldBe "hi"
                runBlocking { shouldThrow<IllegalStateException> { client.get("http://127.0.0.1:$port") } }
            }
        }

        test("clients that come and go leave nothing in a loop that stays") {
            withPeer({ reader, writer ->
                reader.head()
                writer.answer()
                reader.read()
                writer.close()
            }) { _, port ->
                repeat(50) { HttpClient(Simul).use { it.get("http://127.0.0.1:$port").bodyAsText() shouldBe "hi" } }
            }
        }
    })
