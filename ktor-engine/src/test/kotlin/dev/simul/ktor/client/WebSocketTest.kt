// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.createTask
import dev.simul.ktor.answer
import dev.simul.ktor.eventually
import dev.simul.ktor.head
import dev.simul.ktor.say
import dev.simul.ktor.withCio
import dev.simul.ktor.withCioServer
import dev.simul.ktor.withPeer
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.sync.Event
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.ktor.client.HttpClient
import io.ktor.client.plugins.HttpTimeout
import io.ktor.client.plugins.websocket.WebSocketException
import io.ktor.client.plugins.websocket.WebSockets
import io.ktor.client.plugins.websocket.webSocket
import io.ktor.client.plugins.websocket.webSocketSession
import io.ktor.client.request.get
import io.ktor.client.request.header
import io.ktor.client.statement.bodyAsText
import io.ktor.http.HttpHeaders
import io.ktor.server.application.install
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import io.ktor.server.websocket.webSocket
import io.ktor.websocket.CloseReason
import io.ktor.websocket.Frame
import io.ktor.websocket.close
import io.ktor.websocket.readBytes
import io.ktor.websocket.readText
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.ClosedReceiveChannelException
import kotlinx.coroutines.job
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.io.IOException
import java.security.MessageDigest
import java.util.Base64
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds

private fun io.ktor.server.application.Application.echo() {
    install(io.ktor.server.websocket.WebSockets)
    routing {
        get("/") { call.respondText("hi") }
        get("/500") { call.respondText("no", status = io.ktor.http.HttpStatusCode.InternalServerError) }
        webSocket("/echo") {
            for (frame in incoming) {
                if (frame is Frame.Text && frame.readText() == "close") return@webSocket close(CloseReason(4321, "as you like"))
                send(frame.copy())
            }
        }
        webSocket("/protocol", protocol = "chat") { send(Frame.Text("chat")) }
    }
}

/** Answers to the upgrade; returns its head. */
private suspend fun upgrade(
    reader: StreamReader,
    writer: StreamWriter,
): String {
    val head = reader.head()
    val key = Regex("(?i)Sec-WebSocket-Key: (.*)\r\n").find(head)!!.groupValues[1]
    val hash = MessageDigest.getInstance("SHA-1").digest("${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".toByteArray())
    val accept = Base64.getEncoder().encodeToString(hash)
    writer.say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: $accept\r\n\r\n")
    return head
}

/** The type and the content of the next frame of a client, which must be masked and short. */
private suspend fun StreamReader.frame(): Pair<Int, String> {
    val (first, second) = readexactly(2).map { it.toInt() and 0xff }
    (second and 0x80) shouldBe 0x80
    val mask = readexactly(4)
    val content = readexactly(second and 0x7f)
    return (first and 0xf) to ByteArray(content.size) { (content[it].toInt() xor mask[it % 4].toInt()).toByte() }.decodeToString()
}

private fun StreamWriter.frame(
    type: Int,
    content: ByteArray,
) = write(byteArrayOf((0x80 or type).toByte(), content.size.toByte()) + content)

class WebSocketTest :
    FunSpec({
        fun webSockets(configure: WebSockets.Config.() -> Unit = {}): io.ktor.client.HttpClientConfig<SimulClientConfig>.() -> Unit =
            { install(WebSockets, configure) }

        test("frames of any size go there and back") {
            withCio({ echo() }, webSockets()) { client, port ->
                client.webSocket("ws://127.0.0.1:$port/echo") {
                    repeat(100) {
                        send(Frame.Text("hello $it"))
                        (incoming.receive() as Frame.Text).readText() shouldBe "hello $it"
                    }
                    for (size in listOf(0, 1, 125, 126, 65_535, 65_536, 3_000_000)) {
                        val content = Random(size).nextBytes(size)
                        send(Frame.Binary(true, content))
                        (incoming.receive() as Frame.Binary).readBytes() shouldBe content
                    }
                }
                client.get("http://127.0.0.1:$port").bodyAsText() shouldBe "hi"
            }
        }

        test("many sessions at once, also of other threads, and requests between them") {
            withCioServer({ echo() }) { port ->
                HttpClient(Simul) { install(WebSockets) }.use { client ->
                    runBlocking(Dispatchers.Default) {
                        withTimeout(20_000) {
                            repeat(20) { number ->
                                kotlinx.coroutines.coroutineScope {
                                    client.webSocket("ws://127.0.0.1:$port/echo") {
                                        send(Frame.Text("$number"))
                                        client.get("http://127.0.0.1:$port").bodyAsText() shouldBe "hi"
                                        (incoming.receive() as Frame.Text).readText() shouldBe "$number"
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }

        test("who closes says why, and the other gets to know") {
            withCio({ echo() }, webSockets()) { client, port ->
                val session = client.webSocketSession("ws://127.0.0.1:$port/echo")
                session.send(Frame.Text("close"))
                withTimeout(5000) {
                    session.closeReason.await() shouldBe CloseReason(4321, "as you like")
                    session.coroutineContext.job.join()
                }
                shouldThrow<ClosedReceiveChannelException> { session.incoming.receive() }
            }
            val got = ArrayList<Pair<Int, String>>()
            var ended = false
            withPeer({ reader, writer ->
                upgrade(reader, writer)
                got += reader.frame()
                writer.frame(8, byteArrayOf(0x03, 0xe8.toByte()))
                ended = reader.read().isEmpty()
                writer.close()
            }, webSockets()) { client, port ->
                val session = client.webSocketSession("ws://127.0.0.1:$port/")
                session.close(CloseReason(4000, "bye"))
                withTimeout(5000) { session.coroutineContext.job.join() }
                eventually { ended }
                got.single() shouldBe (8 to "\u000f\ufffdbye")
            }
        }

        test("pings are answered, also those of a server that asks at once") {
            val frames = ArrayList<Pair<Int, String>>()
            withPeer({ reader, writer ->
                val head = upgrade(reader, writer)
                head shouldContain "X-Mine: yes"
                writer.frame(9, "are you there".toByteArray())
                frames += reader.frame()
                writer.frame(1, "go".toByteArray())
                frames += reader.frame()
                writer.close()
            }, webSockets()) { client, port ->
                client.webSocket("ws://127.0.0.1:$port/", { header("X-Mine", "yes") }) {
                    (incoming.receive() as Frame.Text).readText() shouldBe "go"
                }
            }
            frames shouldBe listOf(10 to "are you there", 8 to "\u0003\ufffd")
        }

        test("a client that pings in vain closes the session, and with it the connection") {
            var ended = false
            withPeer({ reader, writer ->
                upgrade(reader, writer)
                while (reader.read(1000).isNotEmpty()) Unit
                ended = true
                writer.close()
            }, webSockets { pingIntervalMillis = 30 }) { client, port ->
                val session = client.webSocketSession("ws://127.0.0.1:$port/")
                withTimeout(5000) { session.closeReason.await()!!.message } shouldContain "Ping timeout"
                eventually { ended }
            }
        }

        test("a connection that breaks off ends the session") {
            withPeer({ reader, writer ->
                upgrade(reader, writer)
                writer.frame(1, "last".toByteArray())
                writer.close()
            }, webSockets()) { client, port ->
                val session = client.webSocketSession("ws://127.0.0.1:$port/")
                (session.incoming.receive() as Frame.Text).readText() shouldBe "last"
                withTimeout(5000) {
                    shouldThrow<ClosedReceiveChannelException> { session.incoming.receive() }
                    session.coroutineContext.job.join()
                }
            }
        }

        test("cancelling the session, or its caller, closes the connection") {
            var ends = 0
            val there = Event()
            withPeer({ reader, writer ->
                upgrade(reader, writer)
                there.set()
                while (reader.read(1000).isNotEmpty()) Unit
                ends++
                writer.close()
            }, webSockets()) { client, port ->
                val session = client.webSocketSession("ws://127.0.0.1:$port/")
                session.cancel()
                eventually { ends == 1 }
                there.clear()
                val caller = createTask { client.webSocket("ws://127.0.0.1:$port/") { incoming.receive() } }
                there.wait()
                sleep(20.milliseconds)
                caller.cancel()
                shouldThrow<CancellationException> { caller.await() }
                eventually { ends == 2 }
                shouldThrow<IllegalStateException> { client.webSocket("ws://127.0.0.1:$port/") { error("no") } }.message shouldBe "no"
                eventually { ends == 3 }
            }
        }

        test("a server that reads nothing stops the sender, and the other way round") {
            val read = Event()
            var received = 0
            withPeer({ reader, writer ->
                upgrade(reader, writer)
                read.wait()
                while (true) received += reader.read(100_000).size.also { if (it == 0) return@withPeer writer.close() }
            }, webSockets { channels { outgoing = bounded(4) } }) { client, port ->
                var sent = 0
                val task =
                    createTask {
                        client.webSocket("ws://127.0.0.1:$port/") {
                            repeat(300) {
                                send(Frame.Binary(true, ByteArray(64 * 1024)))
                                sent++
                            }
                        }
                    }
                var before = -1
                while (before != sent) {
                    before = sent
                    sleep(50.milliseconds)
                }
                sent shouldBeLessThan 200
                read.set()
                task.await()
                sent shouldBe 300
            }
        }

        test("an answer other than 101 is an exception, and so are 101 for a request and a broken handshake") {
            withCio({ echo() }, webSockets()) { client, port ->
                shouldThrow<WebSocketException> { client.webSocket("ws://127.0.0.1:$port/500") {} }.message shouldBe
                    "Handshake exception, expected status code 101 but was 500"
                client.webSocket("ws://127.0.0.1:$port/protocol", { header(HttpHeaders.SecWebSocketProtocol, "chat") }) {
                    (incoming.receive() as Frame.Text).readText() shouldBe "chat"
                }
            }
            withPeer({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
            }) { client, port ->
                shouldThrow<IOException> { client.get("http://127.0.0.1:$port") }.message shouldContain "switched to another protocol"
            }
        }

        test("a frame that is too big is refused") {
            var refusal: Pair<Int, String>? = null
            withPeer({ reader, writer ->
                upgrade(reader, writer)
                writer.frame(2, ByteArray(100))
                refusal = reader.frame()
                reader.read()
                writer.close()
            }, webSockets { maxFrameSize = 99 }) { client, port ->
                client.webSocket("ws://127.0.0.1:$port/") {
                    shouldThrow<io.ktor.websocket.FrameTooBigException> { incoming.receive() }
                }
            }
            refusal!!.first shouldBe 8
            refusal.second shouldContain "too big"
        }

        test("the time limit of requests does not count for sessions") {
            withCio({ echo() }, {
                install(WebSockets)
                install(HttpTimeout) { requestTimeoutMillis = 30 }
            }) { client, port ->
                client.webSocket("ws://127.0.0.1:$port/echo") {
                    sleep(60.milliseconds)
                    send(Frame.Text("still"))
                    (incoming.receive() as Frame.Text).readText() shouldBe "still"
                }
            }
        }
    })
