// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.http.HttpServerOptions
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.timeout
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.ktor.http.Headers
import io.ktor.http.content.OutgoingContent
import io.ktor.server.application.install
import io.ktor.server.application.serverConfig
import io.ktor.server.engine.applicationEnvironment
import io.ktor.server.engine.connector
import io.ktor.server.engine.embeddedServer
import io.ktor.server.response.respond
import io.ktor.server.response.respondText
import io.ktor.server.routing.Route
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import io.ktor.server.websocket.WebSockets
import io.ktor.server.websocket.webSocket
import io.ktor.server.websocket.webSocketRaw
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.readFully
import io.ktor.utils.io.writeFully
import io.ktor.websocket.CloseReason
import io.ktor.websocket.Frame
import io.ktor.websocket.close
import io.ktor.websocket.readBytes
import io.ktor.websocket.readText
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.consumeEach
import kotlinx.coroutines.launch
import java.io.ByteArrayOutputStream
import java.net.URI
import java.net.http.WebSocket
import java.nio.ByteBuffer
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.CoroutineContext
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class WebSocketsTest :
    FunSpec({
        fun withWebSockets(
            routes: Route.() -> Unit,
            configure: SimulApplicationEngine.Configuration.() -> Unit = {},
            body: (Int) -> Unit,
        ) = withApplication({
            install(WebSockets) { maxFrameSize = 64 * 1024 * 1024 }
            routing(routes)
        }, configure, body)

        val upgrade =
            "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                "Sec-WebSocket-Version: 13\r\n\r\n"

        /** A frame without a mask, as a client must not send it, and as Ktor takes it. */
        fun frame(
            first: Int,
            content: String,
        ) = Char(first).toString() + Char(content.length).toString() + content

        test("a session begins, its frames go both ways, and it ends with a handshake of its own") {
            withWebSockets({
                webSocket("/") { for (frame in incoming) if (frame is Frame.Text) send(Frame.Text("echo ${frame.readText()}")) }
            }) { port ->
                RawConnection(port).use {
                    // The first frames come with the request for the session.
                    it.send(upgrade + frame(0x81, "one") + frame(0x81, "two"))
                    val head = it.head()
                    head shouldStartWith "HTTP/1.1 101 Switching Protocols\r\n"
                    for (header in listOf(
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                    )) {
                        head.split("\r\n$header\r\n").size shouldBe 2
                    }
                    String(it.bytes(10), Charsets.ISO_8859_1) shouldBe frame(0x81, "echo one")
                    String(it.bytes(10), Charsets.ISO_8859_1) shouldBe frame(0x81, "echo two")
                    it.send(frame(0x88, "\u0003\u00e8"))
                    it.rest() shouldBe frame(0x88, "\u0003\u00e8")
                }
            }
        }

        test("the JDK's client: text, pings, fragments and large messages, until it closes") {
            val reason = CompletableFuture<CloseReason?>()
            withWebSockets({
                webSocket("/") {
                    incoming.consumeEach {
                        when (it) {
                            is Frame.Text -> send(Frame.Text(it.readText().uppercase()))
                            is Frame.Binary -> send(Frame.Binary(true, it.readBytes()))
                            else -> Unit
                        }
                    }
                    reason.complete(closeReason.await())
                }
            }) { port ->
                val heard = Listener()
                val socket = client.newWebSocketBuilder().buildAsync(URI("ws://127.0.0.1:$port/"), heard).get(20, TimeUnit.SECONDS)
                socket.sendText("hello", true).join()
                heard.next() shouldBe "HELLO"
                socket.sendText("frag", false).join()
                socket.sendText("ments", true).join()
                heard.next() shouldBe "FRAGMENTS"
                socket.sendPing(ByteBuffer.wrap("p".toByteArray())).join()
                heard.next() shouldBe "pong p"
                val large = Random(1).nextBytes(5_000_000)
                socket.sendBinary(ByteBuffer.wrap(large), true).join()
                heard.next() shouldBe "${large.size} ${large.contentHashCode()}"
                socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").join()
                heard.next() shouldBe "closed 1000"
                reason.get(20, TimeUnit.SECONDS)?.message shouldBe "bye"
            }
        }

        test("many frames, in order, and a server that closes first") {
            withWebSockets({
                webSocket("/") {
                    repeat(10_000) { send(Frame.Text("$it")) }
                    close(CloseReason(CloseReason.Codes.TRY_AGAIN_LATER, "test"))
                }
            }) { port ->
                val heard = Listener()
                client.newWebSocketBuilder().buildAsync(URI("ws://127.0.0.1:$port/"), heard).get(20, TimeUnit.SECONDS)
                repeat(10_000) { heard.next() shouldBe "$it" }
                heard.next() shouldBe "closed 1013"
            }
        }

        test("a session is silent for as long as it likes, whatever the limits of requests are") {
            withWebSockets(
                { webSocket("/") { for (frame in incoming) send(frame.copy()) } },
                { http = HttpServerOptions(headerTimeout = 50.milliseconds, idleTimeout = 50.milliseconds, bodyTimeout = 50.milliseconds) },
            ) { port ->
                val heard = Listener()
                val socket = client.newWebSocketBuilder().buildAsync(URI("ws://127.0.0.1:$port/"), heard).get(20, TimeUnit.SECONDS)
                Thread.sleep(200)
                socket.sendText("still there", true).join()
                heard.next() shouldBe "still there"
                socket.abort()
            }
        }

        test("a client that breaks off ends its session, whatever that is doing") {
            val begun = LinkedBlockingQueue<String>()
            val ended = LinkedBlockingQueue<String>()

            suspend fun recorded(
                name: String,
                block: suspend () -> Unit,
            ) {
                begun += name
                try {
                    block()
                } finally {
                    ended += name
                }
            }
            withWebSockets({
                webSocket("/consuming") { recorded("consuming") { incoming.consumeEach {} } }
                webSocket("/sending") {
                    recorded("sending") {
                        while (true) {
                            send(Frame.Binary(true, ByteArray(10_000)))
                            flush() // Ktor queues without a limit what is not flushed
                        }
                    }
                }
                webSocketRaw("/raw") { recorded("raw") { for (frame in incoming) send(frame) } }
            }) { port ->
                for (name in listOf("consuming", "sending", "raw")) {
                    for (breakOff in listOf(RawConnection::reset, RawConnection::close)) {
                        val connection = RawConnection(port)
                        connection.send(upgrade.replace("GET /", "GET /$name"))
                        connection.head()
                        begun.poll(20, TimeUnit.SECONDS) shouldBe name
                        breakOff(connection)
                        ended.poll(20, TimeUnit.SECONDS) shouldBe name
                    }
                }
            }
        }

        test("frames that are malformed end the session by the reason") {
            withWebSockets({ webSocketRaw("/") { runCatching { for (frame in incoming) send(frame) } } }) { port ->
                RawConnection(port).use {
                    it.send(upgrade)
                    it.head()
                    it.send("\u0083\u0000")
                    val (first, _, high, low) = it.bytes(4).map { byte -> byte.toInt() and 0xFF }
                    listOf(first, high * 256 + low) shouldContainExactly listOf(0x88, 1002)
                }
            }
        }

        test("sessions end with the server") {
            val begun = CountDownLatch(1)
            val ended = CountDownLatch(1)
            val server =
                embeddedServer(Simul, port = 0, host = "127.0.0.1") {
                    install(WebSockets)
                    routing {
                        webSocket("/") {
                            begun.countDown()
                            try {
                                incoming.consumeEach {}
                            } finally {
                                ended.countDown()
                            }
                        }
                    }
                }
            server.start()
            RawConnection(server.port).use {
                it.send(upgrade)
                it.head()
                begun.await()
                server.stop(0, 1000)
                ended.await(5, TimeUnit.SECONDS) shouldBe true
                it.rest()
            }
        }

        test("what the application's parent carries is in the context of sessions, which run in the loop") {
            val heard = LinkedBlockingQueue<String>()
            val server =
                embeddedServer(
                    Simul,
                    serverConfig(applicationEnvironment()) {
                        parentCoroutineContext = Inherited()
                        module {
                            install(WebSockets)
                            routing {
                                webSocket("/") {
                                    sleep(1.milliseconds)
                                    val told = createTask { timeout(10.seconds) { "${currentTask() != null}" } }.await()
                                    heard += "${coroutineContext[Inherited] != null} ${getRunningLoop().isInLoop} $told"
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
            RawConnection(server.port).use {
                it.send(upgrade)
                it.head()
                heard.poll(20, TimeUnit.SECONDS) shouldBe "true true true"
            }
            server.stop(0, 1000)
        }

        test("a request that asks for no session gets none") {
            withWebSockets({ webSocket("/") {} }) { port -> ask(port, "/").statusCode() shouldBe 400 }
        }

        test("any other protocol may take the connection over") {
            val heard = CopyOnWriteArrayList<String>()
            withRoutes({
                get("/up") {
                    call.respond(
                        object : OutgoingContent.ProtocolUpgrade() {
                            override val headers =
                                Headers.build {
                                    append("Upgrade", "up")
                                    append("Connection", "Upgrade")
                                }

                            override suspend fun upgrade(
                                input: ByteReadChannel,
                                output: ByteWriteChannel,
                                engineContext: CoroutineContext,
                                userContext: CoroutineContext,
                            ): Job =
                                CoroutineScope(userContext + engineContext).launch {
                                    val bytes = ByteArray(8)
                                    input.readFully(bytes)
                                    output.writeFully(bytes)
                                    output.flushAndClose()
                                    heard += String(bytes)
                                    heard += "${input.awaitContent()}"
                                }
                        },
                    )
                }
                get("/") { call.respondText("plain") }
            }) { port ->
                RawConnection(port).use {
                    it.send("GET /up HTTP/1.1\r\nHost: x\r\nUpgrade: up\r\nConnection: upgrade\r\n\r\n")
                    val head = it.head()
                    head shouldContain "\r\nUpgrade: up\r\n"
                    head.split("Connection: Upgrade").size shouldBe 2
                    it.send("8 bytes!")
                    it.rest() shouldBe "8 bytes!"
                    it.end()
                }
                while (heard.size < 2) Thread.sleep(1)
                heard shouldContainExactly listOf("8 bytes!", "false")
            }
        }
    })

private class Inherited : AbstractCoroutineContextElement(Inherited) {
    companion object : CoroutineContext.Key<Inherited>
}

/** Records what a session says. */
private class Listener : WebSocket.Listener {
    private val heard = LinkedBlockingQueue<String>()
    private val text = StringBuilder()
    private val bytes = ByteArrayOutputStream()

    fun next(): String? = heard.poll(20, TimeUnit.SECONDS)

    override fun onText(
        socket: WebSocket,
        data: CharSequence,
        last: Boolean,
    ): CompletionStage<*>? {
        text.append(data)
        if (last) heard += text.toString().also { text.clear() }
        return super.onText(socket, data, last)
    }

    override fun onBinary(
        socket: WebSocket,
        data: ByteBuffer,
        last: Boolean,
    ): CompletionStage<*>? {
        while (data.hasRemaining()) bytes.write(data.get().toInt())
        if (last) heard += "${bytes.size()} ${bytes.toByteArray().contentHashCode()}".also { bytes.reset() }
        return super.onBinary(socket, data, last)
    }

    override fun onPong(
        socket: WebSocket,
        message: ByteBuffer,
    ): CompletionStage<*>? {
        heard += "pong ${Charsets.UTF_8.decode(message)}"
        return super.onPong(socket, message)
    }

    override fun onClose(
        socket: WebSocket,
        statusCode: Int,
        reason: String,
    ): CompletionStage<*>? {
        heard += "closed $statusCode"
        return null
    }
}
