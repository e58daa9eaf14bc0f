// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer

class ChunkEncoderTest :
    FunSpec({
        fun put(block: (ByteBuffer) -> Unit) = Charsets.ISO_8859_1.decode(ByteBuffer.allocate(99).also(block).flip()).toString()

        test("a chunk has its size in base 16") {
            for (size in listOf(1, 9, 10, 15, 16, 255, 256, 4096, 0xABCDEF, Int.MAX_VALUE)) {
                put { ChunkEncoder.begin(it, size) } shouldBe size.toString(16) + "\r\n"
            }
            put { ChunkEncoder.begin(it, Int.MAX_VALUE) }.length shouldBe ChunkEncoder.MOST_BEFORE
        }

        test("an empty chunk ends the body, so only its end is one") {
            shouldThrow<IllegalArgumentException> { put { ChunkEncoder.begin(it, 0) } }
            put { ChunkEncoder.last(it) } shouldBe "0\r\n\r\n"
            val trailers = Headers.of("A" to "1", "B" to "2")
            put { ChunkEncoder.last(it, trailers) } shouldBe "0\r\nA: 1\r\nB: 2\r\n\r\n"
            put { ChunkEncoder.last(it, trailers) }.length shouldBe ChunkEncoder.lastSize(trailers)
        }
    })
