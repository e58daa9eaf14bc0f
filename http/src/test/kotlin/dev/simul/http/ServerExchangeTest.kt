// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.ExceptionContext
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.sync.Event
import dev.simul.taskGroup
import dev.simul.timeout
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.nio.ByteBuffer
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class ServerExchangeTest :
    FunSpec({
        val ok = ResponseHead(200)
        val get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

        fun bytes(text: String) = ByteBuffer.wrap(text.toByteArray())

        test("responses that announce another one go before it, and not to clients of HTTP/1.0") {
            withServer({
                it.inform(ResponseHead(103, Headers.of("Link" to "</a>")))
                it.inform(ResponseHead(102))
                it.respond(ok)
            }) { port ->
                say(port, get) shouldBe
                    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 \r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                say(port, "GET / HTTP/1.0\r\n\r\n") shouldBe "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            }
        }

        test("a Continue by hand lets the client send, and the connection stay") {
            withServer({
                it.inform(ResponseHead(100))
                it.respond(ok, ByteBuffer.wrap(it.body.read()))
            }) { port ->
                say(port, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab") shouldBe
                    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"
            }
        }

        test("a CONNECT is a tunnel in both directions, each of which ends on its own") {
            withServer({
                val (reader, writer) = it.upgrade(ok)
                val heard = reader.read().decodeToString()
                writer.write(bytes("${it.request.target} said $heard"))
                writer.finish()
            }) { port ->
                say(port, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nhello") shouldBe "HTTP/1.1 200 OK\r\n\r\na:1 said hello"
            }
        }

        test("what breaks the order of an exchange is refused, and the client gets what was right") {
            val refused = ArrayList<String?>()

            suspend fun refuse(block: suspend () -> Unit) {
                refused +=
                    try {
                        block()
                        "accepted"
                    } catch (e: IllegalArgumentException) {
                        "argument: ${e.message}"
                    } catch (e: IllegalStateException) {
                        "state: ${e.message}"
                    }
            }
            withServer({
                refuse { it.inform(ok) }
                refuse { it.inform(ResponseHead(101)) }
                refuse { it.upgrade(ok) }
                refuse { it.respond(ResponseHead(100)) }
                refuse { it.respond(ResponseHead(200, Headers.of("Content-Length" to "5"))) }
                refuse { it.upgrade(ResponseHead(101)) }
                it.body.read()
                val body = it.respondStreaming(ok, length = 3)
                refuse { it.respond(ok) }
                refuse { it.inform(ResponseHead(103)) }
                refuse { it.upgrade(ResponseHead(101)) }
                refuse { body.write(bytes("long")) }
                body.write(bytes("ab"))
                refuse { body.finish() }
                body.write(bytes("c"))
                body.finish()
                refuse { body.write(bytes("d")) }
            }) { port ->
                say(
                    port,
                    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nz",
                ) shouldBe "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
            }
            refused.filter { it == "accepted" }.shouldBeEmpty()
            refused.map { it!!.substringBefore(':') } shouldContainExactly
                listOf(
                    "argument",
                    "argument",
                    "argument",
                    "argument",
                    "state",
                    "state",
                    "state",
                    "state",
                    "state",
                    "state",
                    "state",
                    "state",
                )
        }

        test("line ends and other control characters do not get into an answer") {
            for (value in listOf("a\r\nSet-Cookie: b", "a\nb", "a\rb", "a\u0000b", "a\u0100b")) {
                shouldThrow<IllegalArgumentException> { Headers.of("A" to value) }
                shouldThrow<IllegalArgumentException> { ResponseHead(200, reason = value) }
            }
            for (name in listOf("", "a b", "a:b", "a\r\nb", "ä")) shouldThrow<IllegalArgumentException> { Headers.of(name to "a") }
        }

        test("handlers are tasks: timeouts, groups and the current task work in them") {
            val record = ArrayList<String>()
            withServer({
                currentTask()!!.cancelling() shouldBe 0
                shouldThrow<TimeoutException> { timeout(1.milliseconds) { sleep(10.seconds) } }
                taskGroup { group ->
                    group.createTask { record += "first of ${it.request.target}" }
                    group.createTask { record += "second of ${it.request.target}" }
                }
                it.respond(ok)
            }) { port ->
                say(port, get + "GET /b HTTP/1.1\r\nHost: x\r\n\r\n").split("200 OK").size shouldBe 3
            }
            record shouldContainExactly listOf("first of /", "second of /", "first of /b", "second of /b")
        }

        test("a handler that fails with somebody else's HTTP is a 500, as is one that is cancelled by itself") {
            val reports = ArrayList<ExceptionContext>()
            withServer({
                if (it.request.target == "/proxy") throw BadMessageException("what the server behind said")
                val other = createTask { sleep(100.seconds) }
                other.cancel()
                other.await()
            }, reports = reports) { port ->
                val answer = say(port, "GET /proxy HTTP/1.1\r\nHost: x\r\n\r\n$get")
                answer.split("HTTP/1.1 500 Internal Server Error\r\n").size shouldBe 3
            }
            reports.map { it.exception!!::class } shouldContainExactly listOf(BadMessageException::class, CancelledException::class)
        }

        test("a handler learns that its client has left, and its body is not read after its end") {
            val left = Event()
            val record = ArrayList<String>()
            val reports = ArrayList<ExceptionContext>()
            var leaked: BodyReader? = null
            withServer({
                it.onDisconnect = {
                    record += "left"
                    left.set()
                    error("told")
                }
                leaked = it.body
                left.wait()
                it.respond(ok)
            }, reports = reports) { port ->
                say(port, get) shouldStartWith "HTTP/1.1 200 OK\r\n"
                record shouldContainExactly listOf("left")
                shouldThrow<IllegalStateException> { leaked!!.read() }.message shouldContain "has ended: read its body in its handler"
            }
            reports.map { it.message to it.exception?.message } shouldContainExactly
                listOf("Exception in onDisconnect of <ServerExchange <RequestHead GET / HTTP/1.1>>" to "told")
        }

        test("the body of an exchange that is over cannot be read in the place of the next one's") {
            var leaked: BodyReader? = null
            val problems = ArrayList<String?>()
            withServer({
                leaked?.let { body ->
                    val reads =
                        listOf<suspend () -> Unit>({ body.read() }, { body.readAvailable(ByteBuffer.allocate(8)) }, body::awaitAvailable)
                    for (read in reads) problems += shouldThrow<IllegalStateException> { read() }.message
                }
                leaked = it.body
                it.respond(ok, ByteBuffer.wrap(it.body.read()))
            }) { port ->
                val post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"
                say(port, "${post}one${post}two").split("\r\n\r\n").map { it.take(3) } shouldContainExactly listOf("HTT", "one", "two")
            }
            problems.size shouldBe 3
            for (problem in problems) problem shouldContain "has ended: read its body in its handler"
        }

        test("without half-closed connections, the end of what a client sends ends its request") {
            val ended = Event()
            withServer({
                try {
                    sleep(100.seconds)
                } catch (e: CancelledException) {
                    ended.set()
                    throw e
                }
            }, options = HttpServerOptions(halfClose = false)) { port ->
                say(port, get) shouldBe ""
                ended.wait()
            }
        }

        test("an answer that goes until the end and is cut short is reset, so that it does not pass for a whole one") {
            val reports = ArrayList<ExceptionContext>()
            withServer({
                it.respondStreaming(ok).write(bytes("half"))
                sleep(50.milliseconds)
                error("broken")
            }, reports = reports) { port ->
                val (reader, writer) = openConnection("127.0.0.1", port)
                writer.write("GET / HTTP/1.0\r\n\r\n".toByteArray())
                reader.readuntil("half".toByteArray())
                shouldThrow<java.io.IOException> { reader.read() }
                writer.close()
            }
            reports.single().exception?.message shouldBe "broken"
        }

        test("of a large answer that its client does not read yet, little is copied") {
            val content = ByteBuffer.allocate(32 * 1024 * 1024)
            withServer({ it.respond(ok, content) }) { port ->
                val (reader, writer) = openConnection("127.0.0.1", port)
                writer.write(get.toByteArray())
                reader.readuntil("\r\n\r\n".toByteArray())
                repeat(1_000) { sleep(Duration.ZERO) }
                (content.position() < content.capacity() / 2) shouldBe true
                reader.readexactly(content.capacity()).size shouldBe content.capacity()
                content.hasRemaining() shouldBe false
                writer.write(get.toByteArray())
                reader.readuntil("Content-Length: 0\r\n".toByteArray()).decodeToString() shouldStartWith "HTTP/1.1 200 OK\r\n"
                writer.close()
            }
        }

        test("a large answer that is cancelled ends its connection") {
            withServer({ exchange ->
                try {
                    timeout(50.milliseconds) { exchange.respond(ok, ByteBuffer.allocate(32 * 1024 * 1024)) }
                } catch (_: TimeoutException) {
                    // the handler has nothing more to say
                }
            }) { port ->
                val (reader, writer) = openConnection("127.0.0.1", port)
                writer.write(get.toByteArray())
                reader.readuntil("\r\n\r\n".toByteArray())
                sleep(200.milliseconds)
                (reader.read().size < 32 * 1024 * 1024) shouldBe true
                writer.close()
            }
        }

        test("reading that is cancelled loses nothing") {
            withServer({
                val parts = ArrayList<String>()
                val buffer = ByteBuffer.allocate(100)
                while (true) {
                    // Cancelled in each turn that something may come in.
                    val reading = createTask { it.body.read(buffer.clear()) }
                    repeat(parts.size % 4) { _ -> sleep(Duration.ZERO) }
                    reading.cancel()
                    val count =
                        try {
                            reading.await()
                        } catch (_: CancelledException) {
                            it.body.read(buffer.clear())
                        }
                    if (count < 0) break
                    parts += String(buffer.array(), 0, count)
                }
                it.respond(ok, bytes(parts.joinToString("")))
            }) { port ->
                val (reader, writer) = openConnection("127.0.0.1", port)
                writer.write("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 400\r\n\r\n".toByteArray())
                val body = (100..199).joinToString("") { "$it," }
                for (piece in body.chunked(7)) {
                    writer.write(piece.toByteArray())
                    sleep(Duration.ZERO)
                }
                reader.read().decodeToString().substringAfter("\r\n\r\n") shouldBe body
                writer.close()
            }
        }

        test("a whole body whose reading was cancelled half way is read whole by the next") {
            val begun = Event()
            withServer({
                val first = createTask { it.body.read() }
                begun.wait()
                first.cancel()
                shouldThrow<CancelledException> { first.await() }
                it.respond(ok, ByteBuffer.wrap(it.body.read()))
            }) { port ->
                val (reader, writer) = openConnection("127.0.0.1", port)
                writer.write("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 6\r\n\r\nabc".toByteArray())
                sleep(30.milliseconds)
                begun.set()
                sleep(30.milliseconds)
                writer.write("def".toByteArray())
                reader.read().decodeToString().substringAfter("\r\n\r\n") shouldBe "abcdef"
                writer.close()
            }
        }
    })
