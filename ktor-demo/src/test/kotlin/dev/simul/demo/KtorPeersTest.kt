// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import dev.simul.aclosing
import dev.simul.coroutine
import dev.simul.createTask
import dev.simul.gather
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.net.Server
import dev.simul.net.createServer
import dev.simul.peers.HttpMessage
import dev.simul.peers.LOOPBACK
import dev.simul.peers.readHttp
import dev.simul.peers.startHttpServer
import dev.simul.peers.writeHttp
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.timeout
import dev.simul.transports.Protocol
import dev.simul.transports.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.client.request.get
import io.ktor.client.request.header
import io.ktor.client.request.prepareGet
import io.ktor.client.request.put
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsBytes
import io.ktor.client.statement.bodyAsChannel
import io.ktor.client.statement.bodyAsText
import io.ktor.http.HttpHeaders
import io.ktor.http.content.OutgoingContent
import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.TcpSocketBuilder
import io.ktor.network.sockets.aSocket
import io.ktor.network.sockets.openReadChannel
import io.ktor.network.sockets.openWriteChannel
import io.ktor.network.sockets.port
import io.ktor.server.request.receive
import io.ktor.server.response.respondBytes
import io.ktor.server.response.respondBytesWriter
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.put
import io.ktor.server.routing.routing
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.readAvailable
import io.ktor.utils.io.toByteArray
import io.ktor.utils.io.writeFully
import kotlinx.coroutines.Dispatchers
import java.io.ByteArrayOutputStream
import java.net.InetSocketAddress
import java.net.URI
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

private const val LARGE = 5_000_000

/** Ktor and our streams at the two ends of a connection. */
class KtorPeersTest :
    FunSpec({
        fun pattern(size: Int) = ByteArray(size) { (it % 251).toByte() }

        fun onLoop(block: suspend (EventLoop) -> Unit) = runLoop { timeout(60.seconds) { block(getRunningLoop()) } }

        for (engine in Engine.entries) {
            context("Ktor's server on $engine") {
                /** A server that echoes, and answers in several manners. */
                fun newServer() =
                    LocalServer(engine = engine) {
                        routing {
                            put("/echo") { call.respondBytes(call.receive<ByteArray>()) }
                            get("/chunks") { call.respondBytesWriter { writeFully(pattern(LARGE)) } }
                            get("/name/{name}") { call.respondText("hello, ${call.parameters["name"]}") }
                        }
                    }

                /** Runs [block] with a way to connect to such a server. */
                fun withServer(block: suspend (connected: suspend (suspend (StreamReader, StreamWriter) -> Unit) -> Unit) -> Unit) =
                    onLoop {
                        aclosing(newServer()) { server ->
                            val port = URI(server.start()).port
                            block { talk ->
                                val (reader, writer) = openConnection(LOOPBACK, port)
                                aclosing(writer) { talk(reader, writer) }
                            }
                        }
                    }

                fun get(target: String) = HttpMessage("GET $target HTTP/1.1", mapOf("host" to LOOPBACK))

                fun put(body: ByteArray) = HttpMessage("PUT /echo HTTP/1.1", mapOf("host" to LOOPBACK), body)

                test("echoes what comes by one connection, in chunks and with its length") {
                    withServer { connected ->
                        connected { reader, writer ->
                            for (size in listOf(1, 1000, LARGE)) {
                                for (chunked in listOf(false, true)) {
                                    val writing = createTask { writer.writeHttp(put(pattern(size)), chunked) }
                                    val response = reader.readHttp()!!
                                    response.status shouldBe 200
                                    response.body.contentEquals(pattern(size)) shouldBe true
                                    writing.await()
                                }
                            }
                        }
                    }
                }

                test("sends chunks") {
                    withServer { connected ->
                        connected { reader, writer ->
                            writer.writeHttp(get("/chunks"))
                            val response = reader.readHttp()!!
                            response.headers["transfer-encoding"] shouldBe "chunked"
                            response.body.contentEquals(pattern(LARGE)) shouldBe true
                        }
                    }
                }

                test("answers requests in order that are sent without waiting for answers") {
                    withServer { connected ->
                        connected { reader, writer ->
                            val numbers = 0 until 100
                            val asking = createTask { for (number in numbers) writer.writeHttp(get("/name/$number")) }
                            numbers.map { reader.readHttp()!!.text } shouldContainExactly numbers.map { "hello, $it" }
                            asking.await()
                        }
                    }
                }

                test("answers many at once") {
                    withServer { connected ->
                        gather(
                            List(50) { number ->
                                coroutine {
                                    connected { reader, writer ->
                                        repeat(10) {
                                            writer.writeHttp(get("/name/$number-$it"))
                                            reader.readHttp()!!.text shouldBe "hello, $number-$it"
                                        }
                                    }
                                }
                            },
                        ).await()
                    }
                }

                test("closes when it was asked to") {
                    withServer { connected ->
                        connected { reader, writer ->
                            writer.writeHttp(HttpMessage("GET /name/you HTTP/1.1", mapOf("host" to LOOPBACK, "connection" to "close")))
                            reader.readHttp()!!.text shouldBe "hello, you"
                            reader.readHttp().shouldBeNull()
                        }
                    }
                }
            }

            context("Ktor's client on $engine") {
                fun ok(body: ByteArray) = HttpMessage("HTTP/1.1 200 OK", body = body)

                fun Server.url(path: String) = "http://$LOOPBACK:${(addresses.single() as InetSocketAddress).port}/$path"

                /** Runs [block] on the loop of the server that [start] makes. */
                fun withServer(
                    start: suspend () -> Server,
                    block: suspend (HttpClient, Server) -> Unit,
                ) = onLoop {
                    val server = start()
                    webClient(connections = 10, engine).use { block(it, server) }
                    server.aclose()
                }

                for (chunked in listOf(false, true)) {
                    test("gets back what it sends, from streams that answer ${if (chunked) "in chunks" else "with a length"}") {
                        withServer({ startHttpServer(chunked) { ok(it.body) } }) { client, server ->
                            for (size in listOf(0, 1, 1000, LARGE)) {
                                val response = client.put(server.url("echo")) { setBody(pattern(size)) }
                                response.bodyAsBytes().contentEquals(pattern(size)) shouldBe true
                            }
                        }
                    }
                }

                test("sends chunks, when it is told to continue") {
                    val requests = mutableListOf<HttpMessage>()
                    withServer({ startHttpServer { ok(it.also(requests::add).body) } }) { client, server ->
                        val response =
                            client.put(server.url("echo")) {
                                header(HttpHeaders.Expect, "100-continue")
                                setBody(
                                    object : OutgoingContent.WriteChannelContent() {
                                        override suspend fun writeTo(channel: ByteWriteChannel) = channel.writeFully(pattern(LARGE))
                                    },
                                )
                            }
                        response.bodyAsBytes().contentEquals(pattern(LARGE)) shouldBe true
                    }
                    requests.single().headers["transfer-encoding"] shouldBe "chunked"
                    requests.single().headers["expect"] shouldBe "100-continue"
                }

                test("has to wait for nobody while many ask at once") {
                    withServer({ startHttpServer { ok("hello, ${it.target}".encodeToByteArray()) } }) { client, server ->
                        val answers = gather(List(100) { coroutine { client.get(server.url("$it")).bodyAsText() } }).await()
                        answers shouldContainExactly List(100) { "hello, /$it" }
                    }
                }

                test("reads slowly, and the server waits") {
                    withServer({ startHttpServer { ok(pattern(LARGE)) } }) { client, server ->
                        val received = ByteArrayOutputStream()
                        client.prepareGet(server.url("large")).execute { response ->
                            val body = response.bodyAsChannel()
                            val part = ByteArray(10_000)
                            while (true) {
                                val count = body.readAvailable(part)
                                if (count < 0) break
                                received.write(part, 0, count)
                            }
                        }
                        received.toByteArray().contentEquals(pattern(LARGE)) shouldBe true
                    }
                }

                test("is told of a connection that breaks off in the middle of an answer") {
                    val start =
                        suspend {
                            startServer(LOOPBACK, 0) { reader, writer ->
                                reader.readHttp()
                                writer.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nfirst".encodeToByteArray())
                                writer.close()
                            }
                        }
                    withServer(start) { client, server ->
                        val failure = shouldThrow<Exception> { client.get(server.url("broken")) }
                        whyUnanswered(failure) shouldBe "the server closed the connection too early"
                    }
                }

                test("is answered by a protocol") {
                    withServer({ getRunningLoop().createServer(LOOPBACK, 0) { Greeting() } }) { client, server ->
                        repeat(20) { client.get(server.url("$it")).bodyAsText() shouldBe "hello, /$it" }
                        val answers = gather(List(20) { coroutine { client.get(server.url("$it")).bodyAsText() } }).await()
                        answers shouldContainExactly List(20) { "hello, /$it" }
                    }
                }
            }
        }

        context("Ktor's sockets") {
            /** Runs [block] with what makes and accepts Ktor's sockets, in Ktor's threads. */
            suspend fun withSockets(block: suspend (TcpSocketBuilder) -> Unit) =
                SelectorManager(Dispatchers.IO).use { block(aSocket(it).tcp()) }

            test("answer when the end of our stream has come") {
                onLoop {
                    withSockets { sockets ->
                        sockets.bind(LOOPBACK, 0).use { server ->
                            val serving =
                                createTask {
                                    server.accept().use { socket ->
                                        val received = socket.openReadChannel().toByteArray()
                                        socket.openWriteChannel().run {
                                            writeFully(received)
                                            flushAndClose()
                                        }
                                    }
                                }
                            val (reader, writer) = openConnection(LOOPBACK, server.port)
                            writer.write(pattern(LARGE))
                            writer.writeEof()
                            reader.read().contentEquals(pattern(LARGE)) shouldBe true
                            writer.aclose()
                            serving.await()
                        }
                    }
                }
            }

            test("get their bytes back from our streams, and their end") {
                onLoop {
                    val server =
                        startServer(LOOPBACK, 0) { reader, writer ->
                            while (!reader.atEof()) {
                                writer.write(reader.read(10_000))
                                writer.drain()
                            }
                            writer.close()
                        }
                    withSockets { sockets ->
                        sockets.connect(LOOPBACK, (server.addresses.single() as InetSocketAddress).port).use { socket ->
                            val writing =
                                createTask {
                                    val channel = socket.openWriteChannel()
                                    channel.writeFully(pattern(LARGE))
                                    channel.flushAndClose()
                                }
                            socket.openReadChannel().toByteArray().contentEquals(pattern(LARGE)) shouldBe true
                            writing.await()
                        }
                    }
                    server.aclose()
                }
            }
        }
    })

/** Answers requests that have no body. */
private class Greeting : Protocol {
    private lateinit var transport: Transport
    private var received = ""

    override fun connectionMade(transport: Transport) {
        this.transport = transport
    }

    override fun dataReceived(data: ByteArray) {
        received += data.decodeToString()
        while ("\r\n\r\n" in received) {
            val answer = "hello, ${received.split(" ")[1]}"
            received = received.substringAfter("\r\n\r\n")
            transport.write("HTTP/1.1 200 OK\r\ncontent-length: ${answer.length}\r\n\r\n$answer".encodeToByteArray())
        }
    }
}
