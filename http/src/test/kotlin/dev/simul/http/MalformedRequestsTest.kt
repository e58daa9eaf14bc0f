// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.createTask
import dev.simul.loop.ExceptionContext
import dev.simul.sleep
import dev.simul.streams.openConnection
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds

/** What a server says to requests that are wrong: one answer, the end of that connection, and nothing else. */
class MalformedRequestsTest :
    FunSpec({
        val start = "GET / HTTP/1.1\r\nHost: x\r\n"
        val post = "POST / HTTP/1.1\r\nHost: x\r\n"
        val chunked = "${post}Transfer-Encoding: chunked\r\n\r\n"
        val good = "$start\r\n"
        val limits = HttpLimits(startLine = 1000, headers = 4000, fields = 20, body = 1000, chunkExtensions = 100)

        /** A request, the status of the answer, and what was wrong with it. */
        val table =
            listOf(
                // Two readers of these could see different requests.
                Triple("${post}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400, "there is more than one Content-Length"),
                Triple("${post}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, "there is more than one Content-Length"),
                Triple("${post}Content-Length: 3, 3\r\n\r\nabc", 400, "the Content-Length is not a number: '3, 3'"),
                Triple("${post}Content-Length: +3\r\n\r\nabc", 400, "the Content-Length is not a number: '+3'"),
                Triple("${post}Content-Length: -3\r\n\r\nabc", 400, "the Content-Length is not a number: '-3'"),
                Triple("${post}Content-Length: 0x3\r\n\r\nabc", 400, "the Content-Length is not a number: '0x3'"),
                Triple("${post}Content-Length:\r\n\r\nabc", 400, "the Content-Length is not a number: ''"),
                Triple("${post}Content-Length: 99999999999999999999\r\n\r\n", 413, "the Content-Length is too large"),
                Triple(
                    "${post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    400,
                    "both a Content-Length and a Transfer-Encoding",
                ),
                Triple(
                    "${post}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
                    400,
                    "both a Content-Length and a Transfer-Encoding",
                ),
                Triple("${post}Transfer-Encoding: chunked, identity\r\n\r\n", 400, "the Transfer-Encoding goes on after chunked"),
                Triple("${post}Transfer-Encoding: xchunked\r\n\r\n", 501, "the Transfer-Encoding is not supported"),
                Triple("${post}Transfer-Encoding: chunked, chunked\r\n\r\n", 400, "the Transfer-Encoding goes on after chunked"),
                Triple("${post}Transfer-Encoding: \u000bchunked\r\n\r\n", 400, "control character \\x0b"),
                Triple(
                    "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    400,
                    "a message of HTTP/1.0 has a Transfer-Encoding",
                ),
                Triple("${post}Transfer-Encoding : chunked\r\n\r\n", 400, "a blank is before the colon"),
                Triple("${start}Content-Length: 0\r\n Transfer-Encoding: chunked\r\n\r\n", 400, "a header line begins with a blank"),
                Triple("${start}A: b\r\n\tc\r\n\r\n", 400, "a header line begins with a blank"),
                Triple("GET / HTTP/1.1\nHost: x\n\n", 400, "a line ends in LF without CR"),
                Triple("${start}A: b\n\r\n", 400, "a line ends in LF without CR"),
                Triple("${start}A: b\rC: d\r\n\r\n", 400, "control character \\x0d"),
                Triple("${start}A: b\u0000\r\n\r\n", 400, "control character \\x00"),
                // No header that is one.
                Triple("${start}A\r\n\r\n", 400, "a header line has no colon"),
                Triple("$start: b\r\n\r\n", 400, "a header has no name"),
                Triple("${start}A(: b\r\n\r\n", 400, "the name of a header has a character that it must not have"),
                Triple("${start}\u00e4: b\r\n\r\n", 400, "the name of a header has a character that it must not have"),
                // No host, or too many.
                Triple("GET / HTTP/1.1\r\n\r\n", 400, "the request has no Host"),
                Triple("${start}Host: y\r\n\r\n", 400, "the request has more than one Host"),
                Triple("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "the Host is malformed"),
                Triple("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "the Host is malformed"),
                // Start lines.
                Triple("GET /\r\n\r\n", 400, "the request line is not a method, a target and a version"),
                Triple("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "the version is malformed"),
                Triple("GET / a HTTP/1.1\r\nHost: x\r\n\r\n", 400, "the version is malformed"),
                Triple("GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400, "the target is malformed"),
                Triple("GET /#a HTTP/1.1\r\nHost: x\r\n\r\n", 400, "the target is malformed"),
                Triple("GET /\u00e4 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "the target is malformed"),
                Triple("GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400, "the target is malformed"),
                Triple("CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "the target is malformed"),
                Triple("G@T / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "the method is malformed"),
                Triple("${"M".repeat(33)} / HTTP/1.1\r\nHost: x\r\n\r\n", 501, "the method has more than 32 characters"),
                Triple("GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400, "the version is malformed"),
                Triple("GET / http/1.1\r\nHost: x\r\n\r\n", 400, "the version is malformed"),
                Triple("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505, "the version HTTP/2.0 is not supported"),
                Triple("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "the version HTTP/2.0 is not supported"),
                Triple("\r\n\r\n$good", 400, "a request begins with \\x0d"),
                Triple("\u0016\u0003\u0001\u0002\u0000\u0001", 400, "this is TLS and not HTTP"),
                Triple("\u0000\u0001\u0002garbage", 400, "a request begins with \\x00"),
                Triple("{\"a\": 1}", 400, "a request begins with \\x7b"),
                // What never ends.
                Triple("A".repeat(2000), 414, "the request line has more than 1000 bytes"),
                Triple("GET /${"a".repeat(2000)}", 414, "the request line has more than 1000 bytes"),
                Triple("${start}A: ${"b".repeat(8000)}", 431, "the header fields have more than 4000 bytes"),
                Triple("$start${"A: b\r\n".repeat(30)}", 431, "more than 20"),
                Triple("${post}Content-Length: 1001\r\n\r\n", 413, "the body has more than 1000 bytes"),
                Triple("${chunked}3e9\r\n", 413, "the body has more than 1000 bytes"),
                Triple("$chunked${"64\r\n${"a".repeat(100)}\r\n".repeat(11)}0\r\n\r\n", 413, "the body has more than 1000 bytes"),
                Triple("${chunked}1;${"a".repeat(200)}", 400, "the extensions of chunks have more than 100 bytes"),
                Triple("${chunked}0\r\n${"A: b\r\n".repeat(30)}\r\n", 431, "more than 20"),
                Triple("${chunked}0\r\nA: ${"b".repeat(8000)}", 431, "the header fields have more than 4000 bytes"),
                // Chunks.
                Triple("${chunked}g\r\n", 400, "a chunk has no size: it begins with \\x67"),
                Triple("$chunked\r\n", 400, "a chunk has no size"),
                Triple("$chunked-1\r\n", 400, "a chunk has no size"),
                Triple("${chunked}1g\r\n", 400, "the size of a chunk has the character \\x67"),
                Triple("${chunked}0x1\r\na\r\n", 400, "the size of a chunk has the character \\x78"),
                Triple("${chunked}${"0".repeat(20)}1\r\n", 400, "the size of a chunk has more than 15 digits"),
                Triple("${chunked}1\na\r\n", 400, "the size of a chunk has the character \\x0a"),
                Triple("${chunked}1\r\nab\r\n", 400, "a chunk or its size ends in \\x62 and not in CR LF"),
                Triple("${chunked}1\r\na\n", 400, "a chunk or its size ends in \\x0a and not in CR LF"),
                Triple("${chunked}1;a\u0000\r\n", 400, "the extension of a chunk has the control character"),
                Triple("${chunked}0\r\nA : b\r\n\r\n", 400, "a blank is before the colon"),
                // Cut short: the client sends nothing more, and still reads.
                Triple("GET / HT", 400, "the connection ended in the middle of a head"),
                Triple(start, 400, "the connection ended in the middle of a head"),
                Triple("${post}Content-Length: 5\r\n\r\nabc", 400, "the connection ended after 3 of 5 bytes of a body"),
                Triple("${chunked}5\r\nabc", 400, "the connection ended in the middle of a body in chunks"),
                Triple("${chunked}3\r\nabc\r\n", 400, "the connection ended in the middle of a body in chunks"),
            )

        test("each is answered with what was wrong, its connection is closed, and others go on") {
            val reports = ArrayList<ExceptionContext>()
            val handled = ArrayList<String>()
            withServer({
                val body = it.body.read()
                handled += "${it.request.target} ${body.size}"
                it.respond(ResponseHead(200), ByteBuffer.wrap(body))
            }, limits, reports) { port ->
                val (reader, writer) = openConnection("127.0.0.1", port)
                for ((request, status, problem) in table) {
                    withClue(request.take(200).escaped()) {
                        // Nothing after the bad request is read, however good it looks.
                        val answer = say(port, request + if (problem.startsWith("the connection ended")) "" else good)
                        answer shouldStartWith "HTTP/1.1 $status ${reasonPhrase(status)}\r\nContent-Type: text/plain\r\n"
                        answer shouldContain "\r\nConnection: close\r\n"
                        answer.substringAfter("\r\n\r\n") shouldContain problem
                        Regex("HTTP/1.1 [1-5]").findAll(answer).count() shouldBe 1
                    }
                    writer.write(good.toByteArray())
                    reader.readexactly(38).decodeToString() shouldBe "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                }
                writer.close()
            }
            handled.toSet() shouldBe setOf("/ 0")
            handled.size shouldBe table.size
            reports.shouldBeEmpty()
        }

        test("requests before a bad one are answered, in order") {
            withServer({ it.respond(ResponseHead(200)) }) { port ->
                val answer = say(port, "$good${good}GET\r\n\r\n$good")
                answer.split("HTTP/1.1 ").drop(1).map { it.take(3) } shouldBe listOf("200", "200", "400")
                answer shouldEndWith "'GET'\n"
            }
        }

        test("the answer to a bad request of the method HEAD has no body") {
            withServer({ it.respond(ResponseHead(200), ByteBuffer.wrap(it.body.read())) }) { port ->
                say(port, "HEAD / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx") shouldEndWith "Connection: close\r\n\r\n"
            }
        }

        test("a client that trickles a head endlessly is dropped by time") {
            withServer({ it.respond(ResponseHead(200)) }, options = HttpServerOptions(headerTimeout = 50.milliseconds)) { port ->
                val (reader, writer) = openConnection("127.0.0.1", port)
                writer.write("GET / HTTP/1.1\r\n".toByteArray())
                val trickle =
                    createTask {
                        while (true) {
                            writer.write("a: b\r\n".toByteArray())
                            sleep(5.milliseconds)
                        }
                    }
                reader.read().decodeToString() shouldStartWith "HTTP/1.1 408 Request Timeout\r\n"
                trickle.cancel()
                writer.close()
            }
        }
    })
