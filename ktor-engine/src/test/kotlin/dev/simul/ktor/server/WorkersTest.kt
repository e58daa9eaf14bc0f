// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.createTask
import dev.simul.exceptions.SystemExit
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.workers.WorkerOptions
import dev.simul.workers.currentWorker
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.client.request.get
import io.ktor.client.request.post
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsText
import io.ktor.server.application.Application
import io.ktor.server.application.ApplicationCallPipeline
import io.ktor.server.application.ServerReady
import io.ktor.server.engine.connector
import io.ktor.server.engine.embeddedServer
import io.ktor.server.engine.sslConnector
import io.ktor.server.request.receiveText
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.post
import io.ktor.server.routing.routing
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import java.io.IOException
import java.net.BindException
import java.net.ConnectException
import java.net.ServerSocket
import java.security.KeyStore
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime
import dev.simul.ktor.client.Simul as SimulClient

class WorkersTest :
    FunSpec({
        test("several workers share the connectors and the application, and each answers") {
            val loops = ConcurrentHashMap.newKeySet<EventLoop>()
            val applications = ConcurrentHashMap.newKeySet<Application>()
            val together = CountDownLatch(3)
            val server =
                newServer(workers = 3) {
                    routing {
                        get("/") {
                            loops += getRunningLoop()
                            applications += call.application
                            together.countDown()
                            // Blocks its loop: only three threads at once get further.
                            check(together.await(20, TimeUnit.SECONDS)) { "the three handlers did not run at the same time" }
                            call.respondText(currentWorker()!!.name)
                        }
                    }
                }
            server.start()
            try {
                val threads = (1..3).map { thread { ask(server.port, "/").statusCode() shouldBe 200 } }
                threads.forEach { it.join() }
                loops.size shouldBe 3
                applications.size shouldBe 1
            } finally {
                server.stop(0, 0)
            }
            loops.all { it.isClosed } shouldBe true
            shouldThrow<ConnectException> { ask(server.port, "/") }
        }

        test("the client of Ktor gets an answer to each of its requests, and none is answered twice") {
            val begun = ConcurrentHashMap<String, AtomicInteger>()
            val workers = ConcurrentHashMap.newKeySet<Int>()
            val server =
                newServer(workers = 2) {
                    intercept(ApplicationCallPipeline.Plugins) { workers += currentWorker()!!.id }
                    routing {
                        post("/") {
                            val text = call.receiveText()
                            begun.computeIfAbsent(text) { AtomicInteger() }.incrementAndGet()
                            sleep(0.001.seconds)
                            call.respondText(text)
                        }
                    }
                }
            server.start()
            try {
                HttpClient(SimulClient).use { client ->
                    runBlocking {
                        val url = "http://127.0.0.1:${server.port}/"
                        val answers = List(400) { number -> async { client.post(url) { setBody("$number") }.bodyAsText() } }
                        answers.awaitAll() shouldBe List(400) { "$it" }
                    }
                }
            } finally {
                server.stop(100, 1_000)
            }
            begun.size shouldBe 400
            begun.filterValues { it.get() != 1 }.entries.shouldBeEmpty()
            workers shouldBe setOf(1, 2)
        }

        test("stop lets calls end that were begun, cancels those that take longer than its grace, and ends in time") {
            val begun = CountDownLatch(2)
            val server =
                newServer(workers = 2) {
                    routing {
                        get("/short") {
                            begun.countDown()
                            sleep(0.3.seconds)
                            call.respondText("done")
                        }
                        get("/long") {
                            begun.countDown()
                            sleep(60.seconds)
                            call.respondText("never")
                        }
                    }
                }
            server.start()
            val port = server.port
            val answers = ConcurrentHashMap<String, String>()
            val threads =
                listOf("/short", "/long").map { target ->
                    thread {
                        answers[target] = runCatching { ask(port, target).body() }.getOrElse { if (it is IOException) "cut off" else "$it" }
                    }
                }
            begun.await()
            measureTime { server.stop(2_000, 5_000) } shouldBeLessThan 6.seconds
            threads.forEach { it.join() }
            answers shouldBe mapOf("/short" to "done", "/long" to "cut off")
        }

        test("a handler may stop the server of its worker") {
            lateinit var server: SimulServer
            server =
                newServer(workers = 2) {
                    routing {
                        get("/stop") {
                            server.engine.stop(1_000, 2_000)
                            call.respondText("stopping")
                        }
                    }
                }
            server.start()
            ask(server.port, "/stop").body() shouldBe "stopping"
            server.stop(0, 2_000)
        }

        test("a connector that cannot be bound makes the start fail, and nothing goes on") {
            ServerSocket(0).use { taken ->
                val server = newServer(workers = 2, port = taken.localPort) {}
                shouldThrow<BindException> { server.start() }
                server.stop(0, 0)
            }
            Thread.getAllStackTraces().keys.filter { it.name.startsWith("simul-worker-") && it.isAlive }.shouldBeEmpty()
        }

        test("a task in a worker that exits ends the server, and its start that waits") {
            val server =
                newServer(workers = 2) {
                    routing {
                        get("/exit") {
                            createTask { throw SystemExit(3) }
                            sleep(60.seconds)
                        }
                    }
                }
            val ready = CountDownLatch(1)
            server.monitor.subscribe(ServerReady) { ready.countDown() }
            val starting = thread { server.start(wait = true) }
            ready.await()
            val port = server.port
            shouldThrow<IOException> { ask(port, "/exit") }
            starting.join(20_000)
            starting.isAlive shouldBe false
            shouldThrow<ConnectException> { ask(port, "/exit") }
        }

        test("stop is heard while the workers have yet to serve") {
            val isAsked = CountDownLatch(1)
            val release = CountDownLatch(1)
            val server =
                embeddedServer(Simul, configure = {
                    workers = 2
                    workerOptions = WorkerOptions(forcedGrace = 50.milliseconds)
                    val keys = KeyStore.getInstance("PKCS12").apply { load(null, null) }
                    sslConnector(keys, "none", { CharArray(0) }, {
                        isAsked.countDown()
                        release.await()
                        CharArray(0)
                    }) { port = 0 }
                }) {}
            val failures = ConcurrentLinkedQueue<Throwable>()
            val starting = thread { runCatching { server.start() }.exceptionOrNull()?.let(failures::add) }
            isAsked.await()
            measureTime { server.stop(0, 0) } shouldBeLessThan 20.seconds
            starting.join(20_000)
            failures.single().message shouldBe "the server was told to stop before it served"
            release.countDown()
        }

        test("there must be a worker") {
            shouldThrow<IllegalArgumentException> { newServer(workers = 0) {}.start() }
        }
    })

private fun newServer(
    workers: Int,
    port: Int = 0,
    module: Application.() -> Unit,
): SimulServer {
    val chosen = port
    return embeddedServer(Simul, configure = {
        this.workers = workers
        connector {
            host = "127.0.0.1"
            this.port = chosen
        }
    }, module = module)
}
