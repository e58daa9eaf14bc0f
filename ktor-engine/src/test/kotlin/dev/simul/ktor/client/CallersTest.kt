// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.createTask
import dev.simul.dispatcher
import dev.simul.gather
import dev.simul.ktor.answer
import dev.simul.ktor.eventually
import dev.simul.ktor.head
import dev.simul.ktor.onLoop
import dev.simul.ktor.port
import dev.simul.ktor.say
import dev.simul.ktor.withCioServer
import dev.simul.ktor.withPeer
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.streams.startServer
import dev.simul.sync.Event
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.ktor.client.HttpClient
import io.ktor.client.request.get
import io.ktor.client.request.prepareGet
import io.ktor.client.statement.bodyAsChannel
import io.ktor.client.statement.bodyAsText
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.readByte
import io.ktor.utils.io.toByteArray
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.milliseconds
import dev.simul.run as runLoop

private fun ownThreads() = Thread.getAllStackTraces().keys.filter { it.name == "simul-http" && it.isAlive }

private fun withHello(body: (String) -> Unit) =
    withCioServer({
        routing {
            get("/") { call.respondText("hi") }
            get("/big") { call.respondText("x".repeat(300_000)) }
            get("/slow") {
                kotlinx.coroutines.delay(30_000)
                call.respondText("late")
            }
        }
    }) { body("http://127.0.0.1:$it") }

/** Who calls, and what serves them. */
class CallersTest :
    FunSpec({
        fun blocking(body: suspend CoroutineScope.() -> Unit) = runBlocking { withTimeout(20_000) { body() } }

        test("tasks, their children, and coroutines on the loop's dispatcher are served by their loop") {
            withHello { url ->
                onLoop {
                    val before = ownThreads().size
                    HttpClient(Simul).use { client ->
                        client.get(url).bodyAsText() shouldBe "hi"
                        createTask { client.get(url).bodyAsText() }.await() shouldBe "hi"
                        gather(*Array(10) { createTask { client.get(url).bodyAsText() } }).await().toSet() shouldBe setOf("hi")
                        CoroutineScope(dispatcher).async { client.get(url).bodyAsText() }.await() shouldBe "hi"
                        kotlinx.coroutines.coroutineScope {
                            List(
                                5,
                            ) { async { client.get("$url/big").bodyAsText().length } }.awaitAll()
                        } shouldBe
                            List(5) { 300_000 }
                        withContext(Dispatchers.Unconfined) { client.get("$url/big").bodyAsText().length } shouldBe 300_000
                    }
                    ownThreads().size shouldBe before
                }
            }
        }

        test("callers in other threads are served by one daemon thread, which begins with the first and ends with the client") {
            withHello { url ->
                blocking {
                    val before = ownThreads().toSet()
                    val client = HttpClient(Simul)
                    (ownThreads() - before) shouldHaveSize 0
                    client.get(url).bodyAsText() shouldBe "hi"
                    withContext(Dispatchers.IO) { client.get("$url/big").bodyAsText().length } shouldBe 300_000
                    withContext(Dispatchers.Default) { client.get(url).bodyAsText() } shouldBe "hi"
                    val own = (ownThreads() - before).single()
                    own.isDaemon shouldBe true
                    client.close()
                    own.join(5000)
                    own.isAlive shouldBe false
                }
            }
        }

        test("many threads at once") {
            withHello { url ->
                val done = AtomicInteger()
                HttpClient(Simul).use { client ->
                    val threads =
                        List(8) {
                            thread {
                                runBlocking { repeat(25) { if (client.get(url).bodyAsText() == "hi") done.incrementAndGet() } }
                            }
                        }
                    threads.forEach { it.join(20_000) }
                    runBlocking(Dispatchers.Default) {
                        List(100) { async { client.get("$url/big").bodyAsText().length } }.awaitAll().toSet() shouldBe setOf(300_000)
                    }
                }
                done.get() shouldBe 200
            }
        }

        test("two loops at once have connections of their own; one loop after the other works too") {
            val connections = AtomicInteger()
            val ready = CompletableDeferred<Int>()
            val over = CompletableDeferred<Unit>()
            val server =
                thread {
                    runLoop {
                        val server =
                            startServer("127.0.0.1", 0) { reader, writer ->
                                connections.incrementAndGet()
                                while (true) {
                                    reader.head()
                                    writer.answer()
                                }
                            }
                        ready.complete(server.port)
                        over.await()
                        server.abortClients()
                        server.aclose()
                    }
                }
            val url = "http://127.0.0.1:${runBlocking { ready.await() }}"
            HttpClient(Simul).use { client ->
                List(2) { thread { runLoop { repeat(50) { client.get(url).bodyAsText() shouldBe "hi" } } } }.forEach { it.join(20_000) }
                connections.get() shouldBe 2
                repeat(3) { runLoop { client.get(url).bodyAsText() shouldBe "hi" } }
                connections.get() shouldBe 5
                runBlocking { client.get(url).bodyAsText() shouldBe "hi" }
            }
            over.complete(Unit)
            server.join(5000)
            server.isAlive shouldBe false
        }

        test("a body can be read in another thread than its request's, and by another loop's task") {
            withHello { url ->
                onLoop {
                    HttpClient(Simul).use { client ->
                        client.prepareGet("$url/big").execute { response ->
                            val channel = response.bodyAsChannel()
                            channel.readByte() shouldBe 'x'.code.toByte()
                            withContext(Dispatchers.IO) { channel.readByte() } shouldBe 'x'.code.toByte()
                            val rest = CompletableDeferred<Int>()
                            thread { runLoop { rest.complete(channel.toByteArray().size) } }
                            rest.await() shouldBe 299_998
                        }
                    }
                }
            }
        }

        test("cancelling the caller closes the connection at once, from the same thread and from another") {
            var ends = 0
            val asked = Event()
            withPeer({ reader, writer ->
                val head = reader.head()
                if ("/half" in head) writer.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhi")
                asked.set()
                if (reader.read().isEmpty()) ends++
                writer.close()
            }) { client, port ->
                for ((index, path) in listOf("", "/half").withIndex()) {
                    val url = "http://127.0.0.1:$port$path"
                    val task = createTask { client.get(url) }
                    asked.wait()
                    asked.clear()
                    task.cancel()
                    shouldThrow<CancellationException> { task.await() }
                    eventually { ends == 1 + 3 * index }

                    val foreign = CoroutineScope(dispatcher).launch { client.get(url) }
                    asked.wait()
                    asked.clear()
                    foreign.cancelAndJoin()
                    eventually { ends == 2 + 3 * index }

                    HttpClient(Simul).use { other ->
                        val elsewhere = CoroutineScope(Dispatchers.IO).launch { other.get(url) }
                        asked.wait()
                        asked.clear()
                        withContext(Dispatchers.Default) { elsewhere.cancelAndJoin() }
                        eventually { ends == 3 + 3 * index }
                    }
                }
            }
        }

        test("a body is cancelled with the caller that waits for nothing else") {
            withPeer({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhi")
                reader.read()
            }) { client, port ->
                val body = CompletableDeferred<ByteReadChannel>()
                val caller =
                    CoroutineScope(dispatcher).launch {
                        client.prepareGet("http://127.0.0.1:$port").execute {
                            body.complete(it.bodyAsChannel())
                            kotlinx.coroutines.awaitCancellation()
                        }
                    }
                val channel = body.await()
                caller.cancel(CancellationException("enough"))
                eventually { channel.closedCause != null }
                channel.closedCause!!.message shouldBe "enough"
            }
        }

        test("a loop that is closed under a request ends it") {
            withHello { url ->
                val client = HttpClient(Simul)
                val failure = CompletableDeferred<Throwable?>()
                runLoop {
                    CoroutineScope(getRunningLoop().dispatcher).launch {
                        failure.complete(runCatching { client.get("$url/slow") }.exceptionOrNull())
                    }
                    sleep(50.milliseconds)
                }
                blocking {
                    failure.await().shouldBeInstanceOf<CancellationException>()
                    client.get(url).bodyAsText() shouldBe "hi"
                }
                runLoop { client.get(url).bodyAsText() shouldBe "hi" }
                client.close()
            }
        }
    })
