// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.createTask
import dev.simul.gather
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.net.Resolver
import dev.simul.net.Server
import dev.simul.net.resolver
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.startServer
import dev.simul.sync.Event
import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.SocketTimeoutException
import java.net.UnknownHostException
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

private val Server.port get() = (addresses.single() as InetSocketAddress).port

private val HOST = Headers.of("Host" to "x")
private val GET = RequestHead("GET", "/", HOST)
private val POST = RequestHead("POST", "/", HOST)

/** Runs [body] with a server whose connections are [serve]d, and with what connects to it. */
private fun withPeer(
    serve: suspend (StreamReader, StreamWriter) -> Unit,
    options: HttpConnectorOptions = HttpConnectorOptions(),
    body: suspend EventLoop.(HttpConnector, HttpRoute) -> Unit,
) = onLoop {
    val server = startServer("127.0.0.1", 0) { reader, writer -> serve(reader, writer) }
    val connector = HttpConnector(this, options)
    try {
        body(connector, HttpRoute("127.0.0.1", server.port))
    } finally {
        connector.close()
        server.abortClients()
        server.aclose()
    }
}

/** Runs [body] with a server that answers by [handler], and with what connects to it. */
private fun withConnector(
    handler: suspend (ServerExchange) -> Unit,
    options: HttpConnectorOptions = HttpConnectorOptions(),
    body: suspend EventLoop.(HttpConnector, HttpRoute) -> Unit,
) = withServer(handler) { port -> HttpConnector(this, options).use { body(it, HttpRoute("127.0.0.1", port)) } }

private suspend fun StreamReader.head() = readuntil("\r\n\r\n".toByteArray()).decodeToString()

private suspend fun HttpConnector.text(
    route: HttpRoute,
    head: RequestHead = GET,
    body: RequestBody = RequestBody.EMPTY,
) = request(route, head, body).body.read().decodeToString()

/** A body of these parts, whose length is not known before. */
private fun parts(vararg parts: suspend () -> String) =
    object : RequestBody() {
        override suspend fun writeTo(writer: BodyWriter) {
            for (part in parts) writer.write(ByteBuffer.wrap(part().toByteArray()))
        }
    }

class HttpConnectorTest :
    FunSpec({
        test("a connection is kept, and used again") {
            withConnector({ it.respond(ResponseHead(200), ByteBuffer.wrap("hi".toByteArray())) }) { connector, route ->
                repeat(3) { connector.text(route) shouldBe "hi" }
                connector.size shouldBe 1
                connector.idleSize shouldBe 1
            }
        }

        test("requests beyond the limit wait, and get connections in the order of their arrival") {
            val served = ArrayList<String>()
            withConnector({
                served += it.request.target
                it.respond(ResponseHead(200), ByteBuffer.wrap("hi".toByteArray()))
            }, HttpConnectorOptions(limit = 2)) { connector, route ->
                val requests = List(10) { number -> suspend { connector.text(route, RequestHead("GET", "/$number", HOST)) } }
                gather(*requests.map { request -> createTask { request() } }.toTypedArray()).await()
                served.map { it.drop(1).toInt() }.sorted() shouldContainExactly (0..9).toList()
                served.drop(2) shouldContainExactly (2..9).map { "/$it" }
                connector.size shouldBe 2
            }
        }

        test("a limit for all routes closes the connection that was idle for the longest time") {
            withConnector({ it.respond(ResponseHead(200)) }, HttpConnectorOptions(limit = 1)) { connector, route ->
                val other = HttpRoute("localhost", route.port)
                repeat(2) {
                    connector.text(route)
                    connector.text(other)
                }
                connector.size shouldBe 1
                val answers = (0..5).map { number -> createTask { connector.text(if (number % 2 == 0) route else other) } }
                gather(*answers.toTypedArray()).await()
                connector.size shouldBe 1
            }
        }

        test("code that goes on in place, in the middle of the end of another request, keeps the connection that it got there") {
            withPeer({ reader, writer ->
                while (true) {
                    val isHead = reader.head().startsWith("HEAD")
                    writer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${if (isHead) "" else "hi"}".toByteArray())
                }
            }, HttpConnectorOptions(limit = 1)) { connector, route ->
                val head = createTask { connector.request(route, RequestHead("HEAD", "/", HOST)) }
                while (connector.size == 0) sleep(0.seconds)
                val inPlace = List(3) { CoroutineScope(Dispatchers.Unconfined).async { connector.text(route) } }
                head.await().head.status shouldBe 200
                inPlace.awaitAll() shouldBe listOf("hi", "hi", "hi")
                connector.size shouldBe 1
            }
        }

        test("the end of a closed connector can be awaited, and a silence is not repeated") {
            var asked = 0
            withPeer({ reader, writer ->
                reader.head()
                asked++
                writer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${if (asked == 1) "hi" else ""}".toByteArray())
                reader.head()
                asked++
                reader.read()
                writer.close()
            }) { connector, route ->
                connector.text(route)
                val silence = RequestOptions(socketTimeout = 20.milliseconds)
                shouldThrow<SocketTimeoutException> { connector.request(route, GET, options = silence) }
                asked shouldBe 2
                val response = connector.request(route, GET)
                connector.close()
                val closed = createTask { connector.waitClosed() }
                sleep(0.seconds)
                closed.done() shouldBe false
                response.abort()
                closed.await()
                connector.size shouldBe 0
            }
        }

        test("the end of a closed connector is that of its idle connections, too") {
            withConnector({ it.respond(ResponseHead(200)) }) { connector, route ->
                connector.text(route)
                connector.idleSize shouldBe 1
                connector.close()
                connector.idleSize shouldBe 0
                connector.size shouldBe 1
                connector.waitClosed()
                connector.size shouldBe 0
            }
        }

        test("a request that waits and is cancelled leaves the connection to the next one") {
            val gate = Event()
            withConnector({
                gate.wait()
                it.respond(ResponseHead(200), ByteBuffer.wrap("hi".toByteArray()))
            }, HttpConnectorOptions(limit = 1)) { connector, route ->
                val first = createTask { connector.text(route) }
                while (connector.size == 0) sleep(0.seconds)
                val second = createTask { connector.text(route) }
                val third = createTask { connector.text(route) }
                sleep(0.seconds)
                second.cancel()
                gate.set()
                first.await() shouldBe "hi"
                third.await() shouldBe "hi"
                shouldThrow<CancellationException> { second.await() }
                connector.size shouldBe 1
            }
        }

        test("a cancelled request closes its connection at once") {
            var ends = 0
            val asked = Event()
            withPeer({ reader, writer ->
                reader.head()
                asked.set()
                if (reader.read().isEmpty()) ends++
                writer.close()
            }) { connector, route ->
                val request = createTask { connector.request(route, GET) }
                asked.wait()
                request.cancel()
                shouldThrow<CancellationException> { request.await() }
                while (connector.size > 0) sleep(0.seconds)
                while (ends == 0) sleep(1.milliseconds)
            }
        }

        test("a kept connection that the server closes is not used again") {
            withPeer({ reader, writer ->
                reader.head()
                writer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi".toByteArray())
                writer.close()
            }) { connector, route ->
                repeat(3) {
                    connector.text(route) shouldBe "hi"
                    while (connector.size > 0) sleep(0.seconds)
                }
            }
        }

        test("a request that a kept connection has lost is repeated on a new one if its method allows that") {
            var connections = 0
            withPeer({ reader, writer ->
                val isFirst = connections++ == 0
                reader.head()
                writer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi".toByteArray())
                if (isFirst) reader.head() // The second request gets no answer.
                writer.close()
            }) { connector, route ->
                connector.text(route) shouldBe "hi"
                connector.text(route) shouldBe "hi"
                connections shouldBe 2
            }
            connections = 0
            withPeer({ reader, writer ->
                connections++
                reader.head()
                writer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi".toByteArray())
                reader.head()
                writer.close()
            }) { connector, route ->
                connector.text(route) shouldBe "hi"
                val failure = shouldThrow<IncompleteMessageException> { connector.text(route, POST) }
                failure.message shouldContain "the connection ended before the response, from /127.0.0.1:"
                connections shouldBe 1
            }
        }

        test("a body of unknown length goes in chunks, with trailers, while the response comes") {
            withConnector({ exchange ->
                val writer = exchange.respondStreaming(ResponseHead(200))
                val buffer = ByteBuffer.allocate(10)
                while (exchange.body.read(buffer.clear()) >= 0) writer.write(buffer.flip())
                writer.finish(exchange.body.trailers)
            }) { connector, route ->
                val answered = Event()
                val body =
                    object : RequestBody() {
                        override suspend fun writeTo(writer: BodyWriter) {
                            writer.write(ByteBuffer.wrap("ping".toByteArray()))
                            answered.wait()
                            writer.write(ByteBuffer.wrap("pong".toByteArray()))
                        }

                        override fun trailers() = Headers.of("checksum" to "1")
                    }
                val response = connector.request(route, POST, body)
                val buffer = ByteBuffer.allocate(10)
                response.body.read(buffer)
                String(buffer.array(), 0, buffer.position()) shouldBe "ping"
                answered.set()
                response.body.read().decodeToString() shouldBe "pong"
                response.body.trailers["checksum"] shouldBe "1"
                connector.idleSize shouldBe 1
            }
        }

        test("a server that answers before it has the whole body ends it") {
            withPeer({ reader, writer ->
                reader.head()
                writer.write("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno".toByteArray())
            }) { connector, route ->
                val never = Event()
                val cancelled = Event()
                val body =
                    parts({ "a" }, {
                        try {
                            never.wait()
                            ""
                        } finally {
                            cancelled.set()
                        }
                    })
                val response = connector.request(route, POST, body)
                response.head.status shouldBe 413
                response.body.read().decodeToString() shouldBe "no"
                cancelled.wait()
                while (connector.size > 0) sleep(0.seconds)
            }
        }

        test("a body that fails fails the request, and closes the connection") {
            withConnector({
                it.body.read()
                it.respond(ResponseHead(200))
            }) { connector, route ->
                val failure = shouldThrow<IllegalStateException> { connector.request(route, POST, parts({ "a" }, { error("no more") })) }
                failure.message shouldBe "no more"
                while (connector.size > 0) sleep(0.seconds)
            }
        }

        test("a body waits until the server asks for it, or for a while") {
            withConnector({
                it.respond(ResponseHead(200), ByteBuffer.wrap(it.body.read()))
            }) { connector, route ->
                val head = RequestHead("POST", "/", Headers.of("Host" to "x", "Expect" to "100-continue"))
                connector.text(route, head, RequestBody.of("hello".toByteArray())) shouldBe "hello"
                connector.text(route, head, parts({ "hel" }, { "lo" })) shouldBe "hello"
                connector.idleSize shouldBe 1
            }
            withConnector({ it.respond(ResponseHead(417)) }) { connector, route ->
                val head = RequestHead("POST", "/", Headers.of("Host" to "x", "Expect" to "100-continue"))
                connector.request(route, head, RequestBody.of("hello".toByteArray())).head.status shouldBe 417
                while (connector.size > 0) sleep(0.seconds)
            }
            withPeer({ reader, writer ->
                reader.head()
                reader.readexactly(5)
                writer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".toByteArray())
            }, HttpConnectorOptions(expectContinueTimeout = 10.milliseconds)) { connector, route ->
                val head = RequestHead("POST", "/", Headers.of("Host" to "x", "Expect" to "100-continue"))
                connector.request(route, head, RequestBody.of("hello".toByteArray())).head.status shouldBe 200
            }
        }

        test("a response that does not come in time is an error") {
            withPeer({ reader, writer ->
                reader.head()
                writer.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhi".toByteArray())
                reader.head()
            }) { connector, route ->
                val response = connector.request(route, GET, options = RequestOptions(socketTimeout = 50.milliseconds))
                val failure = shouldThrow<SocketTimeoutException> { response.body.read() }
                failure.message shouldContain "for 50ms"
                while (connector.size > 0) sleep(0.seconds)
            }
        }

        test("an upgrade gives both directions of the connection") {
            withPeer({ reader, writer ->
                reader.head()
                writer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\nhello".toByteArray())
                writer.write(reader.read())
                writer.close()
            }) { connector, route ->
                val response = connector.request(route, GET)
                val buffer = ByteBuffer.allocate(5)
                while (buffer.hasRemaining()) response.body.read(buffer)
                buffer.array().decodeToString() shouldBe "hello"
                response.writer!!.write(ByteBuffer.wrap("bye".toByteArray()))
                response.close()
                while (connector.size > 0) sleep(0.seconds)
            }
        }

        test("a proxy gets the whole URL, or is asked for a tunnel") {
            val heads = ArrayList<String>()
            withPeer({ reader, writer ->
                val head = reader.head().also(heads::add)
                if (head.startsWith("CONNECT")) {
                    writer.write("HTTP/1.1 200 OK\r\n\r\n".toByteArray())
                    heads += reader.head()
                }
                writer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi".toByteArray())
            }) { connector, peer ->
                val credentials = Headers.of("Proxy-Authorization" to "Basic YTpi")
                val proxy = HttpProxy(peer.host, peer.port, credentials)
                connector.text(HttpRoute("example.org", 80, proxy = proxy)) shouldBe "hi"
                val tunnel = HttpProxy(peer.host, peer.port, credentials, tunnels = true)
                connector.text(HttpRoute("example.org", 80, proxy = tunnel)) shouldBe "hi"
                heads shouldContainExactly
                    listOf(
                        "GET http://example.org/ HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic YTpi\r\n\r\n",
                        "CONNECT example.org:80 HTTP/1.1\r\nHost: example.org:80\r\nProxy-Authorization: Basic YTpi\r\n\r\n",
                        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                    )
            }
        }

        test("a proxy may refuse a tunnel") {
            withPeer({ reader, writer ->
                reader.head()
                writer.write("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n".toByteArray())
            }) { connector, peer ->
                val route = HttpRoute("example.org", 80, proxy = HttpProxy(peer.host, peer.port, tunnels = true))
                val failure = shouldThrow<ProxyException> { connector.text(route) }
                failure.response.status shouldBe 407
                failure.message shouldBe "the proxy refused a tunnel to $route: 407 Who are you"
                while (connector.size > 0) sleep(0.seconds)
            }
        }

        test("a connection that its proxy has refused to tunnel serves nobody else") {
            val asked = ArrayList<String>()
            withPeer({ reader, writer ->
                while (true) {
                    asked += reader.head().substringBefore(' ')
                    writer.write("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n".toByteArray())
                }
            }, HttpConnectorOptions(limit = 1)) { connector, peer ->
                val route = HttpRoute("example.org", 80, proxy = HttpProxy(peer.host, peer.port, tunnels = true))
                val requests = List(3) { createTask { shouldThrow<ProxyException> { connector.text(route) } } }
                gather(*requests.toTypedArray()).await()
                asked shouldContainExactly List(3) { "CONNECT" }
            }
        }

        test("what a proxy says beyond its answer does not pass for the server's") {
            withPeer({ reader, writer ->
                reader.head()
                writer.write("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil".toByteArray())
            }) { connector, peer ->
                val route = HttpRoute("example.org", 80, proxy = HttpProxy(peer.host, peer.port, tunnels = true))
                val failure = shouldThrow<BadMessageException> { connector.text(route) }
                failure.message shouldContain "a proxy sent more than its answer to CONNECT, from /127.0.0.1:"
                while (connector.size > 0) sleep(0.seconds)
            }
        }

        test("a head with a length of its own takes no connection") {
            withConnector({ it.respond(ResponseHead(200)) }, HttpConnectorOptions(limit = 1)) { connector, route ->
                val head = RequestHead("POST", "/", Headers.of("Host" to "x", "Content-Length" to "2"))
                val failure = shouldThrow<IllegalArgumentException> { connector.request(route, head, RequestBody.of("hi".toByteArray())) }
                failure.message shouldContain "says how long the body is"
                connector.size shouldBe 0
                connector.text(route) shouldBe ""
            }
        }

        test("a server may answer before it has read a body that is in memory") {
            withPeer({ reader, writer ->
                reader.head()
                writer.write("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno".toByteArray())
                Event().wait()
            }) { connector, route ->
                val response = connector.request(route, POST, RequestBody.of(ByteArray(32 * 1024 * 1024)))
                response.head.status shouldBe 413
                response.body.read().decodeToString() shouldBe "no"
                while (connector.size > 0) sleep(0.seconds)
            }
        }

        test("a response that its caller does not read is not a silence of the server") {
            runTest(MemoryNetwork()) {
                val loop = getRunningLoop()
                val server = loop.createHttpServer("127.0.0.1", 80) { it.respond(ResponseHead(200), ByteBuffer.allocate(1_000_000)) }
                HttpConnector().use { connector ->
                    val options = RequestOptions(socketTimeout = 1.seconds)
                    val response = connector.request(HttpRoute("127.0.0.1", 80), GET, options = options)
                    sleep(10.seconds)
                    response.body.read().size shouldBe 1_000_000
                }
                server.aclose()
            }
        }

        test("a look-up that fails when nobody waits for it any more is not reported") {
            val reports = ArrayList<ExceptionContext>()
            withConnector({ it.respond(ResponseHead(200)) }) { connector, peer ->
                exceptionHandler = ExceptionHandler { _, report -> reports += report }
                val asked = Event()
                resolver =
                    Resolver {
                        asked.set()
                        sleep(5.milliseconds)
                        throw UnknownHostException("example.org")
                    }
                val route = HttpRoute("example.org", peer.port)
                val left = createTask { connector.text(route) }
                asked.wait()
                left.cancel()
                shouldThrow<CancellationException> { left.await() }
                shouldThrow<UnknownHostException> { connector.text(route) }
            }
            System.gc()
            reports shouldBe emptyList()
        }

        test("a name is looked up once for all who ask at the same time, and kept for a while") {
            var lookUps = 0
            withConnector({ it.respond(ResponseHead(200)) }) { connector, peer ->
                resolver =
                    Resolver {
                        lookUps++
                        sleep(5.milliseconds)
                        listOf(InetAddress.getByName("127.0.0.1"))
                    }
                val route = HttpRoute("example.org", peer.port)
                gather(*Array(5) { createTask { connector.text(route) } }).await()
                connector.size shouldBe 5
                lookUps shouldBe 1
            }
        }

        test("a connection that is not made in time is an error, and leaves nothing") {
            withConnector({ }, HttpConnectorOptions(connectTimeout = 20.milliseconds)) { connector, peer ->
                resolver =
                    Resolver {
                        sleep(60.seconds)
                        emptyList()
                    }
                val failure = shouldThrow<ConnectTimeoutException> { connector.text(HttpRoute("example.org", peer.port)) }
                failure.message shouldBe "no connection to http://example.org:${peer.port} within 20ms"
                connector.size shouldBe 0
            }
        }

        test("a closed connector closes what is idle, lets others end, and fails who waits") {
            val gate = Event()
            withConnector({
                gate.wait()
                it.respond(ResponseHead(200), ByteBuffer.wrap("hi".toByteArray()))
            }, HttpConnectorOptions(limit = 1)) { connector, route ->
                val first = createTask { connector.text(route) }
                while (connector.size == 0) sleep(0.seconds)
                val second = createTask { connector.text(route) }
                sleep(10.milliseconds)
                connector.close()
                shouldThrow<IllegalStateException> { second.await() }.message shouldBe "the connector was closed"
                gate.set()
                first.await() shouldBe "hi"
                while (connector.size > 0) sleep(0.seconds)
                shouldThrow<IllegalStateException> { connector.text(route) }.message shouldBe "the connector is closed"
            }
        }

        test("nobody is there to connect to") {
            withConnector({ }) { connector, _ ->
                val free = startServer("127.0.0.1", 0) { _, _ -> }
                val route = HttpRoute("127.0.0.1", free.port)
                free.aclose()
                shouldThrow<IOException> { connector.text(route) }
                connector.size shouldBe 0
            }
        }
    })
