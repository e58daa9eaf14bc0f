// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.BufferOverflowException
import java.nio.ByteBuffer

class MessageHeadTest :
    FunSpec({
        fun encoded(head: MessageHead): String {
            val buffer = ByteBuffer.allocateDirect(head.encodedSize).also(head::encodeTo)
            buffer.hasRemaining() shouldBe false
            return Charsets.ISO_8859_1.decode(buffer.flip()).toString()
        }

        test("heads are sent as they are parsed") {
            encoded(RequestHead("GET", "/a?b", Headers.of("Host" to "x", "E" to "é"))) shouldBe
                "GET /a?b HTTP/1.1\r\nHost: x\r\nE: é\r\n\r\n"
            encoded(ResponseHead(404, version = HttpVersion.HTTP_1_0)) shouldBe "HTTP/1.0 404 Not Found\r\n\r\n"
            encoded(ResponseHead(999, Headers.of("a" to ""))) shouldBe "HTTP/1.1 999 \r\na: \r\n\r\n"
            val parsed = RequestParser().parse(ByteBuffer.wrap("GET / HTTP/1.1\r\nHost:x\r\nA:  b \r\n\r\nrest".toByteArray()))!!
            encoded(parsed) shouldBe "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n"
        }

        test("a head that does not fit is an error") {
            shouldThrow<BufferOverflowException> { RequestHead("GET", "/").encodeTo(ByteBuffer.allocate(17)) }
        }

        test("methods, targets, statuses and reasons that would break the message are refused") {
            for (method in listOf("", "G T", "GET\r\n", "GÉT", "\u0147ET")) {
                withClue(method) { shouldThrow<IllegalArgumentException> { RequestHead(method, "/") } }
            }
            for (target in listOf("", "/ HTTP/1.1\r\nx", "/a b", "/#a", "/é", "/\u0141", "/\u0000")) {
                withClue(target) { shouldThrow<IllegalArgumentException> { RequestHead("GET", target) } }
            }
            for (status in listOf(-1, 0, 99, 1000)) withClue(status) { shouldThrow<IllegalArgumentException> { ResponseHead(status) } }
            for (reason in listOf("a\r\nb", "\u0000", "\u0141")) {
                withClue(reason) { shouldThrow<IllegalArgumentException> { ResponseHead(200, reason = reason) } }
            }
        }

        test("a connection persists unless one side says no, and with HTTP/1.0 only if it says yes") {
            fun persists(
                version: HttpVersion,
                vararg fields: Pair<String, String>,
            ) = ResponseHead(200, Headers.of(*fields), version = version).isPersistent
            persists(HttpVersion.HTTP_1_1) shouldBe true
            persists(HttpVersion.HTTP_1_1, "Connection" to "x, Close") shouldBe false
            persists(HttpVersion.HTTP_1_0) shouldBe false
            persists(HttpVersion.HTTP_1_0, "connection" to "Keep-Alive") shouldBe true
            persists(HttpVersion.HTTP_1_0, "connection" to "keep-alive, close") shouldBe false
        }

        test("an exception says what was wrong and, once that is known, whose message it was") {
            val failure = BadMessageException("a blank is before the colon", 400)
            failure.message shouldBe "a blank is before the colon"
            failure.peer = "/127.0.0.1:80"
            failure.message shouldBe "a blank is before the colon, from /127.0.0.1:80"
        }
    })
