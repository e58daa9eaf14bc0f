// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.allTasks
import dev.simul.currentTask
import dev.simul.exceptions.TimeoutException
import dev.simul.http.HttpLimits
import dev.simul.http.HttpServerOptions
import dev.simul.loop.getRunningLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.taskGroup
import dev.simul.timeout
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import io.ktor.http.HttpStatusCode
import io.ktor.server.application.ApplicationStopPreparing
import io.ktor.server.application.ServerReady
import io.ktor.server.application.serverConfig
import io.ktor.server.engine.ConnectorType
import io.ktor.server.engine.EngineConnectorBuilder
import io.ktor.server.engine.applicationEnvironment
import io.ktor.server.engine.connector
import io.ktor.server.engine.embeddedServer
import io.ktor.server.response.respond
import io.ktor.server.response.respondBytesWriter
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.post
import io.ktor.server.routing.routing
import io.ktor.utils.io.writeFully
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import java.io.IOException
import java.net.BindException
import java.net.ConnectException
import java.net.ServerSocket
import java.net.StandardProtocolFamily
import java.net.UnixDomainSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.Channels
import java.nio.channels.SocketChannel
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class EngineTest :
    FunSpec({
        context("where it runs") {
            test("made outside a loop, in a daemon thread of its own, in which handlers are tasks") {
                withRoutes({
                    get("/") {
                        val task = currentTask()!!
                        val thread = Thread.currentThread()
                        withContext(Dispatchers.Default) { delay(1) }
                        val same = Thread.currentThread() === thread && currentTask() === task
                        call.respondText("${thread.name} ${thread.isDaemon} ${getRunningLoop().isInLoop} $same")
                    }
                }) { port ->
                    ask(port, "/").body() shouldBe "simul-server true true true"
                }
                (Thread.getAllStackTraces().keys.none { it.name == "simul-server" && it.isAlive }) shouldBe true
            }

            test("made in a running loop, on that") {
                runLoop {
                    val loop = getRunningLoop()
                    val server = newServer { routing { get("/") { call.respondText("${getRunningLoopOrNull() === loop}") } } }
                    server.startSuspend()
                    val port = server.engine.resolvedConnectors().single().port
                    withContext(Dispatchers.IO) { ask(port, "/").body() } shouldBe "true"
                    shouldThrow<IllegalStateException> {
                        server.engine.start(
                            wait = true,
                        )
                    }.message shouldContain "call startSuspend(wait = true) instead"
                    server.stopSuspend(0, 1000)
                    withContext(Dispatchers.IO) { shouldThrow<ConnectException> { ask(port, "/") } }
                }
            }

            test("told to stop before its port is bound, it stops") {
                runLoop {
                    val server = embeddedServer(Simul, port = 0, host = "localhost") { }
                    server.engine.start()
                    server.engine.stop(0, 1000)
                    val connector = server.engine.resolvedConnectors().single()
                    server.stopSuspend(0, 1000)
                    withContext(Dispatchers.IO) { shouldThrow<ConnectException> { ask(connector.port, "/") } }
                    allTasks() shouldBe setOf(currentTask())
                }
            }

            test("a loop that ends takes its server along") {
                var port = 0
                val server =
                    runLoop {
                        val server = newServer { routing { get("/") { call.respondText("there") } } }
                        server.startSuspend()
                        port = server.engine.resolvedConnectors().single().port
                        withContext(Dispatchers.IO) { ask(port, "/").body() } shouldBe "there"
                        server
                    }
                shouldThrow<ConnectException> { ask(port, "/") }
                server.stop(0, 1000)
            }

            test("timeouts, groups, gathering and kotlinx's own work in handlers") {
                withRoutes({
                    get("/") {
                        val told = ArrayList<String>()
                        told +=
                            try {
                                timeout(5.milliseconds) { sleep(10.seconds) }
                                "late"
                            } catch (_: TimeoutException) {
                                "timeout"
                            }
                        taskGroup { group -> repeat(2) { group.createTask { told += "task $it" } } }
                        told += coroutineScope { listOf(async { 1 }, async { 2 }).sumOf { it.await() } }.toString()
                        told +=
                            try {
                                withTimeout(5) { delay(10_000) }
                                "late"
                            } catch (_: TimeoutCancellationException) {
                                "kotlinx"
                            }
                        call.respondText(told.joinToString())
                    }
                }) { port ->
                    repeat(2) { ask(port, "/").body() shouldBe "timeout, task 0, task 1, 3, kotlinx" }
                }
            }

            test("what the application's parent carries is in the context of handlers, and its end is that of the server") {
                val parent = Job()
                val server =
                    embeddedServer(
                        Simul,
                        serverConfig(applicationEnvironment()) {
                            parentCoroutineContext = parent + CoroutineName("inherited")
                            module {
                                routing {
                                    get("/") {
                                        timeout(10.seconds) { sleep(1.milliseconds) }
                                        call.respondText("${currentCoroutineContext()[CoroutineName]?.name} ${currentTask() != null}")
                                    }
                                }
                            }
                        },
                    ) {
                        connector {
                            host = "127.0.0.1"
                            port = 0
                        }
                    }
                server.start()
                val port = server.port
                ask(port, "/").body() shouldBe "inherited true"
                parent.cancel()
                runBlocking { parent.join() }
                while (runCatching { ask(port, "/") }.isSuccess) Thread.sleep(1)
                shouldThrow<IOException> { ask(port, "/") }
            }

            test("what is launched in a call's scope is awaited before the next request of the connection, and cancelled with the server") {
                val record = CopyOnWriteArrayList<String>()
                val launched = CompletableDeferred<Job>()
                val server =
                    embeddedServer(Simul, port = 0, host = "127.0.0.1") {
                        routing {
                            get("/launch") {
                                call.launch {
                                    delay(50)
                                    record += "launched"
                                }
                                call.respondText("first")
                            }
                            get("/next") {
                                record += "next"
                                call.respondText("next")
                            }
                            get("/forever") {
                                launched.complete(call.launch { delay(Long.MAX_VALUE) })
                                call.respondText("forever")
                            }
                        }
                    }
                server.start()
                RawConnection(server.port).use {
                    it.send("GET /launch HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n")
                    it.answer().second shouldBe "first"
                    it.answer().second shouldBe "next"
                    record shouldContainExactly listOf("launched", "next")
                    it.send("GET /forever HTTP/1.1\r\nHost: x\r\n\r\n")
                    it.answer().second shouldBe "forever"
                    val job = runBlocking { launched.await() }
                    job.isActive shouldBe true
                    server.stop(100, 2000)
                    job.isCancelled shouldBe true
                }
            }
        }

        context("its start and end") {
            test("several connectors, each with the port that it has got") {
                val server =
                    embeddedServer(Simul, configure = {
                        repeat(2) {
                            connector {
                                host = "127.0.0.1"
                                port = 0
                            }
                        }
                    }) { routing { get("/") { call.respondText("${call.request.local.localPort}") } } }
                server.start()
                val ports = runBlocking { server.engine.resolvedConnectors().map { it.port } }
                ports.toSet().size shouldBe 2
                for (port in ports) ask(port, "/").body() shouldBe "$port"
                server.stop(0, 1000)
            }

            test("a port that is taken is told to who starts it, and the other connectors are closed") {
                ServerSocket(0).use { taken ->
                    val free = ServerSocket(0).use { it.localPort }
                    val server =
                        embeddedServer(Simul, configure = {
                            connector { port = free }
                            connector { port = taken.localPort }
                        }) {}
                    shouldThrow<BindException> { server.start() }
                    ServerSocket(free).close()
                    server.stop(0, 100)
                }
            }

            test("a type of connector that it does not know is refused by name") {
                val server = embeddedServer(Simul, configure = { connectors += EngineConnectorBuilder(ConnectorType("QUIC")) }) {}
                shouldThrow<IllegalArgumentException> {
                    server.start()
                }.message shouldStartWith "the engine Simul has no connectors of the type QUIC"
                server.stop(0, 100)
            }

            test("events tell of its start and end, and start(wait) returns at the end") {
                val record = CopyOnWriteArrayList<String>()
                val ready = CountDownLatch(1)
                val server =
                    embeddedServer(Simul, port = 0, host = "127.0.0.1") { routing { get("/") { call.respond(HttpStatusCode.OK) } } }
                server.monitor.subscribe(ServerReady) {
                    record += "ready"
                    ready.countDown()
                }
                server.monitor.subscribe(ApplicationStopPreparing) { record += "stopping" }
                val starter =
                    thread {
                        server.start(wait = true)
                        record += "returned"
                    }
                ready.await()
                ask(server.port, "/").statusCode() shouldBe 200
                server.stop(0, 1000)
                starter.join()
                record shouldContainExactly listOf("ready", "stopping", "returned")
            }

            test("an application that fails to start is started once, and one that never started stops at once") {
                var count = 0
                val server =
                    embeddedServer(Simul, port = 0) {
                        count++
                        error("no start")
                    }
                shouldThrow<IllegalStateException> { server.start() }
                count shouldBe 1
                server.stop(1000, 100_000)
                embeddedServer(Simul) {}.stop(0, 100_000)
            }

            test("requests under way are answered within the grace period, and idle connections closed at once") {
                val begun = CountDownLatch(1)
                val goOn = CompletableDeferred<Unit>()
                val server =
                    embeddedServer(Simul, port = 0, host = "127.0.0.1") {
                        routing {
                            get("/slow") {
                                begun.countDown()
                                goOn.await()
                                call.respondText("slow")
                            }
                            get("/") { call.respondText("fast") }
                        }
                    }
                server.start()
                val port = server.port
                val idle = RawConnection(port)
                idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                idle.answer()
                val slow = RawConnection(port)
                slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
                begun.await()
                val stopper = thread { server.stop(60_000, 60_000) }
                idle.rest() shouldBe ""
                shouldThrow<ConnectException> { RawConnection(port) }
                goOn.complete(Unit)
                slow.rest().let {
                    it shouldContain "\r\nConnection: close\r\n"
                    it shouldEndWith "\r\n\r\nslow"
                }
                stopper.join()
                listOf(idle, slow).forEach { it.close() }
            }

            test("what is under way after the grace period is cancelled, and gets no answer unless its handler gives one") {
                val begun = CountDownLatch(3)
                val record = CopyOnWriteArrayList<String>()
                val server =
                    embeddedServer(Simul, port = 0, host = "127.0.0.1") {
                        routing {
                            get("/silent") {
                                begun.countDown()
                                call.launch { delay(Long.MAX_VALUE) }
                                try {
                                    delay(Long.MAX_VALUE)
                                } finally {
                                    record += "cancelled"
                                }
                            }
                            get("/streaming") {
                                call.respondBytesWriter {
                                    writeFully("part".toByteArray())
                                    flush()
                                    begun.countDown()
                                    delay(Long.MAX_VALUE)
                                }
                            }
                            get("/answering") {
                                begun.countDown()
                                try {
                                    delay(Long.MAX_VALUE)
                                } catch (_: CancellationException) {
                                    call.respond(HttpStatusCode.ServiceUnavailable)
                                }
                            }
                        }
                    }
                server.start()
                val connections =
                    listOf("silent", "streaming", "answering").associateWith { path ->
                        RawConnection(server.port).also { it.send("GET /$path HTTP/1.1\r\nHost: x\r\n\r\n") }
                    }
                begun.await()
                server.stop(0, 60_000)
                record shouldContainExactly listOf("cancelled")
                connections.getValue("silent").rest() shouldBe ""
                connections.getValue("streaming").rest() shouldEndWith "\r\n\r\n4\r\npart\r\n"
                connections.getValue("answering").rest() shouldStartWith "HTTP/1.1 503 Service Unavailable\r\n"
                connections.values.forEach { it.close() }
            }
        }

        context("limits") {
            test("connections, heads, bodies and their time are those of its configuration") {
                val options =
                    HttpServerOptions(HttpLimits(startLine = 100, body = 10), headerTimeout = 100.milliseconds, maxConnections = 2)
                withRoutes({
                    get("/") { call.respondText("fine") }
                    post("/") { call.respondText("never") }
                }, { http = options }) { port ->
                    RawConnection(port).use { first ->
                        first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                        first.answer().second shouldBe "fine"
                        RawConnection(port).use { second ->
                            second.send("GET / HTTP/1.1\r\n")
                            RawConnection(port).use { it.rest() shouldStartWith "HTTP/1.1 503 Service Unavailable\r\n" }
                            second.rest() shouldStartWith "HTTP/1.1 408 Request Timeout\r\n"
                        }
                        first.send("GET /${"a".repeat(200)} HTTP/1.1\r\nHost: x\r\n\r\n")
                        first.rest() shouldStartWith "HTTP/1.1 414 URI Too Long\r\n"
                    }
                    // There is room again when the server has seen the end of the others.
                    var answer = ""
                    while ("413" !in answer) {
                        answer =
                            RawConnection(port).use {
                                it.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n")
                                it.rest()
                            }
                    }
                    answer shouldStartWith "HTTP/1.1 413 Content Too Large\r\n"
                }
            }

            test("two hosts, a length with chunks, and a blank that is none are a 400") {
                withRoutes({ post("/") { call.respondText("never") } }) { port ->
                    for (header in listOf(
                        "Host: y",
                        "Content-Length: 1\r\nTransfer-Encoding: chunked",
                        "Transfer-Encoding:\u000bchunked",
                        "Transfer-Encoding: chunked, smuggle",
                    )) {
                        RawConnection(port).use {
                            it.send("POST / HTTP/1.1\r\nHost: x\r\n$header\r\n\r\n3\r\na=1\r\n0\r\n\r\n")
                            it.rest() shouldStartWith "HTTP/1.1 400 Bad Request\r\n"
                        }
                    }
                }
            }
        }

        test("it serves on a Unix domain socket") {
            val path = tempdir().toPath().resolve("ktor.sock")
            val server =
                embeddedServer(Simul, configure = { unixConnector(path) }) {
                    routing { get("/") { call.respondText("${call.request.local.remoteAddress} ${call.request.local.serverHost}") } }
                }
            server.start()
            runBlocking { server.engine.resolvedConnectors().single().addressDescription } shouldBe "unix://$path"
            SocketChannel.open(StandardProtocolFamily.UNIX).use {
                it.connect(UnixDomainSocketAddress.of(path))
                it.write(ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: there\r\nConnection: close\r\n\r\n".toByteArray()))
                String(Channels.newInputStream(it).readAllBytes()) shouldEndWith "\r\n\r\nunknown there"
            }
            server.stop(0, 1000)
            path.toFile().exists() shouldBe false
        }
    })
