// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.ktor.server.application.install
import io.ktor.server.http.HttpRequestLifecycle
import io.ktor.server.request.receiveChannel
import io.ktor.server.response.respondBytesWriter
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.post
import io.ktor.server.routing.routing
import io.ktor.server.sse.SSE
import io.ktor.server.sse.sse
import io.ktor.utils.io.writeFully
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.delay
import kotlinx.coroutines.ensureActive
import java.util.concurrent.CountDownLatch
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicLong

class StreamingTest :
    FunSpec({
        test("server-sent events come as they are sent, and other requests go on meanwhile") {
            val goOn = CompletableDeferred<Unit>()
            withApplication({
                install(SSE)
                routing {
                    sse("/events") {
                        send("first", event = "greeting", id = "1")
                        goOn.await()
                        send("second")
                    }
                    get("/") { call.respondText("meanwhile") }
                }
            }) { port ->
                RawConnection(port).use {
                    it.send("GET /events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
                    val head = it.head()
                    head shouldContain "Content-Type: text/event-stream"
                    head shouldContain "Transfer-Encoding: chunked"
                    it.chunk() shouldBe "event: greeting\r\ndata: first\r\nid: 1\r\n\r\n"
                    ask(port, "/").body() shouldBe "meanwhile"
                    goOn.complete(Unit)
                    it.chunk() shouldBe "data: second\r\n\r\n"
                    it.chunk() shouldBe null
                }
            }
        }

        test("a handler waits while its client takes no more, and a client while its handler takes no more") {
            val written = AtomicLong()
            val ended = CountDownLatch(1)
            val read = CompletableDeferred<Unit>()
            withRoutes({
                get("/pour") {
                    try {
                        call.respondBytesWriter {
                            val piece = ByteArray(100_000)
                            while (true) {
                                writeFully(piece)
                                flush()
                                written.addAndGet(piece.size.toLong())
                            }
                        }
                    } finally {
                        ended.countDown()
                    }
                }
                post("/sip") {
                    read.await()
                    val body = call.receiveChannel()
                    call.respondText("${body.awaitContent()}")
                }
            }) { port ->
                val connection = RawConnection(port)
                connection.send("GET /pour HTTP/1.1\r\nHost: x\r\n\r\n")
                connection.head()
                var before = -1L
                while (written.get() != before) {
                    before = written.get()
                    Thread.sleep(50)
                }
                (before < 50_000_000) shouldBe true
                connection.reset()
                ended.await(20, TimeUnit.SECONDS) shouldBe true
                read.complete(Unit)
                RawConnection(port).use {
                    it.send("POST /sip HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na")
                    it.answer().second shouldBe "true"
                }
            }
        }

        test("a client that leaves, regularly or not, ends what is being sent to it") {
            val ended = LinkedBlockingQueue<String>()
            withRoutes({
                get("/") {
                    try {
                        call.respondBytesWriter {
                            while (true) {
                                writeFully(ByteArray(512))
                                flush()
                                delay(5)
                            }
                        }
                    } finally {
                        ended += "ended"
                    }
                }
            }) { port ->
                for (leave in listOf(RawConnection::close, RawConnection::reset)) {
                    val connection = RawConnection(port)
                    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    connection.head()
                    leave(connection)
                    ended.poll(20, TimeUnit.SECONDS) shouldBe "ended"
                }
            }
        }

        test("with Ktor's HttpRequestLifecycle, a client that leaves cancels its request at once") {
            val begun = LinkedBlockingQueue<String>()
            val ended = LinkedBlockingQueue<String>()
            withRoutes({
                install(HttpRequestLifecycle) { cancelCallOnClose = true }
                get("/slow") {
                    begun += "slow"
                    try {
                        repeat(1000) {
                            call.coroutineContext.ensureActive()
                            delay(200)
                        }
                    } catch (e: CancellationException) {
                        ended += generateSequence<Throwable>(e) { it.cause }.last().let { it::class.simpleName!! }
                        throw e
                    }
                }
                get("/") { call.respondText("OK") }
            }) { port ->
                for (leave in listOf(RawConnection::close, RawConnection::reset)) {
                    val connection = RawConnection(port)
                    connection.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
                    begun.poll(20, TimeUnit.SECONDS) shouldBe "slow"
                    leave(connection)
                    ended.poll(20, TimeUnit.SECONDS) shouldBe "ConnectionClosedException"
                }
                repeat(20) { ask(port, "/").body() shouldBe "OK" }
            }
        }
    })
