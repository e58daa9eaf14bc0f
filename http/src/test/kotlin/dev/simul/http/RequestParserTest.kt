// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import java.nio.ByteBuffer

class RequestParserTest :
    FunSpec({
        test("a request is its method, target, version and headers, in order") {
            requestsIn(
                "GET /a?b=c HTTP/1.1\r\nHost: x:80\r\nAccept:*/*\r\nX-Empty:\r\nx: \t a  b\t \r\nHost-2: ü\r\n\r\n",
            ) shouldContainExactly
                listOf("<RequestHead GET /a?b=c HTTP/1.1> Host: x:80, Accept: */*, X-Empty: , x: a  b, Host-2: ü", "body '' ")
        }

        test("bytes after the head stay in the buffer, wherever it lies") {
            val text = "GET / HTTP/1.1\r\nHost: x\r\n\r\nrest"
            for (buffer in listOf(ByteBuffer.wrap(text.toByteArray()), ByteBuffer.allocateDirect(99).put(text.toByteArray()).flip())) {
                RequestParser().parse(buffer)!!.target shouldBe "/"
                Charsets.ISO_8859_1.decode(buffer).toString() shouldBe "rest"
            }
        }

        test("what comes of pipelined requests does not depend on the pieces in which they come") {
            val expected = requestsIn(PIPELINED)
            expected.size shouldBe 10
            for (cuts in splitsOf(PIPELINED)) withClue(cuts) { requestsIn(PIPELINED, cuts) shouldBe expected }
        }

        for ((request, expected) in REFUSED) {
            test("refused: '${request.escaped()}'") {
                requestsIn(request).last() shouldBe expected
                for (cuts in splitsOf(request)) withClue(cuts) { requestsIn(request, cuts).last() shouldBe expected }
            }
        }

        for (request in ACCEPTED) {
            test("accepted: '${request.escaped()}'") { requestsIn(request).last() shouldStartWith "body '" }
        }

        test("a target may be a path, a URL, a host with a port, or a star, each where it belongs") {
            for (target in listOf("GET /", "GET http://x/y", "OPTIONS *", "CONNECT x:443", "CONNECT [::1]:443", "GET //a//b?c=d?e")) {
                withClue(target) { requestsIn("$target HTTP/1.1\r\nHost: x\r\n\r\n").size shouldBe 2 }
            }
            for (target in listOf("GET x", "GET *", "CONNECT /", "CONNECT x", "GET :", "GET ?a", "GET /#a", "GET /\u00fc", "GET /\u007f")) {
                withClue(target) { requestsIn("$target HTTP/1.1\r\nHost: x\r\n\r\n").last() shouldStartWith "400 the target is malformed" }
            }
        }

        test("each limit holds to the byte") {
            val limits = HttpLimits(startLine = 20, headers = 40, fields = 3, body = 5)

            fun last(text: String) =
                requestsIn(text, limits = limits).last().also {
                    requestsIn(text, splitsOf(text).last(), limits).last() shouldBe it
                }
            last("GET /3456789 HTTP/1.1\r\n") shouldBe "414 the request line has more than 20 bytes"
            last("GET /345678 HTTP/1.1\r\nHost: x\r\n\r\n") shouldBe "body '' "
            last("GET / HTTP/1.1\r\nHost: x\r\na: ${"b".repeat(24)}\r\n\r\n") shouldBe "body '' "
            last("GET / HTTP/1.1\r\nHost: x\r\na: ${"b".repeat(25)}\r\n\r\n") shouldBe "431 the header fields have more than 40 bytes"
            last("GET / HTTP/1.1\r\nHost: x\r\na:\r\nb:\r\n\r\n") shouldBe "body '' "
            last("GET / HTTP/1.1\r\nHost: x\r\na:\r\nb:\r\nc:\r\n\r\n") shouldBe "431 there are more than 3 header fields"
            last("GET / HTTP/1.1\r\nHost:\r\nContent-Length: 5\r\n\r\n12345") shouldBe "body '12345' "
            last("GET / HTTP/1.1\r\nHost:\r\nContent-Length: 6\r\n\r\n123456") shouldBe "413 the body has more than 5 bytes"
        }

        test("endless lines end at the limit, and no more is kept than that") {
            for (start in listOf("GET /", "GET / HTTP/1.1\r\nHost: ", "GET / HTTP/1.1\r\nHost: x\r\na")) {
                val parser = RequestParser()
                parser.parse(ByteBuffer.wrap(start.toByteArray()))
                var fed = 0
                shouldThrow<BadMessageException> {
                    while (true) parser.parse(ByteBuffer.wrap(ByteArray(1000) { 'a'.code.toByte() })).also { fed += 1000 }
                }
                (fed <= HttpLimits.DEFAULT.headers) shouldBe true
            }
        }

        test("an idle parser holds nothing, and one in a head says so") {
            val parser = RequestParser()
            parser.isInHead shouldBe false
            parser.parse(ByteBuffer.wrap("G".toByteArray())) shouldBe null
            parser.isInHead shouldBe true
            parser.parse(ByteBuffer.wrap("ET / HTTP/1.1\r\nHost: x\r\n\r\n".toByteArray()))!!.method shouldBe "GET"
            parser.isInHead shouldBe false
        }
    })

private const val PIPELINED =
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n" +
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na\r\n" +
        "\r\nPUT /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n00B;x=\"y\"\r\n0123456789a\r\n0\r\nT: 1\r\n\r\n" +
        "BREW /c HTTP/1.0\r\n\r\n" +
        "HEAD /d HTTP/1.1\r\nHost: x\r\n\r\n"

private const val TOP = "GET / HTTP/1.1\r\nHost: x\r\n"

private val ACCEPTED =
    listOf(
        "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.7\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "${TOP}Content-Length: 0\r\n\r\n",
        "${TOP}Transfer-Encoding:\tCHUNKED \r\n\r\n0\r\n\r\n",
        "${TOP}a!#$%&'*+-.^_`|~9: tab\tand \u00e9\r\n\r\n",
    )

/** Requests with what a server answers. */
private val REFUSED =
    listOf(
        // The request line.
        "\u0016\u0003\u0001" to "400 this is TLS and not HTTP: the port serves plain HTTP",
        "\u0000GET / HTTP/1.1\r\n" to "400 a request begins with \\x00 and not with a method",
        " GET / HTTP/1.1\r\n" to "400 a request begins with \\x20 and not with a method",
        "\nGET / HTTP/1.1\r\n" to "400 a request begins with \\x0a and not with a method",
        "\r\n\r\nGET / HTTP/1.1\r\n" to "400 a request begins with \\x0d and not with a method",
        "\rGET / HTTP/1.1\r\n" to "400 the method is malformed: '\\x0dGET'",
        "GET / HTTP/1.1\n" to "400 a line ends in LF without CR: 'GET / HTTP/1.1'",
        "GET / HTTP/1.1\r\r\n" to "400 the version is malformed: 'HTTP/1.1\\x0d'",
        "GET /\r\n" to "400 the request line is not a method, a target and a version: 'GET /'",
        "GET  / HTTP/1.1\r\n" to "400 the version is malformed: '/ HTTP/1.1'",
        "GET / HTTP/1.1 \r\n" to "400 the version is malformed: 'HTTP/1.1 '",
        "GET\t/ HTTP/1.1\r\n" to "400 the request line is not a method, a target and a version: 'GET\\x09/ HTTP/1.1'",
        "GET / http/1.1\r\n" to "400 the version is malformed: 'http/1.1'",
        "GET / HTTP/1\r\n" to "400 the version is malformed: 'HTTP/1'",
        "GET / HTTP/1.10\r\n" to "400 the version is malformed: 'HTTP/1.10'",
        "GET / HTTP/2.0\r\n" to "505 the version HTTP/2.0 is not supported: send HTTP/1.1",
        "PRI * HTTP/2.0\r\n" to "505 the version HTTP/2.0 is not supported: send HTTP/1.1",
        "G(T / HTTP/1.1\r\n" to "400 the method is malformed: 'G(T'",
        "${"M".repeat(33)} / HTTP/1.1\r\n" to "501 the method has more than 32 characters",
        "GET /a\u0000b HTTP/1.1\r\n" to "400 the target is malformed: '/a\\x00b'",
        // Fields.
        "${TOP}a : b\r\n" to "400 a blank is before the colon of a header: 'a : b'",
        "${TOP}a\r\n" to "400 a header line has no colon: 'a'",
        "$TOP: b\r\n" to "400 a header has no name: ': b'",
        "${TOP}a: b\r\n c\r\n" to "400 a header line begins with a blank, which would continue the one before it: ' c'",
        "GET / HTTP/1.1\r\n Host: x\r\n" to "400 a header line begins with a blank, which would continue the one before it: ' Host: x'",
        "${TOP}a(b: c\r\n" to "400 the name of a header has a character that it must not have: 'a(b: c'",
        "${TOP}\u00e9: c\r\n" to "400 the name of a header has a character that it must not have: '\\xe9: c'",
        "${TOP}a: b\n" to "400 a line ends in LF without CR: 'a: b'",
        "$TOP\n" to "400 a line ends in LF without CR: ''",
        "${TOP}a: b\rc: d\r\n" to "400 the value of the header 'a' has the control character \\x0d",
        "${TOP}a: b\u0000\r\n" to "400 the value of the header 'a' has the control character \\x00",
        "${TOP}a: b\u007fc\r\n" to "400 the value of the header 'a' has the control character \\x7f",
        "GET / HTTP/1.1\r\n\r\n" to "400 the request has no Host",
        "${TOP}HOST: y\r\n\r\n" to "400 the request has more than one Host",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n" to "400 the Host is malformed: 'a/b'",
        "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n" to "400 the Host is malformed: 'a, b'",
        // Where the body ends.
        "${TOP}Content-Length: 1\r\nContent-Length: 1\r\n\r\n" to "400 there is more than one Content-Length",
        "${TOP}Content-Length: 1, 1\r\n\r\n" to "400 the Content-Length is not a number: '1, 1'",
        "${TOP}Content-Length: +1\r\n\r\n" to "400 the Content-Length is not a number: '+1'",
        "${TOP}Content-Length: -1\r\n\r\n" to "400 the Content-Length is not a number: '-1'",
        "${TOP}Content-Length: 0x1\r\n\r\n" to "400 the Content-Length is not a number: '0x1'",
        "${TOP}Content-Length:\r\n\r\n" to "400 the Content-Length is not a number: ''",
        "${TOP}Content-Length: 9223372036854775808\r\n\r\n" to "413 the Content-Length is too large: '9223372036854775808'",
        "${TOP}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n" to "400 there are both a Content-Length and a Transfer-Encoding",
        "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" to "400 a message of HTTP/1.0 has a Transfer-Encoding",
        "${TOP}Transfer-Encoding: gzip, chunked\r\n\r\n" to "501 the Transfer-Encoding is not supported: 'gzip, chunked'",
        "${TOP}Transfer-Encoding: identity\r\n\r\n" to "501 the Transfer-Encoding is not supported: 'identity'",
        "${TOP}Transfer-Encoding: xchunked\r\n\r\n" to "501 the Transfer-Encoding is not supported: 'xchunked'",
        "${TOP}Transfer-Encoding: chunked, gzip\r\n\r\n" to "400 the Transfer-Encoding goes on after chunked: 'chunked, gzip'",
        "${TOP}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" to
            "400 the Transfer-Encoding goes on after chunked: 'chunked, chunked'",
    )
