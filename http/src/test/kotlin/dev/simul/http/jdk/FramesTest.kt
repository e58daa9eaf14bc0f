// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import java.util.HexFormat

class FramesTest :
    FunSpec({
        fun encoded(
            opcode: Int,
            isFinal: Boolean,
            payload: ByteArray,
            mask: Int = 0,
        ): ByteArray =
            FrameEncoder.encode(opcode, isFinal, ByteBuffer.wrap(payload), mask).let { frame ->
                ByteArray(frame.remaining()).also(frame::get)
            }

        fun hex(bytes: ByteArray) = HexFormat.of().formatHex(bytes)

        test("the masked example of the RFC") {
            hex(encoded(Opcode.TEXT, true, "Hello".toByteArray(), 0x37fa213d)) shouldBe "818537fa213d7f9f4d5158"
        }

        for ((size, header) in LENGTHS) {
            test(
                "a header for $size bytes",
            ) { hex(encoded(Opcode.BINARY, true, ByteArray(size)).copyOf(header.length / 2)) shouldBe header }
        }

        test("a mask covers payloads of any size") {
            for (size in 0..20) {
                val payload = ByteArray(size) { (it * 7).toByte() }
                val frame = encoded(Opcode.BINARY, true, payload, 0x8182f384.toInt())
                val mask = frame.copyOfRange(2, 6)
                hex(mask) shouldBe "8182f384"
                ByteArray(size) { (frame[6 + it].toInt() xor mask[it % 4].toInt()).toByte() }.toList() shouldBe payload.toList()
            }
        }

        test("parts say what they begin, and only the last is final") {
            hex(encoded(Opcode.TEXT, false, "a".toByteArray())).take(4) shouldBe "0181"
            hex(encoded(Opcode.CONTINUATION, true, ByteArray(0))) shouldBe "808000000000"
        }

        test("what is encoded stays where it is") {
            val payload = ByteBuffer.wrap("xHellox".toByteArray()).position(1).limit(6)
            hex(FrameEncoder.encode(Opcode.TEXT, true, payload, 0).let { frame -> ByteArray(frame.remaining()).also(frame::get) }) shouldBe
                "81850000000048656c6c6f"
            payload.remaining() shouldBe 5
        }

        test("half of a character is no text") {
            FrameEncoder.utf8("\uD83D\uDE00").remaining() shouldBe 4
            shouldThrow<IllegalArgumentException> { FrameEncoder.utf8("a\uD83D") }
            shouldThrow<IllegalArgumentException> { FrameEncoder.utf8("\uDE00") }
        }

        test("who may close with which status") {
            fun ranges(isAllowed: (Int) -> Boolean) =
                (0..70_000).filter(isAllowed).fold(ArrayList<IntRange>()) { ranges, status ->
                    val last = ranges.lastOrNull()
                    if (last?.last == status - 1) ranges[ranges.lastIndex] = last.first..status else ranges += status..status
                    ranges
                }
            ranges(CloseStatus::isFromServer) shouldBe listOf(1000..1003, 1007..1009, 1011..1014, 3000..65_535)
            ranges(CloseStatus::isFromUser) shouldBe listOf(1000..1001, 1008..1008, 1011..1011, 3000..4999)
        }

        test("the answer to a key is the one of the RFC") {
            Handshake.acceptOf("dGhlIHNhbXBsZSBub25jZQ==") shouldBe "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        }
    })

private val LENGTHS =
    listOf(
        0 to "8280",
        125 to "82fd",
        126 to "82fe007e",
        65_535 to "82feffff",
        65_536 to "82ff0000000000010000",
    )
