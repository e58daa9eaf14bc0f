// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

class ResponseParserTest :
    FunSpec({
        test("a response is its status, reason, version and headers") {
            responsesIn("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") shouldContainExactly
                listOf("<ResponseHead 200 OK HTTP/1.1> Content-Length: 2", "body 'hi' ")
        }

        test("a reason may be missing, empty, or anything that can be printed") {
            val reasons =
                mapOf("" to "", " " to "", " Fine then" to "Fine then", "  two" to " two", " d\u00e9j\u00e0\tvu" to "d\u00e9j\u00e0\tvu")
            for ((sent, reason) in reasons) {
                responsesIn(
                    "HTTP/1.1 200$sent\r\nContent-Length: 0\r\n\r\n",
                ).first() shouldBe "<ResponseHead 200 $reason HTTP/1.1> Content-Length: 0"
            }
        }

        test("where a body ends depends on the status and on the method of the request") {
            fun last(
                status: Int,
                method: String,
                fields: String,
                rest: String,
            ) = responsesIn("HTTP/1.1 $status \r\n$fields\r\n$rest", method = method).last()
            last(200, "HEAD", "Content-Length: 5\r\n", "") shouldBe "body '' "
            last(304, "GET", "Content-Length: 5\r\n", "") shouldBe "body '' "
            last(204, "GET", "Transfer-Encoding: chunked\r\n", "") shouldBe "body '' "
            last(100, "GET", "", "") shouldBe "body '' "
            last(200, "GET", "", "up to the end") shouldBe "body 'up to the end' "
            last(404, "CONNECT", "Content-Length: 2\r\n", "no") shouldBe "body 'no' "
            val established = ResponseHead(200, Headers.of("Content-Length" to "5"))
            BodyFraming.of(established, "CONNECT") shouldBe BodyFraming.Tunnel
            BodyFraming.of(ResponseHead(101), "GET") shouldBe BodyFraming.Tunnel
        }

        test("what comes of responses does not depend on the pieces in which they come") {
            val text =
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: 1\r\nB: 2\r\n\r\n" +
                    "HTTP/1.0 404 Nope\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx" +
                    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end"
            val expected = responsesIn(text)
            expected.size shouldBe 8
            for (cuts in splitsOf(text)) withClue(cuts) { responsesIn(text, cuts) shouldBe expected }
        }

        for ((response, expected) in REFUSED) {
            test("refused: ${response.escaped()}") {
                for (cuts in listOf(emptyList<Int>()) + splitsOf(response)) {
                    withClue(cuts) { responsesIn(response, cuts).last().removePrefix("400 ") shouldBe expected }
                }
            }
        }
    })

/** Responses with what is wrong about them. */
private val REFUSED =
    listOf(
        "<html>" to "a response begins with '<' and not with HTTP",
        "\r\nHTTP/1.1 200 OK\r\n" to "a response begins with '\\x0d' and not with HTTP",
        "HTTP/1.1 200 OK\n" to "a line ends in LF without CR: 'HTTP/1.1 200 OK'",
        "HTTP/1.1\r\n" to "the status line is malformed: 'HTTP/1.1'",
        "HTTP/1.1 \r\n" to "the status line is malformed: 'HTTP/1.1 '",
        "HTTP/1.1 20\r\n" to "the status line is malformed: 'HTTP/1.1 20'",
        "HTTP/1.1 2000\r\n" to "the status line is malformed: 'HTTP/1.1 2000'",
        "HTTP/1.1 -20 x\r\n" to "the status line is malformed: 'HTTP/1.1 -20 x'",
        "HTTP/1.1 099 x\r\n" to "the status is 99: it must be at least 100",
        "HTTP/1.1  200 OK\r\n" to "the status line is malformed: 'HTTP/1.1  200 OK'",
        "HTTX/1.1 200 OK\r\n" to "the version is malformed: 'HTTX/1.1'",
        "HTTP/1.1 200 a\u0001b\r\n" to "the reason phrase has the control character \\x01",
        "HTTP/1.1 200 OK\r\na b: c\r\n" to "a blank is before the colon of a header: 'a b: c'",
        "HTTP/1.1 200 OK\r\na: b\r\n c\r\n" to "a header line begins with a blank, which would continue the one before it: ' c'",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n" to "there is more than one Content-Length",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc" to "the connection ended after 3 of 9 bytes of a body",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n5\r\nabc" to
            "the connection ended in the middle of a body in chunks, after 5 bytes",
        "HTTP/1.1 200 OK\r\nContent-Le" to "ended in a head",
    )
