// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.Future
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.ServerOptions
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.streams.openUnixConnection
import dev.simul.sync.Event
import dev.simul.taskGroup
import dev.simul.tls.clientContext
import dev.simul.tls.serverContext
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import java.io.IOException
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

private val HttpServer.port get() = (addresses.single() as InetSocketAddress).port

class HttpServerTest :
    FunSpec({
        val ok = ResponseHead(200)
        val get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        val empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        val soon = 60.milliseconds

        fun bytes(text: String) = ByteBuffer.wrap(text.toByteArray())

        suspend fun StreamReader.expect(text: String) = readexactly(text.length).decodeToString() shouldBe text

        suspend fun StreamWriter.say(text: String) = write(text.toByteArray()).also { drain() }

        suspend fun EventLoop.serving(
            http: HttpServerOptions = HttpServerOptions(sendDate = false),
            options: ServerOptions = ServerOptions(),
            handler: suspend (ServerExchange) -> Unit = { it.respond(ok) },
        ) = createHttpServer("127.0.0.1", 0, options, http, handler)

        context("time limits") {
            test("a head that comes too slowly is answered with 408, and other connections go on") {
                withServer({ it.respond(ok) }, options = HttpServerOptions(headerTimeout = soon, sendDate = false)) { port ->
                    val (fast, fastWriter) = openConnection("127.0.0.1", port)
                    fastWriter.say(get)
                    fast.expect(empty)
                    val (reader, writer) = openConnection("127.0.0.1", port)
                    writer.say("GET / HTTP/1.1\r\nHo")
                    val answer = reader.read().decodeToString()
                    answer shouldStartWith "HTTP/1.1 408 Request Timeout\r\n"
                    answer shouldEndWith "\r\n\r\nthe head of the request took more than 60ms\n"
                    fastWriter.say(get)
                    fast.expect(empty)
                    fastWriter.say("GET / HTT") // the second one of a connection is as limited as the first
                    fast.read().decodeToString() shouldStartWith "HTTP/1.1 408 Request Timeout\r\n"
                    writer.close()
                    fastWriter.close()
                }
            }

            test("a client that sends nothing is dropped without a word") {
                withServer({ it.respond(ok) }, options = HttpServerOptions(headerTimeout = soon)) { port ->
                    val (reader, writer) = openConnection("127.0.0.1", port)
                    reader.read().size shouldBe 0
                    writer.close()
                }
            }

            test("a connection without requests is closed, however short the other limits are") {
                withServer(
                    { it.respond(ok) },
                    options = HttpServerOptions(idleTimeout = soon, headerTimeout = 30.seconds, bodyTimeout = 30.seconds, sendDate = false),
                ) { port ->
                    val (reader, writer) = openConnection("127.0.0.1", port)
                    writer.say(get)
                    reader.expect(empty)
                    reader.read().size shouldBe 0
                    writer.close()
                }
            }

            test("a body that stops coming is answered with 408, and a handler may take as long as it likes") {
                val options = HttpServerOptions(headerTimeout = soon, idleTimeout = soon, bodyTimeout = soon, sendDate = false)
                withServer({
                    it.respond(ok, ByteBuffer.wrap(it.body.read().also { sleep(soon * 3) }))
                }, options = options) { port ->
                    val (reader, writer) = openConnection("127.0.0.1", port)
                    writer.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab")
                    reader.expect("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab")
                    writer.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab")
                    val answer = reader.read().decodeToString()
                    answer shouldStartWith "HTTP/1.1 408 Request Timeout\r\n"
                    answer shouldEndWith "nothing more of the body came for 60ms\n"
                    writer.close()
                }
            }

            test("a body that trickles in is not stalled") {
                withServer(
                    { it.respond(ok, ByteBuffer.wrap(it.body.read())) },
                    options = HttpServerOptions(bodyTimeout = 300.milliseconds),
                ) { port ->
                    val (reader, writer) = openConnection("127.0.0.1", port)
                    writer.say("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 8\r\n\r\n")
                    repeat(8) {
                        sleep(60.milliseconds)
                        writer.say("$it")
                    }
                    reader.read().decodeToString() shouldEndWith "\r\n\r\n01234567"
                    writer.close()
                }
            }

            test("a client that does not take its answer is cut off, and the handler cancelled") {
                val ended = ArrayList<String>()
                val over = Event()
                withServer({
                    try {
                        it.respond(ok, ByteBuffer.allocate(64 * 1024 * 1024))
                    } catch (e: Exception) {
                        ended += e.toString()
                        over.set()
                        throw e
                    }
                }, options = HttpServerOptions(bodyTimeout = soon)) { port ->
                    val (_, writer) = openConnection("127.0.0.1", port)
                    writer.transport.pauseReading()
                    writer.say(get)
                    over.wait()
                    ended.single() shouldContain "the client is gone"
                    writer.transport.abort()
                }
            }

            test("an upgraded connection may be silent") {
                withServer({
                    val (reader, writer) = it.upgrade(ResponseHead(101, Headers.of("Upgrade" to "x", "Connection" to "upgrade")))
                    val buffer = ByteBuffer.allocate(10)
                    while (reader.read(buffer.clear()) >= 0) writer.write(buffer.flip())
                    writer.finish()
                }, options = HttpServerOptions(headerTimeout = soon, idleTimeout = soon, bodyTimeout = soon, sendDate = false)) { port ->
                    val (reader, writer) = openConnection("127.0.0.1", port)
                    writer.say("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nat once")
                    reader.expect("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nat once")
                    sleep(soon * 3)
                    writer.say("later")
                    reader.expect("later")
                    writer.writeEof()
                    reader.read().size shouldBe 0
                    writer.close()
                }
            }

            test("limits must be positive") {
                shouldThrow<IllegalArgumentException> { HttpServerOptions(idleTimeout = Duration.ZERO) }.message shouldBe
                    "idleTimeout is 0s: it must be positive, or null for no limit"
                shouldThrow<IllegalArgumentException> { HttpServerOptions(maxConnections = 0) }
            }
        }

        test("one connection too many is told so at once, and there is room again when another one ends") {
            withServer({ it.respond(ok) }, options = HttpServerOptions(maxConnections = 1, sendDate = false)) { port ->
                val (reader, writer) = openConnection("127.0.0.1", port)
                writer.say(get)
                reader.expect(empty)
                val (other, otherWriter) = openConnection("127.0.0.1", port)
                other.read().decodeToString() shouldBe
                    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 48\r\nConnection: close\r\n\r\n" +
                    "the server has 1 connections, and takes no more\n"
                otherWriter.close()
                writer.say(get)
                reader.expect(empty)
                writer.close()
                reader.read()
                var answer = ""
                while (!answer.startsWith("HTTP/1.1 200 OK")) {
                    answer = say(port, get)
                }
            }
        }

        test("a client gets an early answer although it is still sending") {
            withServer({ it.respond(ok, bytes("early")) }, options = HttpServerOptions(HttpLimits(body = 1000), sendDate = false)) { port ->
                for ((head, status) in listOf(
                    "Content-Length: 400000" to "HTTP/1.1 413 Content Too Large\r\n",
                    "Transfer-Encoding: chunked" to "HTTP/1.1 200 OK\r\n",
                )) {
                    val (reader, writer) = openConnection("127.0.0.1", port)
                    writer.say("POST / HTTP/1.1\r\nHost: x\r\n$head\r\n\r\n")
                    val sender = createTask { repeat(100) { writer.say("fffe".repeat(1000)) } }
                    reader.read().decodeToString() shouldStartWith status
                    writer.transport.abort()
                    sender.cancel()
                }
            }
        }

        context("the end") {
            test("idle connections are closed at once, and an answer under way says that it is the last") {
                onLoop {
                    val begun = Event()
                    val goOn = Event()
                    val server =
                        serving {
                            if (it.request.target == "/slow") {
                                begun.set()
                                goOn.wait()
                            }
                            it.respond(ok)
                        }
                    val port = server.port
                    val (idle, idleWriter) = openConnection("127.0.0.1", port)
                    idleWriter.say(get)
                    idle.expect(empty)
                    val (fresh, freshWriter) = openConnection("127.0.0.1", port)
                    val (busy, busyWriter) = openConnection("127.0.0.1", port)
                    busyWriter.say("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n$get")
                    begun.wait()
                    server.connections shouldBe 3
                    val end = createTask { server.shutdown(30.seconds) }
                    idle.read().size shouldBe 0
                    fresh.read().size shouldBe 0
                    end.done() shouldBe false
                    goOn.set()
                    busy.read().decodeToString() shouldBe "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    end.await()
                    server.connections shouldBe 0
                    listOf(idleWriter, freshWriter, busyWriter).forEach { it.close() }
                }
            }

            test("a request that has come is answered, in whatever turn the server is closed") {
                onLoop {
                    for (turns in 0..20) {
                        var handled = 0
                        val server =
                            serving {
                                handled++
                                it.respond(ok)
                            }
                        val (reader, writer) = openConnection("127.0.0.1", server.port)
                        writer.say(get)
                        repeat(turns) { sleep(Duration.ZERO) }
                        server.close()
                        val answer =
                            try {
                                reader.read().decodeToString()
                            } catch (_: IOException) {
                                "" // closed before the request had come
                            }
                        withClue("closed after $turns turns") { answer.split("200 OK").size - 1 shouldBe handled }
                        writer.close()
                        server.waitClosed()
                    }
                }
            }

            test("after the grace period handlers are cancelled, and their cleanup is awaited") {
                onLoop {
                    val record = ArrayList<String>()
                    val begun = Event()
                    val server =
                        serving {
                            try {
                                begun.set()
                                Future<Unit>().await()
                            } catch (e: CancelledException) {
                                record += "cancelled: ${e.message}"
                                sleep(Duration.ZERO)
                                record += "cleaned up"
                                throw e
                            }
                        }
                    val (reader, writer) = openConnection("127.0.0.1", server.port)
                    writer.say(get)
                    begun.wait()
                    server.shutdown(soon)
                    record += "shut down"
                    record shouldContainExactly listOf("cancelled: the server is shut down", "cleaned up", "shut down")
                    reader.read().size shouldBe 0
                    writer.close()
                }
            }

            test("a shutdown that is cancelled ends everything at once") {
                onLoop {
                    val begun = Event()
                    val record = ArrayList<String>()
                    val server =
                        serving {
                            begun.set()
                            try {
                                Future<Unit>().await()
                            } finally {
                                record += "handler ended"
                            }
                        }
                    val (reader, writer) = openConnection("127.0.0.1", server.port)
                    writer.say(get)
                    begun.wait()
                    val end = createTask { server.shutdown(1000.seconds) }
                    sleep(Duration.ZERO)
                    end.cancel()
                    shouldThrow<CancelledException> { end.await() }
                    reader.read().size shouldBe 0
                    record shouldContainExactly listOf("handler ended")
                    writer.close()
                }
            }

            test("serveForever ends with its server, and a cancellation closes the server") {
                onLoop {
                    val server = serving()
                    val forever = createTask { server.serveForever() }
                    sleep(Duration.ZERO)
                    say(server.port, get) shouldBe empty
                    server.close()
                    shouldThrow<CancelledException> { forever.await() }

                    val other = serving()
                    val cancelled = createTask { other.serveForever() }
                    sleep(Duration.ZERO)
                    val (reader, writer) = openConnection("127.0.0.1", other.port)
                    writer.say(get)
                    reader.expect(empty)
                    cancelled.cancel()
                    shouldThrow<CancelledException> { cancelled.await() }
                    other.isServing shouldBe false
                    reader.read().size shouldBe 0
                    writer.close()
                }
            }
        }

        test("it serves on a Unix domain socket") {
            val path = tempdir().toPath().resolve("http.sock")
            onLoop {
                val server = createUnixHttpServer(path, http = HttpServerOptions(sendDate = false)) { it.respond(ok, bytes("by path")) }
                val (reader, writer) = openUnixConnection(path)
                writer.say("GET / HTTP/1.0\r\n\r\n")
                reader.read().decodeToString() shouldEndWith "\r\n\r\nby path"
                writer.close()
                server.aclose()
                path.toFile().exists() shouldBe false
            }
        }

        test("it serves over TLS, and says what it knows of the connection") {
            onLoop {
                val server =
                    serving(options = ServerOptions(ssl = serverContext())) {
                        it.respond(ok, bytes("${it.getExtraInfo("sslcontext") != null} ${it.body.read().size}"))
                    }
                val (reader, writer) =
                    openConnection(
                        "127.0.0.1",
                        server.port,
                        options = ConnectionOptions(ssl = clientContext(), serverHostname = "localhost"),
                    )
                writer.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n".toByteArray())
                writer.write(ByteArray(100000))
                reader.readuntil("\r\n\r\n".toByteArray())
                reader.expect("true 100000")
                writer.say(get)
                reader.readuntil("\r\n\r\n".toByteArray())
                reader.expect("true 0")
                writer.close()
                server.aclose()
            }
        }

        test("a connection whose TLS is still being agreed on ends with the server") {
            onLoop {
                val server = serving(options = ServerOptions(ssl = serverContext())) { it.respond(ok) }
                val (reader, writer) = openConnection("127.0.0.1", server.port)
                // The server has accepted it when one that came later is there.
                val later = ConnectionOptions(ssl = clientContext(), serverHostname = "localhost")
                openConnection("127.0.0.1", server.port, options = later).writer.close()
                val closed = createTask { server.aclose() }
                sleep(0.seconds)
                writer.startTls(clientContext(), serverHostname = "localhost")
                reader.read().size shouldBe 0
                writer.close()
                closed.await()
            }
        }

        test("answers have the date, unless they have one of their own") {
            onLoop {
                val server =
                    serving(HttpServerOptions()) {
                        it.respond(if (it.request.target == "/own") ResponseHead(200, Headers.of("Date" to "mine")) else ok)
                    }
                val date = Regex("Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT\r\n")
                date.findAll(say(server.port, get)).count() shouldBe 1
                date.findAll(say(server.port, "BAD\r\n\r\n")).count() shouldBe 1
                say(server.port, "GET /own HTTP/1.1\r\nHost: x\r\n\r\n") shouldStartWith
                    "HTTP/1.1 200 OK\r\nDate: mine\r\nContent-Length: 0\r\n"
                server.aclose()
            }
        }

        test("many connections at once are answered each in its own task") {
            onLoop {
                val server = serving { it.respond(ok, bytes(it.request.target)) }
                taskGroup { group ->
                    repeat(100) { i ->
                        group.createTask {
                            openHttpConnection("127.0.0.1", server.port).use { connection ->
                                repeat(5) {
                                    val head = RequestHead("GET", "/$i/$it", Headers.of("Host" to "x"))
                                    connection.request(head).body.read().decodeToString() shouldBe "/$i/$it"
                                }
                            }
                        }
                    }
                }
                server.aclose()
                server.connections shouldBe 0
            }
        }
    })
