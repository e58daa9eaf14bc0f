// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer

class ChunkDecoderTest :
    FunSpec({
        fun last(
            chunks: String,
            cuts: List<Int> = emptyList(),
            limits: HttpLimits = HttpLimits.DEFAULT,
        ) = requestsIn(TOP + chunks, cuts.map { it + TOP.length }, limits).last()

        test("sizes are in base 16, in any case, and extensions are ignored") {
            last("1\r\na\r\n0000000000000aB;name=value;\"quoted; \"\r\n${"b".repeat(0xAB)}\r\n1 \t\r\nc\r\n000\r\n\r\n") shouldBe
                "body 'a${"b".repeat(0xAB)}c' "
        }

        test("trailers are kept apart from the headers") {
            last("0\r\nDigest: x\r\nContent-Length: 5\r\n\r\n") shouldBe "body '' Digest: x, Content-Length: 5"
        }

        for ((chunks, expected) in REFUSED) {
            test("refused: ${chunks.escaped()}") {
                for (cuts in listOf(emptyList<Int>()) + splitsOf(chunks)) withClue(cuts) { last(chunks, cuts) shouldBe expected }
            }
        }

        test("limits hold for the sum of all chunks, of their extensions, and of the trailers") {
            last("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", limits = HttpLimits(body = 5)) shouldBe "body 'abcde' "
            last("3\r\nabc\r\n3\r\n", limits = HttpLimits(body = 5)) shouldBe "413 the body has more than 5 bytes"
            last("7fffffffffffff\r\n", limits = HttpLimits(body = 5)) shouldBe "413 the body has more than 5 bytes"
            last(
                "1;ab\r\na\r\n1;c\r\n",
                limits = HttpLimits(chunkExtensions = 4),
            ) shouldBe "400 the extensions of chunks have more than 4 bytes"
            val trailers = (1..101).joinToString("") { "a: b\r\n" }
            last("0\r\n$trailers\r\n") shouldBe "431 there are more than 100 header fields"
        }

        test("what a sink leaves is offered again, and nothing beyond the chunk ever") {
            val decoder = BodyDecoder.of(BodyFraming.Chunked)
            val source = ByteBuffer.wrap("5\r\nabcde\r\n3\r\nfgh\r\n0\r\n\r\nnext".toByteArray())
            val offered = ArrayList<String>()
            while (!decoder.isDone) {
                decoder.decode(source) { content ->
                    offered += Charsets.ISO_8859_1.decode(content.duplicate()).toString()
                    content.position(content.position() + minOf(2, content.remaining()))
                }
            }
            offered shouldContainExactly listOf("abcde", "cde", "e", "fgh", "h")
            Charsets.ISO_8859_1.decode(source).toString() shouldBe "next"
        }
    })

private const val TOP = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

private val REFUSED =
    listOf(
        "\r\n" to "400 a chunk has no size: it begins with \\x0d",
        "g\r\n" to "400 a chunk has no size: it begins with \\x67",
        "-1\r\n" to "400 a chunk has no size: it begins with \\x2d",
        " 1\r\n" to "400 a chunk has no size: it begins with \\x20",
        "0x1\r\n" to "400 the size of a chunk has the character \\x78",
        "1_0\r\n" to "400 the size of a chunk has the character \\x5f",
        "1\n" to "400 the size of a chunk has the character \\x0a",
        "1\ra" to "400 a chunk or its size ends in \\x61 and not in CR LF",
        "1;a\n" to "400 the extension of a chunk has the control character \\x0a",
        "1;a\u0000\r\n" to "400 the extension of a chunk has the control character \\x00",
        "1000000000000000\r\n" to "400 the size of a chunk has more than 15 digits",
        "1\r\nab\r\n" to "400 a chunk or its size ends in \\x62 and not in CR LF",
        "1\r\na\n" to "400 a chunk or its size ends in \\x0a and not in CR LF",
        "1\r\na\rb" to "400 a chunk or its size ends in \\x62 and not in CR LF",
        "0\r\na\r\n" to "400 a header line has no colon: 'a'",
        "0\r\n\n" to "400 a line ends in LF without CR: ''",
        "0\r\na: b\r\n c\r\n" to "400 a header line begins with a blank, which would continue the one before it: ' c'",
        "1\r\na\r\n" to "the connection ended in the middle of a body in chunks, after 1 bytes",
    )
