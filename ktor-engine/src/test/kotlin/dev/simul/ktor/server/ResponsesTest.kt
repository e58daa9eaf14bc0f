// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import io.ktor.http.ContentType
import io.ktor.http.Headers
import io.ktor.http.HttpStatusCode
import io.ktor.http.content.OutgoingContent
import io.ktor.server.application.ApplicationCallPipeline
import io.ktor.server.application.call
import io.ktor.server.application.createApplicationPlugin
import io.ktor.server.application.createRouteScopedPlugin
import io.ktor.server.application.hooks.ResponseSent
import io.ktor.server.application.install
import io.ktor.server.http.content.LocalFileContent
import io.ktor.server.http.content.staticFiles
import io.ktor.server.plugins.BadRequestException
import io.ktor.server.request.receiveChannel
import io.ktor.server.request.receiveText
import io.ktor.server.response.header
import io.ktor.server.response.respond
import io.ktor.server.response.respondBytes
import io.ktor.server.response.respondBytesWriter
import io.ktor.server.response.respondOutputStream
import io.ktor.server.response.respondRedirect
import io.ktor.server.response.respondText
import io.ktor.server.response.respondTextWriter
import io.ktor.server.routing.get
import io.ktor.server.routing.head
import io.ktor.server.routing.post
import io.ktor.server.routing.routing
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.copyTo
import io.ktor.utils.io.writeFully
import io.ktor.utils.io.writeStringUtf8
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.File
import java.io.IOException
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit

class ResponsesTest :
    FunSpec({
        /** Content of unknown length, unless [length] says how long it claims to be. */
        fun written(
            length: Long? = null,
            trailers: Headers? = null,
            body: suspend ByteWriteChannel.() -> Unit,
        ) = object : OutgoingContent.WriteChannelContent() {
            override val contentLength = length

            override fun trailers() = trailers

            override suspend fun writeTo(channel: ByteWriteChannel) = channel.body()
        }

        test("text has a length, its type and the headers that were appended, once each") {
            withRoutes({
                get("/") {
                    call.response.headers.append("ETag", "test-etag")
                    call.response.headers.append("Name-1", "value-1")
                    call.response.headers.append("Name-1", "value-2")
                    call.response.cookies.append("k1", "v1")
                    call.respondText(call.response.headers.allValues().toString())
                }
            }) { port ->
                val answer = ask(port, "/")
                answer.header("ETag") shouldBe "test-etag"
                answer.header("Content-Type") shouldBe "text/plain; charset=UTF-8"
                answer.header("Set-Cookie") shouldBe "k1=v1; \$x-enc=URI_ENCODING"
                answer.headers().allValues("Name-1") shouldContainExactly listOf("value-1", "value-2")
                answer.header("Content-Length") shouldBe "${answer.body().length}"
                answer.header("Transfer-Encoding").shouldBeNull()
                answer.headers().allValues("Date").size shouldBe 1
                answer.body() shouldContain "Name-1=[value-1, value-2]"
            }
        }

        test("status codes: known, unknown, with a reason of one's own, and without a respond") {
            withRoutes({
                get("/found") { call.respond(HttpStatusCode.Found) }
                get("/direct") {
                    call.response.status(HttpStatusCode.Found)
                    call.respond("Hello")
                }
                get("/teapot") { call.respond(HttpStatusCode(418, "I'm a teapot")) }
                get("/odd") { call.respond(HttpStatusCode(299, "line\r\nend")) }
                get("/none") {
                    call.response.status(HttpStatusCode.Accepted)
                    call.response.header("Custom", "value")
                }
                get("/moved") { call.respondRedirect("/2", permanent = true) }
                get("/empty") { call.respond(HttpStatusCode.NoContent) }
            }) { port ->
                ask(port, "/found").statusCode() shouldBe 302
                ask(port, "/direct").let { "${it.statusCode()} ${it.body()}" } shouldBe "302 Hello"
                ask(port, "/none").let { "${it.statusCode()} ${it.header("Custom")}" } shouldBe "202 value"
                ask(port, "/moved").let { "${it.statusCode()} ${it.header("Location")}" } shouldBe "301 /2"
                ask(port, "/missing").statusCode() shouldBe 404
                RawConnection(port).use {
                    it.send(
                        "GET /teapot HTTP/1.1\r\nHost: x\r\n\r\nGET /odd HTTP/1.1\r\nHost: x\r\n\r\nGET /empty HTTP/1.1\r\nHost: x\r\n\r\n",
                    )
                    it.answer().first shouldStartWith "HTTP/1.1 418 I'm a teapot\r\n"
                    it.answer().first shouldStartWith "HTTP/1.1 299 \r\n"
                    it.answer().first.let { head ->
                        head shouldStartWith "HTTP/1.1 204 No Content\r\n"
                        head shouldNotContain "Content-Length"
                        head shouldNotContain "Transfer-Encoding"
                    }
                }
            }
        }

        test("an answer to HEAD has the headers of the answer to GET, and no body") {
            withRoutes({
                head("/") { call.respondText("Hello") }
                head("/length") {
                    call.respond(
                        object : OutgoingContent.NoContent() {
                            override val contentLength = 1234L
                        },
                    )
                }
                head("/chunks") { call.respond(written { writeStringUtf8("unseen") }) }
            }) { port ->
                RawConnection(port).use {
                    for ((target, header) in listOf(
                        "/" to "Content-Length: 5",
                        "/length" to "Content-Length: 1234",
                        "/chunks" to "Transfer-Encoding: chunked",
                    )) {
                        it.send("HEAD $target HTTP/1.1\r\nHost: x\r\n\r\n")
                        it.head() shouldContain "\r\n$header\r\n"
                    }
                }
            }
        }

        test("content of every kind arrives whole, of known and unknown length, on whatever thread it is made") {
            val file = File(tempdir(), "file.txt").also { it.writeText("0123456789".repeat(100_000)) }
            val bytes = ByteArray(1_000_000) { (it % 251).toByte() }
            withRoutes({
                get("/bytes") { call.respondBytes(bytes) }
                get("/channel") {
                    call.respond(
                        object : OutgoingContent.ReadChannelContent() {
                            override fun readFrom() = ByteReadChannel(bytes)
                        },
                    )
                }
                get("/channel/length") {
                    call.respond(
                        object : OutgoingContent.ReadChannelContent() {
                            override val contentLength = bytes.size.toLong()

                            override fun readFrom() = ByteReadChannel(bytes)
                        },
                    )
                }
                get("/written") { call.respondBytesWriter { writeFully(bytes) } }
                get("/written/length") { call.respondBytesWriter(contentLength = bytes.size.toLong()) { writeFully(bytes) } }
                get("/written/elsewhere") { call.respondBytesWriter { withContext(Dispatchers.Default) { writeFully(bytes) } } }
                get("/stream") { call.respondOutputStream { bytes.toList().chunked(1000).forEach { write(it.toByteArray()) } } }
                get("/writer") { call.respondTextWriter { repeat(100_000) { write("0123456789") } } }
                get("/file") { call.respond(LocalFileContent(file)) }
                staticFiles("/static", file.parentFile)
            }) { port ->
                for (target in listOf(
                    "/bytes",
                    "/channel",
                    "/channel/length",
                    "/written",
                    "/written/length",
                    "/written/elsewhere",
                    "/stream",
                )) {
                    val length = ask(port, target).header("Content-Length")
                    (length != null) shouldBe (target == "/bytes" || target.endsWith("length"))
                    ask(port, target).body().length shouldBe String(bytes).length
                }
                for (target in listOf("/writer", "/file", "/static/file.txt")) ask(port, target).body() shouldBe file.readText()
                ask(port, "/static/none").statusCode() shouldBe 404
            }
        }

        test("what is flushed is sent, before the end and before any content") {
            val goOn = CountDownLatch(1)
            withRoutes({
                get("/pieces") {
                    call.respondBytesWriter {
                        writeStringUtf8("first")
                        flush()
                        withContext(Dispatchers.IO) { goOn.await() }
                        writeStringUtf8("second")
                    }
                }
                post("/echo") {
                    val body = call.receiveChannel()
                    call.respondBytesWriter {
                        flush()
                        body.copyTo(this)
                    }
                }
            }) { port ->
                RawConnection(port).use {
                    it.send("GET /pieces HTTP/1.1\r\nHost: x\r\n\r\n")
                    it.head() shouldContain "Transfer-Encoding: chunked"
                    it.chunk() shouldBe "first"
                    goOn.countDown()
                    it.chunk() shouldBe "second"
                    it.chunk() shouldBe null
                    // The head comes while the body is still to be sent.
                    it.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n")
                    it.head() shouldStartWith "HTTP/1.1 200 OK\r\n"
                    it.send("body")
                    it.chunk() shouldBe "body"
                    it.chunk() shouldBe null
                }
            }
        }

        test("fields may follow a body in chunks, and text beyond ASCII goes as UTF-8") {
            withRoutes({
                get("/") {
                    call.response.headers.append("X-Name", "Zoë")
                    call.respond(written(trailers = Headers.build { append("X-End", "yes") }) { writeStringUtf8("a") })
                }
            }) { port ->
                RawConnection(port).use {
                    it.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    it.rest().let { answer ->
                        answer shouldContain "X-Name: Zo\u00c3\u00ab\r\n"
                        answer.substringAfter("\r\n\r\n") shouldBe "1\r\na\r\n0\r\nX-End: yes\r\n\r\n"
                    }
                }
            }
        }

        test("a body that is not as long as it claims to be ends its connection, unless that is found in time") {
            withRoutes({
                get("/less") { call.respond(written(10) { writeStringUtf8("less") }) }
                get("/more") { call.respond(written(2) { writeStringUtf8("more") }) }
                get("/read/less") {
                    call.respond(
                        object : OutgoingContent.ReadChannelContent() {
                            override val contentLength = 10L

                            override fun readFrom() = ByteReadChannel("less")
                        },
                    )
                }
                get("/read/more") {
                    call.respond(
                        object : OutgoingContent.ReadChannelContent() {
                            override val contentLength = 2L

                            override fun readFrom() = ByteReadChannel("more")
                        },
                    )
                }
                get("/bytes") {
                    call.respond(
                        object : OutgoingContent.ByteArrayContent() {
                            override val contentLength = 2L

                            override fun bytes() = "more".toByteArray()
                        },
                    )
                }
                get("/fails") {
                    call.respond(
                        written {
                            writeStringUtf8("first")
                            flush()
                            error("expected")
                        },
                    )
                }
            }) { port ->
                fun sent(target: String) =
                    RawConnection(port).use {
                        it.send("GET $target HTTP/1.1\r\nHost: x\r\n\r\n")
                        it.rest().substringAfter("\r\n\r\n")
                    }
                sent("/less") shouldBe "less"
                sent("/more") shouldBe ""
                sent("/read/less") shouldBe "less"
                sent("/read/more") shouldBe "mo"
                sent("/fails") shouldBe "5\r\nfirst\r\n"
                // Nothing was sent before this was found, so there is a better answer.
                ask(port, "/bytes").statusCode() shouldBe 500
            }
        }

        test("failures before the answer are the status that Ktor has for them, and hooks are called once") {
            val sent = Semaphore(0)
            withRoutes({
                install(createRouteScopedPlugin("counting") { on(ResponseSent) { sent.release() } })
                get("/error") { error("broken") }
                get("/bad") { throw BadRequestException("bad") }
                get("/after") {
                    call.respond("ok")
                    error("after the answer")
                }
            }) { port ->
                ask(port, "/error").let { "${it.statusCode()} ${it.body()}" } shouldBe "500 broken"
                ask(port, "/bad").statusCode() shouldBe 400
                ask(port, "/after").let { "${it.statusCode()} ${it.body()}" } shouldBe "200 ok"
                ask(port, "/after").body() shouldBe "ok"
                sent.tryAcquire(4, 10, TimeUnit.SECONDS) shouldBe true
                sent.availablePermits() shouldBe 0
            }
        }

        test("failures of interceptors and plugins are a 500 too") {
            withApplication({
                intercept(ApplicationCallPipeline.Plugins) { if (call.request.queryParameters["in"] == "plugins") error("in plugins") }
                install(
                    createApplicationPlugin("failing") {
                        var fails = false
                        onCallRespond { call ->
                            fails = !fails && call.request.queryParameters["in"] == "respond"
                            if (fails) error("in respond")
                        }
                    },
                )
                routing { get("/") { call.respondText("fine") } }
            }) { port ->
                ask(port, "/?in=plugins").let { "${it.statusCode()} ${it.body()}" } shouldBe "500 in plugins"
                ask(port, "/?in=respond").let { "${it.statusCode()} ${it.body()}" } shouldBe "500 in respond"
                ask(port, "/").body() shouldBe "fine"
            }
        }

        test("line ends do not get into an answer") {
            withRoutes({
                get("/") {
                    call.response.headers.append("X-A", call.request.queryParameters["a"]!!)
                    call.respondText("reached")
                }
            }) { port ->
                ask(port, "/?a=b%0d%0aSet-Cookie:%20c").let {
                    it.statusCode() shouldBe 500
                    it.header("Set-Cookie").shouldBeNull()
                }
            }
        }

        test("a body that nobody received is skipped, up to what its length says, and the connection stays") {
            withRoutes({ post("/") { call.respondText("OK") } }) { port ->
                RawConnection(port).use { connection ->
                    repeat(5) {
                        connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n" + "X".repeat(65536))
                        connection.answer().second shouldBe "OK"
                    }
                }
            }
        }

        test("a body that ends early is an IOException where it is received") {
            var failure: Throwable? = null
            withRoutes({
                post("/") {
                    failure = runCatching { call.receiveText() }.exceptionOrNull()
                    call.respond("told")
                }
            }) { port ->
                RawConnection(port).use {
                    it.send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nABC")
                    it.end()
                    it.rest()
                }
            }
            (failure is IOException) shouldBe true
        }
    })
