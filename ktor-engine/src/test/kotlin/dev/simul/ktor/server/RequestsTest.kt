// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import io.ktor.http.HttpMethod
import io.ktor.http.HttpStatusCode
import io.ktor.http.content.PartData
import io.ktor.http.content.forEachPart
import io.ktor.server.application.createRouteScopedPlugin
import io.ktor.server.application.install
import io.ktor.server.request.document
import io.ktor.server.request.header
import io.ktor.server.request.httpMethod
import io.ktor.server.request.path
import io.ktor.server.request.queryString
import io.ktor.server.request.receive
import io.ktor.server.request.receiveChannel
import io.ktor.server.request.receiveMultipart
import io.ktor.server.request.receiveParameters
import io.ktor.server.request.receiveStream
import io.ktor.server.request.receiveText
import io.ktor.server.request.uri
import io.ktor.server.response.respond
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.post
import io.ktor.server.routing.put
import io.ktor.server.routing.route
import io.ktor.utils.io.InternalAPI
import io.ktor.utils.io.copyTo
import io.ktor.utils.io.toByteArray
import io.ktor.utils.io.writeStringUtf8
import io.ktor.utils.io.writer
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.GlobalScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.withContext
import java.net.http.HttpRequest.BodyPublishers

class RequestsTest :
    FunSpec({
        test("paths are decoded for routing, and a plus in them is a plus") {
            withRoutes({
                get("/a%20b") { call.respondText("space") }
                get("/a+b") { call.respondText("plus") }
                get("/item/{id}") { call.respondText("item ${call.parameters["id"]}") }
            }) { port ->
                ask(port, "/a%20b").body() shouldBe "space"
                ask(port, "/a+b").body() shouldBe "plus"
                ask(port, "/item/7%2F8").body() shouldBe "item 7/8"
                ask(port, "/none").statusCode() shouldBe 404
            }
        }

        test("path, document, query and URI are told apart") {
            withRoutes({
                get("/path/1") {
                    call.respondText(
                        listOf(call.request.path(), call.request.document(), call.request.queryString(), call.request.uri).joinToString(),
                    )
                }
            }) { port ->
                ask(port, "/path/1?p=v").body() shouldBe "/path/1, 1, p=v, /path/1?p=v"
                ask(port, "/path/1").body() shouldBe "/path/1, 1, , /path/1"
                RawConnection(port).use {
                    it.send("GET /path/1? HTTP/1.1\r\nHost: x\r\n\r\n")
                    it.answer().second shouldBe "/path/1, 1, , /path/1?"
                }
            }
        }

        test("a request for a whole URL is one for its path") {
            withRoutes({ get("/a") { call.respondText("${call.request.uri} of ${call.request.header("Host")}") } }) { port ->
                RawConnection(port).use {
                    it.send("GET http://example.org/a?b HTTP/1.1\r\nHost: example.org\r\n\r\n")
                    it.answer().second shouldBe "/a?b of example.org"
                }
            }
        }

        test("query parameters: one, many, none, without a value, raw and decoded, with a semicolon") {
            withRoutes({
                get("/q") {
                    val name = call.request.queryParameters["name"]!!
                    call.respondText("${call.request.queryParameters.getAll(name)} ${call.request.rawQueryParameters.getAll(name)}")
                }
            }) { port ->
                ask(port, "/q?name=a&a=1").body() shouldBe "[1] [1]"
                ask(port, "/q?name=a&a=1&a=2").body() shouldBe "[1, 2] [1, 2]"
                ask(port, "/q?name=a").body() shouldBe "null null"
                ask(port, "/q?name=a&a=value%261%2B2+3").body() shouldBe "[value&1+2 3] [value%261%2B2+3]"
                ask(port, "/q?name=a&a=01;21").body() shouldBe "[01;21] [01;21]"
                ask(port, "/q?name=a&a=").body() shouldBe "[] []"
                ask(port, "/q?name=a&a").body() shouldStartWith "[]"
            }
        }

        test("headers come as they were sent, in any case, and a plugin may change them") {
            @OptIn(InternalAPI::class)
            val plugin =
                createRouteScopedPlugin("changing") {
                    onCall { call ->
                        call.request.setHeader("deleted", null)
                        call.request.setHeader("changed", listOf("new 1", "new 2"))
                    }
                }
            withRoutes({
                get("/plain") {
                    val headers = call.request.headers
                    call.respondText(
                        "${headers["x-one"]} ${headers.getAll(
                            "X-TWO",
                        )} ${headers["none"]} ${"X-Two" in headers} ${headers.names().count { it.startsWith("X-") }}",
                    )
                }
                route("/changed") {
                    install(plugin)
                    get {
                        val headers = call.request.headers
                        call.respondText("${headers.getAll("changed")} ${headers.getAll("deleted")} ${headers["original"]}")
                    }
                }
            }) { port ->
                RawConnection(port).use {
                    it.send("GET /plain HTTP/1.1\r\nHost: x\r\nX-One: a\r\nX-Two: b\r\nx-two: c\r\n\r\n")
                    it.answer().second shouldBe "a [b, c] null true 2"
                }
                ask(port, "/changed", "deleted", "old", "changed", "old", "original", "old").body() shouldBe "[new 1, new 2] null old"
            }
        }

        test("where a request came from") {
            withRoutes({
                get("/") {
                    val local = call.request.local
                    call.respondText(
                        "${local.remoteAddress} ${local.remotePort > 0} ${local.localAddress} ${local.localPort} ${local.serverHost} " +
                            "${local.serverPort} ${local.scheme} ${local.version} ${local.method.value}",
                    )
                }
            }) { port ->
                ask(port, "/").body() shouldBe "127.0.0.1 true 127.0.0.1 $port 127.0.0.1 $port http HTTP/1.1 GET"
                RawConnection(port).use {
                    for ((host, told) in listOf("a.b" to "a.b 80", "a.b:1" to "a.b 1", "[::1]:2" to "[::1] 2", "[::1]" to "[::1] 80")) {
                        it.send("GET / HTTP/1.1\r\nHost: $host\r\n\r\n")
                        it.answer().second shouldContain " $told "
                    }
                }
            }
        }

        test("forms, in the body and in the query") {
            withRoutes({
                post("/") { call.respondText("${call.parameters["urlp"]},${call.receiveParameters()["formp"]}") }
                post("/parts") {
                    val parts = ArrayList<String>()
                    call.receiveMultipart().forEachPart { part ->
                        parts +=
                            when (part) {
                                is PartData.FormItem -> "${part.name}=${part.value}"
                                is PartData.FileItem -> "${part.name}: ${part.originalFileName}, ${part.provider().toByteArray().size}"
                                else -> "other"
                            }
                        part.release()
                    }
                    call.respondText(parts.joinToString(" & "))
                }
            }) { port ->
                ask(
                    port,
                    "/?urlp=1",
                    "Content-Type",
                    "application/x-www-form-urlencoded",
                    method = "POST",
                    body = text("formp=2"),
                ).body() shouldBe "1,2"
                val parts =
                    "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" +
                        "--b\r\nContent-Disposition: form-data; name=f; filename=x.txt\r\n\r\n${"z".repeat(100_000)}\r\n--b--\r\n"
                ask(port, "/parts", "Content-Type", "multipart/form-data; boundary=b", method = "POST", body = text(parts)).body() shouldBe
                    "a=1 & f: x.txt, 100000"
            }
        }

        test("bodies of any size are received whole, as text, bytes, a channel or a stream, on whatever thread") {
            withRoutes({
                post("/text") { call.respondText("${call.receiveText().length}") }
                post("/bytes") { call.respondText("${call.receive<ByteArray>().size}") }
                post("/channel") { call.respondText("${call.receiveChannel().toByteArray().size}") }
                post(
                    "/stream",
                ) { call.respondText("${call.receiveStream().use { withContext(Dispatchers.IO) { it.readAllBytes() } }.size}") }
                post("/elsewhere") { call.respondText("${withContext(Dispatchers.Default) { call.receiveChannel().toByteArray() }.size}") }
                post("/unread") { call.respondText("unread") }
            }) { port ->
                for (target in listOf("/text", "/bytes", "/channel", "/stream", "/elsewhere")) {
                    for (size in listOf(0, 1, 8192, 3_000_000)) {
                        ask(
                            port,
                            target,
                            method = "POST",
                            body = BodyPublishers.ofByteArray(ByteArray(size) { 97 }),
                        ).body() shouldBe "$size"
                        // Without a length, the client sends chunks.
                        val chunked = BodyPublishers.ofByteArrays(List(size / 1000) { ByteArray(1000) { 98 } })
                        ask(port, target, method = "POST", body = chunked).body() shouldBe "${size / 1000 * 1000}"
                    }
                }
                ask(port, "/unread", method = "POST", body = text("a".repeat(30_000))).body() shouldBe "unread"
                ask(port, "/text", method = "POST", body = text("after")).body() shouldBe "5"
            }
        }

        test("a plugin may change the body") {
            @OptIn(InternalAPI::class, DelicateCoroutinesApi::class)
            val plugin =
                createRouteScopedPlugin("framing") {
                    onCall { call ->
                        val old = call.request.receiveChannel()
                        val framed =
                            GlobalScope.writer {
                                channel.writeStringUtf8("start ")
                                old.copyTo(channel)
                                channel.writeStringUtf8(" end")
                            }
                        call.request.setReceiveChannel(framed.channel)
                    }
                }
            withRoutes({
                install(plugin)
                post("/") { call.respondText(call.receiveText()) }
            }) { port ->
                ask(port, "/", method = "POST", body = text("test")).body() shouldBe "start test end"
            }
        }

        test("a body is received once") {
            withRoutes({
                post("/") {
                    call.receiveText()
                    call.respondText(runCatching { call.receiveText() }.exceptionOrNull()!!::class.simpleName!!)
                }
            }) { port ->
                ask(port, "/", method = "POST", body = text("a")).body() shouldBe "RequestAlreadyConsumedException"
            }
        }

        test("methods, known or not, with bodies or not") {
            withRoutes({
                for (method in listOf("GET", "DELETE", "PATCH", "QUERY", "PROPFIND")) {
                    route("/", HttpMethod(method)) { handle { call.respondText("${call.request.httpMethod.value} ${call.receiveText()}") } }
                }
                put("/") { call.respond(HttpStatusCode.Created) }
            }) { port ->
                for (method in listOf("GET", "DELETE", "PATCH", "QUERY", "PROPFIND")) {
                    ask(port, "/", method = method).body() shouldBe "$method "
                    ask(port, "/", method = method, body = text("body")).body() shouldBe "$method body"
                }
                ask(port, "/", method = "PUT").statusCode() shouldBe 201
                ask(port, "/", method = "POST").statusCode() shouldBe 405
            }
        }

        test("a client that waits to be asked for its body is asked when that is received, and not otherwise") {
            withRoutes({
                post("/read") { call.respondText(call.receiveText()) }
                post("/refuse") { call.respond(HttpStatusCode.Forbidden) }
            }) { port ->
                val head = "HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
                RawConnection(port).use {
                    it.send("POST /read $head")
                    it.head() shouldBe "HTTP/1.1 100 Continue\r\n\r\n"
                    it.send("body")
                    it.answer().second shouldBe "body"
                    it.send("POST /refuse $head")
                    val (refusal, _) = it.answer()
                    refusal shouldStartWith "HTTP/1.1 403 Forbidden\r\n"
                    refusal shouldContain "Connection: close"
                    it.rest() shouldBe ""
                }
            }
        }

        test("pipelined requests are answered in order") {
            withRoutes({
                get("/slow") {
                    delay(50)
                    call.respondText("slow")
                }
                get("/fast") { call.respondText("fast") }
                post("/echo") { call.respondText(call.receiveText()) }
            }) { port ->
                RawConnection(port).use { connection ->
                    connection.send(
                        "GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /fast HTTP/1.1\r\nHost: x\r\n\r\n" +
                            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nechoGET /fast HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                    )
                    List(4) { connection.answer().second } shouldContainExactly listOf("slow", "fast", "echo", "fast")
                    connection.rest() shouldBe ""
                }
            }
        }

        test("a connection stays for the next request, or does not, as the client says") {
            withRoutes({ get("/") { call.respondText("Text") } }) { port ->
                RawConnection(port).use {
                    repeat(2) { _ ->
                        it.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n")
                        val (head, body) = it.answer()
                        body shouldBe "Text"
                        head shouldNotContain "Connection: close"
                    }
                    it.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    val (head, body) = it.answer()
                    body shouldBe "Text"
                    head.split("Connection: close").size shouldBe 2
                    it.rest() shouldBe ""
                }
                RawConnection(port).use {
                    it.send("GET / HTTP/1.0\r\n\r\n")
                    it.rest().substringAfter("\r\n\r\n") shouldBe "Text"
                }
                ask(port, "/").header("Transfer-Encoding").shouldBeNull()
            }
        }
    })
