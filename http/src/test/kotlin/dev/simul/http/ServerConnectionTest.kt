// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.Future
import dev.simul.exceptions.CancelledException
import dev.simul.loop.ExceptionContext
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.sync.Event
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel
import kotlin.time.Duration

class ServerConnectionTest :
    FunSpec({
        val ok = ResponseHead(200)

        fun bytes(text: String) = ByteBuffer.wrap(text.toByteArray())

        test("a request is answered, and the connection stays for the next one") {
            withServer({ it.respond(ok, bytes(it.request.target)) }) { port ->
                val (reader, writer) = openConnection("127.0.0.1", port)
                for (path in listOf("/a", "/bcd")) {
                    writer.write("GET $path HTTP/1.1\r\nHost: x\r\n\r\n".toByteArray())
                    val expected = "HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n$path"
                    reader.readexactly(expected.length).decodeToString() shouldBe expected
                }
                writer.close()
            }
        }

        test("pipelined requests are answered in order, whatever their bodies, and read or not") {
            withServer(
                { it.respond(ok, if (it.request.target == "/skip") bytes("skipped") else ByteBuffer.wrap(it.body.read())) },
            ) { port ->
                val answers =
                    say(
                        port,
                        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none" +
                            "POST /skip HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nGET" +
                            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nth\r\n3\r\nree\r\n0\r\n\r\n" +
                            "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                    )
                answers.split("HTTP/1.1 200 OK\r\n").drop(1).map { it.substringAfter("\r\n\r\n") } shouldContainExactly
                    listOf("one", "skipped", "three", "")
            }
        }

        test("the connection ends when the client says so, and with HTTP/1.0 unless it says not") {
            withServer({ it.respond(ok) }) { port ->
                suspend fun answer(request: String) =
                    say(port, "$request\r\n\r\nGET / HTTP/1.0\r\n\r\n").split("HTTP/1.1 200 OK\r\n").drop(1)
                answer(
                    "GET / HTTP/1.1\r\nHost: x\r\nConnection: close",
                ) shouldContainExactly listOf("Content-Length: 0\r\nConnection: close\r\n\r\n")
                answer("GET / HTTP/1.0") shouldContainExactly listOf("Content-Length: 0\r\nConnection: close\r\n\r\n")
                answer("GET / HTTP/1.0\r\nConnection: keep-alive").first() shouldBe "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n"
            }
        }

        test("a body of unknown length goes in chunks with trailers, and to old clients until the end") {
            withServer({
                val writer = it.respondStreaming(ok)
                writer.write(bytes("ab"))
                writer.write(bytes(""))
                writer.write(bytes("c"))
                if (it.request.version == HttpVersion.HTTP_1_1) writer.finish(Headers.of("T" to "1")) else writer.finish()
            }) { port ->
                say(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") shouldBe
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nT: 1\r\n\r\n"
                say(port, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") shouldBe "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc"
                say(port, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n") shouldStartWith "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            }
        }

        test("answers to HEAD and those with 204 and 304 have no body") {
            withServer({ it.respond(ResponseHead(it.request.target.drop(1).toInt()), bytes("body")) }) { port ->
                say(port, "HEAD /200 HTTP/1.1\r\nHost: x\r\n\r\n") shouldBe "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
                say(port, "GET /204 HTTP/1.1\r\nHost: x\r\n\r\n") shouldBe "HTTP/1.1 204 No Content\r\n\r\n"
                say(port, "GET /304 HTTP/1.1\r\nHost: x\r\n\r\n") shouldBe "HTTP/1.1 304 Not Modified\r\n\r\n"
            }
        }

        test("a client that waits to be asked for the body is asked when the body is read, and otherwise dropped") {
            withServer({ it.respond(ok, if (it.request.target == "/read") ByteBuffer.wrap(it.body.read()) else bytes("no")) }) { port ->
                val (reader, writer) = openConnection("127.0.0.1", port)
                writer.write("POST /read HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".toByteArray())
                reader.readuntil("\r\n\r\n".toByteArray()).decodeToString() shouldBe "HTTP/1.1 100 Continue\r\n\r\n"
                writer.write("ab".toByteArray())
                reader.readuntil("ab".toByteArray()).decodeToString() shouldStartWith "HTTP/1.1 200 OK\r\n"
                writer.write("POST /no HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".toByteArray())
                reader.read().decodeToString() shouldBe "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
                writer.close()
            }
        }

        test("a malformed request is answered with what was wrong, and its connection alone is closed") {
            val handled = ArrayList<String>()
            withServer({ it.respond(ok).also { _ -> handled += it.request.target } }, HttpLimits(body = 3)) { port ->
                val (reader, writer) = openConnection("127.0.0.1", port)
                for ((request, answer) in listOf(
                    "GET / HTTP/1.1\r\nHost : x\r\n\r\n" to "400 Bad Request",
                    "GET / HTTP/3.0\r\nHost: x\r\n\r\n" to "505 HTTP Version Not Supported",
                    "GET /${"a".repeat(9000)}" to "414 URI Too Long",
                    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd" to "413 Content Too Large",
                    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" to "501 Not Implemented",
                    "GET / HTTP/1.1\r\n${"a: b\r\n".repeat(200)}\r\n" to "431 Request Header Fields Too Large",
                )) {
                    say(port, request) shouldStartWith "HTTP/1.1 $answer\r\n"
                }
                say(
                    port,
                    "GET /before HTTP/1.1\r\nHost: x\r\n\r\nGET\r\n\r\nGET /after HTTP/1.1\r\nHost: x\r\n\r\n",
                ) shouldEndWith "'GET'\n"
                writer.write("GET /other HTTP/1.1\r\nHost: x\r\n\r\n".toByteArray())
                reader.readuntil("\r\n\r\n".toByteArray()).decodeToString() shouldStartWith "HTTP/1.1 200 OK\r\n"
                writer.close()
            }
            handled shouldContainExactly listOf("/before", "/other")
        }

        test("a handler that fails before it answers is a 500, and one that forgets to answer too") {
            val reports = ArrayList<ExceptionContext>()
            withServer({
                if (it.request.target == "/fail") error("told")
                if (it.request.target == "/todo") TODO("later")
            }, reports = reports) { port ->
                say(port, "GET /fail HTTP/1.1\r\nHost: x\r\n\r\n") shouldStartWith "HTTP/1.1 500 Internal Server Error\r\n"
                say(port, "GET /todo HTTP/1.1\r\nHost: x\r\n\r\n") shouldStartWith "HTTP/1.1 500 Internal Server Error\r\n"
                say(port, "GET /forget HTTP/1.1\r\nHost: x\r\n\r\n") shouldStartWith "HTTP/1.1 500 Internal Server Error\r\n"
            }
            reports.map { it.exception?.message } shouldContainExactly listOf("told", "An operation is not implemented: later")
        }

        test("a body that stays unfinished ends with its connection, so that the client notices") {
            withServer({ it.respondStreaming(ok).write(bytes("ab")) }) { port ->
                say(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n") shouldBe
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"
            }
        }

        test("a handler is cancelled when its client breaks off") {
            val begun = Event()
            val ended = ArrayList<Throwable>()
            val over = Event()
            withServer({
                begun.set()
                try {
                    Future<Unit>().await()
                } catch (e: CancelledException) {
                    ended += e
                    over.set()
                    throw e
                }
            }) { port ->
                val (_, writer) = openConnection("127.0.0.1", port)
                writer.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".toByteArray())
                begun.wait()
                (writer.getExtraInfo("socket") as SocketChannel).setOption(StandardSocketOptions.SO_LINGER, 0)
                writer.transport.abort()
                over.wait()
                ended.single().message shouldStartWith "the client is gone"
            }
        }

        test("a client that sends faster than its body is read has to wait") {
            val goOn = Event()
            withServer({
                goOn.wait()
                it.respond(ok, bytes("${it.body.read().size}"))
            }) { port ->
                val (reader, writer) = openConnection("127.0.0.1", port)
                val size = 32 * 1024 * 1024
                writer.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: $size\r\n\r\n".toByteArray())
                writer.write(ByteArray(size))
                var last = Int.MAX_VALUE
                while (writer.transport.writeBufferSize < last) {
                    last = writer.transport.writeBufferSize
                    repeat(50) { sleep(Duration.ZERO) }
                }
                (last > size / 2) shouldBe true
                goOn.set()
                reader.readuntil("\r\n\r\n$size".toByteArray()).decodeToString() shouldStartWith "HTTP/1.1 200 OK\r\n"
                writer.close()
            }
        }
    })
