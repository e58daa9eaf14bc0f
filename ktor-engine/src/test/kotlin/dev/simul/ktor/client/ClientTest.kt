// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.http.BadMessageException
import dev.simul.http.IncompleteMessageException
import dev.simul.ktor.answer
import dev.simul.ktor.head
import dev.simul.ktor.onLoop
import dev.simul.ktor.port
import dev.simul.ktor.say
import dev.simul.ktor.withCio
import dev.simul.ktor.withPeer
import dev.simul.streams.startServer
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.ktor.client.HttpClient
import io.ktor.client.HttpClientEngineContainer
import io.ktor.client.engine.ProxyBuilder
import io.ktor.client.plugins.HttpRequestRetry
import io.ktor.client.request.get
import io.ktor.client.request.head
import io.ktor.client.request.header
import io.ktor.client.request.parameter
import io.ktor.client.request.post
import io.ktor.client.request.request
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsBytes
import io.ktor.client.statement.bodyAsText
import io.ktor.http.ContentType
import io.ktor.http.HttpHeaders
import io.ktor.http.HttpMethod
import io.ktor.http.HttpProtocolVersion
import io.ktor.http.HttpStatusCode
import io.ktor.http.content.TextContent
import io.ktor.http.contentType
import io.ktor.server.response.respondRedirect
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.head
import io.ktor.server.routing.routing
import kotlinx.coroutines.Dispatchers
import java.io.IOException
import java.util.ServiceLoader

class ClientTest :
    FunSpec({
        /** What a peer gets of the requests that [requests] makes, without their bodies; it answers each by 200. */
        fun heads(requests: suspend (HttpClient, String) -> Unit): List<String> {
            val heads = ArrayList<String>()
            withPeer({ reader, writer ->
                while (true) {
                    val head = reader.head().also(heads::add)
                    Regex("Content-Length: (\\d+)").find(head)?.let { reader.readexactly(it.groupValues[1].toInt()) }
                    writer.answer("")
                }
            }) { client, port -> requests(client, "http://127.0.0.1:$port") }
            return heads
        }

        test("one connection serves request after request") {
            withCio({ routing { get("/") { call.respondText("hi") } } }) { client, port ->
                val response = client.get("http://127.0.0.1:$port")
                response.status shouldBe HttpStatusCode.OK
                response.version shouldBe HttpProtocolVersion.HTTP_1_1
                response.headers[HttpHeaders.ContentType] shouldBe "text/plain; charset=UTF-8"
                response.bodyAsText() shouldBe "hi"
            }
            var connections = 0
            withPeer({ reader, writer ->
                connections++
                while (true) {
                    reader.head()
                    writer.answer()
                }
            }) { client, port ->
                repeat(100) { client.get("http://127.0.0.1:$port").bodyAsText() shouldBe "hi" }
                connections shouldBe 1
            }
        }

        test("a client without a named engine finds this one") {
            ServiceLoader.load(HttpClientEngineContainer::class.java).map { it.factory } shouldContain Simul
            HttpClient().use { it.engine.toString() shouldBe "Simul" }
        }

        test("each method is sent as it is") {
            val methods = HttpMethod.DefaultMethods + HttpMethod("QUERY") + HttpMethod("REPORT")
            heads { client, url -> for (method in methods) client.request(url) { this.method = method } }
                .map { it.substringBefore(' ') } shouldContainExactly methods.map { it.value }
        }

        test("the target is the encoded path and query, and a slash if there is none") {
            heads { client, url ->
                client.get(url)
                client.get("$url?a=b")
                client.get("$url/a%20b/%2F;x?q=%26&e=%C3%A4#fragment")
                client.get("$url/p") { parameter("k", "v w") }
            }.map { it.lines().first() } shouldContainExactly
                listOf("GET / HTTP/1.1", "GET /?a=b HTTP/1.1", "GET /a%20b/%2F;x?q=%26&e=%C3%A4 HTTP/1.1", "GET /p?k=v+w HTTP/1.1")
        }

        test("there is one Host, with its port, and the caller may set another") {
            heads { client, url ->
                client.get(url)
                client.get(url) { header(HttpHeaders.Host, "example.org") }
            }.map { head ->
                head.lines().filter { it.startsWith("Host") }.map { it.replace(Regex("\\d{4,}"), "port") }
            } shouldContainExactly
                listOf(listOf("Host: 127.0.0.1:port"), listOf("Host: example.org"))
        }

        test("fields of one name are merged, and those about the body are the body's") {
            val (merged, text, empty, get) =
                heads { client, url ->
                    client.get(url) {
                        header("X-Many", "a")
                        header("X-Many", "b")
                        header(HttpHeaders.Cookie, "c=1")
                        header(HttpHeaders.Cookie, "d=2")
                    }
                    client.post(url) {
                        header(HttpHeaders.ContentLength, "99")
                        setBody(TextContent("äh", ContentType.Text.Html))
                    }
                    client.post(url) { contentType(ContentType.Application.Json) }
                    client.get(url) { header(HttpHeaders.Expect, "100-continue") }
                }.map { it.trimEnd().lines() }
            merged shouldContainAll listOf("X-Many: a,b", "Cookie: c=1; d=2", "User-Agent: ktor-client", "Accept: */*")
            text shouldContainAll listOf("Content-Length: 3", "Content-Type: text/html")
            text.filter { it.startsWith("Transfer-Encoding") || it.startsWith("Content-Length: 9") } shouldBe emptyList()
            empty shouldContainAll listOf("Content-Length: 0", "Content-Type: application/json")
            get.filter { it.startsWith("Expect") || it.startsWith("Content") } shouldBe emptyList()
        }

        test("what would end a header field is refused before anything is sent") {
            heads { client, url ->
                shouldThrow<IllegalArgumentException> { client.get(url) { headers.appendAll("X-A", listOf("b\r\nX-Evil: c")) } }
                shouldThrow<IllegalArgumentException> { client.request(url) { method = HttpMethod("GET / HTTP/1.1\r\nX") } }
            } shouldBe emptyList()
        }

        test("the answer to HEAD has no body, whatever its length says, and the connection is kept") {
            var connections = 0
            withPeer({ reader, writer ->
                connections++
                while (true) {
                    val head = reader.head()
                    if (head.startsWith("HEAD")) writer.say("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n") else writer.answer()
                }
            }) { client, port ->
                val url = "http://127.0.0.1:$port"
                repeat(3) {
                    val response = client.head(url)
                    response.headers[HttpHeaders.ContentLength] shouldBe "1000"
                    response.bodyAsBytes().size shouldBe 0
                }
                client.get(url).bodyAsText() shouldBe "hi"
                connections shouldBe 1
            }
        }

        test("answers without a body: 204 and 304") {
            withPeer({ reader, writer ->
                while (true) {
                    val status = reader.head().substringAfter('/').substringBefore(' ')
                    writer.say("HTTP/1.1 $status Nothing\r\nETag: \"x\"\r\n\r\n")
                }
            }) { client, port ->
                for (status in listOf(204, 304, 204)) {
                    val response = client.get("http://127.0.0.1:$port/$status")
                    response.status shouldBe HttpStatusCode(status, "Nothing")
                    response.bodyAsText() shouldBe ""
                }
            }
        }

        test("answers that only announce another one are passed over") {
            withPeer({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
                writer.answer()
            }) { client, port -> client.get("http://127.0.0.1:$port").bodyAsText() shouldBe "hi" }
        }

        test("headers of the answer: any case, several of one name, long ones") {
            val long = "x".repeat(20_000)
            withPeer({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 200 Fine by me\r\ncontent-length: 2\r\nset-COOKIE: a=1\r\nSet-Cookie: b=2\r\nX-Long: $long\r\n\r\nhi")
            }) { client, port ->
                val response = client.get("http://127.0.0.1:$port")
                response.status.description shouldBe "Fine by me"
                response.headers.getAll(HttpHeaders.SetCookie) shouldBe listOf("a=1", "b=2")
                response.headers["x-long"] shouldBe long
                response.headers.getAll("missing") shouldBe null
                response.headers.names().map { it.lowercase() } shouldContainExactly listOf("content-length", "set-cookie", "x-long")
            }
        }

        test("an answer of HTTP/1.0 ends with its connection") {
            var connections = 0
            withPeer({ reader, writer ->
                connections++
                reader.head()
                writer.say("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end")
                writer.close()
            }) { client, port ->
                repeat(2) {
                    val response = client.get("http://127.0.0.1:$port")
                    response.version shouldBe HttpProtocolVersion.HTTP_1_0
                    response.bodyAsText() shouldBe "until the end"
                }
                connections shouldBe 2
            }
        }

        test("an answer that breaks the rules, or breaks off, is an exception that says what was wrong and whose it was") {
            val broken =
                mapOf(
                    "" to "the connection ended before the response",
                    "HTTP/1.1 200 OK\r\nContent-Le" to "the connection ended in the middle of a head",
                    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nContent" to "the connection ended",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nTest\r\n" to "the connection ended",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n" to "chunk",
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi" to "there is more than one Content-Length",
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nhi" to
                        "there are both a Content-Length and a Transfer-Encoding",
                    "HTTP/1.1 200 OK\r\nContent-Length: 5\u0000\r\n\r\nhello" to "",
                    "ICY 200 OK\r\n\r\n" to "",
                    "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi" to "",
                    "HTTP/1.1 200 OK\r\nX-A: ${"x".repeat(40_000)}\r\n\r\n" to "",
                )
            var next = ""
            withPeer({ reader, writer ->
                reader.head()
                writer.say(next)
                writer.close()
            }) { client, port ->
                for ((answer, problem) in broken) {
                    next = answer
                    val failure = shouldThrow<IOException> { client.get("http://127.0.0.1:$port") }
                    (failure is BadMessageException || failure is IncompleteMessageException) shouldBe true
                    failure.message shouldContain problem
                    failure.message shouldContain ", from /127.0.0.1:$port"
                }
            }
        }

        test("bytes that nobody asked for close a kept connection") {
            var connections = 0
            withPeer({ reader, writer ->
                connections++
                reader.head()
                writer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
                reader.head()
                writer.answer("evil")
            }) { client, port ->
                repeat(3) { client.get("http://127.0.0.1:$port").bodyAsText() shouldBe "hi" }
                connections shouldBe 3
            }
        }

        test("redirects are followed, and bodies of those that redirect are skipped") {
            withCio({
                routing {
                    get("/") { call.respondRedirect("/next") }
                    get("/next") { call.respondRedirect("end?x=%2F") }
                    get("/end") { call.respondText("end of ${call.request.queryParameters["x"]}") }
                }
            }) { client, port ->
                client.get("http://127.0.0.1:$port").bodyAsText() shouldBe "end of /"
                client.config { followRedirects = false }.get("http://127.0.0.1:$port").status shouldBe HttpStatusCode.Found
            }
        }

        test("Ktor's own retries see the failures that they know") {
            var asked = 0
            withPeer({ reader, writer ->
                reader.head()
                if (asked++ < 2) writer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nTe") else writer.answer()
                writer.close()
            }, {
                install(HttpRequestRetry) {
                    retryOnException(maxRetries = 3)
                    constantDelay(1, 0)
                }
            }) { client, port -> client.get("http://127.0.0.1:$port").bodyAsText() shouldBe "hi" }
            asked shouldBe 3
        }

        test("a server that begins late is found as soon as it is there") {
            onLoop {
                val free = startServer("127.0.0.1", 0) { _, _ -> }
                val port = free.port
                free.aclose()
                HttpClient(Simul).use { client ->
                    shouldThrow<java.net.ConnectException> { client.get("http://127.0.0.1:$port") }
                    val server =
                        startServer("127.0.0.1", port) { reader, writer ->
                            reader.head()
                            writer.answer()
                            writer.close()
                        }
                    client.get("http://127.0.0.1:$port").bodyAsText() shouldBe "hi"
                    server.aclose()
                }
            }
        }

        test("a name that is unknown is an exception that names it, and costs no connection") {
            onLoop {
                HttpClient(Simul) { engine { connector = dev.simul.http.HttpConnectorOptions(limit = 1) } }.use { client ->
                    repeat(3) {
                        shouldThrow<IOException> { client.get("http://nobody.invalid/") }.message shouldContain "nobody.invalid"
                    }
                }
            }
        }

        test("what the engine lacks is refused by name") {
            fun refusal(configure: SimulClientConfig.() -> Unit) =
                shouldThrow<IllegalArgumentException> { HttpClient(Simul) { engine(configure) } }.message!!
            refusal { pipelining = true } shouldContain "pipelining"
            refusal { dispatcher = Dispatchers.IO } shouldContain "dispatcher"
            refusal { proxy = ProxyBuilder.socks("localhost", 1080) } shouldContain "HTTP proxies only"
            onLoop {
                HttpClient(Simul).use { client ->
                    shouldThrow<IllegalArgumentException> { client.get("ftp://localhost/") }.message shouldContain "not ftp"
                }
            }
        }

        test("a body in chunks may be followed by fields, which do not become headers") {
            withPeer({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n")
                reader.head()
                writer.answer("again")
            }) { client, port ->
                val response = client.get("http://127.0.0.1:$port")
                response.bodyAsText() shouldBe "hi"
                response.headers["X-Sum"] shouldBe null
                client.get("http://127.0.0.1:$port").bodyAsText() shouldBe "again"
            }
        }
    })
