// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.ByteBuffer
import java.util.HexFormat

class MessageDecoderTest :
    FunSpec({
        for ((hex, expected) in MESSAGES) {
            test("$hex is $expected") {
                val bytes = bytesOf(hex)
                messagesIn(listOf(bytes)) shouldBe expected
                // However they are cut, it amounts to the same messages.
                for (cut in 1 until bytes.size) {
                    withClue("cut at $cut") {
                        joined(messagesIn(listOf(bytes.copyOf(cut), bytes.copyOfRange(cut, bytes.size)))) shouldBe joined(expected)
                    }
                }
                joined(messagesIn(bytes.map { byteArrayOf(it) })) shouldBe joined(expected)
            }
        }

        for ((hex, expected) in BROKEN) {
            val (status, problem) = expected
            test("$hex is refused: $problem") {
                val bytes = bytesOf(hex)
                for (pieces in listOf(listOf(bytes), bytes.map { byteArrayOf(it) })) {
                    val refused = shouldThrow<WebSocketProtocolException> { messagesIn(pieces) }
                    refused.message shouldContain problem
                    refused.status shouldBe status
                }
            }
        }

        test("long frames have their length in 16 or 64 bits, and come in parts") {
            for ((size, header) in listOf(125 to "827d", 126 to "827e007e", 65_535 to "827effff", 65_536 to "827f0000000000010000")) {
                val bytes = bytesOf(header) + ByteArray(size) { it.toByte() }
                messagesIn(listOf(bytes)) shouldBe listOf("binary $size last")
                val half = bytes.size / 2
                joined(messagesIn(listOf(bytes.copyOf(half), bytes.copyOfRange(half, bytes.size)))) shouldBe listOf("binary $size last")
            }
        }

        test("a text that is cut in the middle of a character is given up to that character") {
            messagesIn(listOf(bytesOf("8105 61f09f"), bytesOf("9880"))) shouldBe listOf("text 'a'", "text '\uD83D\uDE00' last")
        }
    })

/** From RFC 6455, section 5.7, and others. */
private val MESSAGES =
    listOf(
        "8105 48656c6c6f" to listOf("text 'Hello' last"),
        "0103 48656c 8002 6c6f" to listOf("text 'Hel'", "text 'lo' last"),
        "8905 48656c6c6f" to listOf("ping 5"),
        "8a00" to listOf("pong 0"),
        "8202 0102 8200" to listOf("binary 2 last", "binary 0 last"),
        "8100" to listOf("text '' last"),
        "0100 0000 8000" to listOf("text '' last"),
        "0201 00 8901 00 8001 00" to listOf("binary 1", "ping 1", "binary 1 last"),
        "0102 c3a9 0001 e2 8002 82ac" to listOf("text '\u00e9'", "text '\u20ac' last"),
        "8800" to listOf("close 1005 ''"),
        "8802 03e8" to listOf("close 1000 ''"),
        "8806 0bb8 c3a96162" to listOf("close 3000 '\u00e9ab'"),
        "8802 1387 8105" to listOf("close 4999 ''"),
    )

private val BROKEN =
    listOf(
        "c100" to (1002 to "reserved bits"),
        "9100" to (1002 to "reserved bits"),
        "8300" to (1002 to "opcode 3"),
        "8b00" to (1002 to "opcode 11"),
        "8180 00000000" to (1002 to "masked"),
        "0900" to (1002 to "fragmented"),
        "897e007e" to (1002 to "126 bytes"),
        "8000" to (1002 to "there is none"),
        "8100 0000" to (1002 to "there is none"),
        "0101 61 8101 61" to (1002 to "in the middle"),
        "817e007d" to (1002 to "more bytes than it needs"),
        "827f000000000000ffff" to (1002 to "more bytes than it needs"),
        "827f8000000000000000" to (1002 to "negative"),
        "8801 03" to (1002 to "one byte"),
        "8802 03e7" to (1002 to "status 999"),
        "8802 03ec" to (1002 to "status 1004"),
        "8802 03ed" to (1002 to "status 1005"),
        "8802 03ee" to (1002 to "status 1006"),
        "8802 03f2" to (1002 to "status 1010"),
        "8802 03f7" to (1002 to "status 1015"),
        "8802 07d0" to (1002 to "status 2000"),
        "8803 03e8 ff" to (1002 to "not UTF-8"),
        "8101 ff" to (1007 to "not UTF-8"),
        "8102 c3 28" to (1007 to "not UTF-8"),
        "8102 c080" to (1007 to "not UTF-8"),
        "8103 eda080" to (1007 to "not UTF-8"),
        "8104 f4908080" to (1007 to "not UTF-8"),
        "8101 c3" to (1007 to "not UTF-8"),
        "0101 c3 8001 61" to (1007 to "not UTF-8"),
    )

internal fun bytesOf(hex: String): ByteArray = HexFormat.of().parseHex(hex.replace(" ", ""))

private fun messagesIn(pieces: List<ByteArray>): List<String> {
    val decoder = MessageDecoder()
    val messages = ArrayList<String>()
    for (piece in pieces) {
        val source = ByteBuffer.wrap(piece)
        while (true) {
            val message = decoder.decode(source) ?: break
            messages += describe(message)
            if (message is Message.Close) return messages
        }
    }
    return messages
}

private fun describe(message: Message) =
    when (message) {
        is Message.Text -> "text '${message.text}'" + if (message.isLast) " last" else ""
        is Message.Binary -> "binary ${message.bytes.remaining()}" + if (message.isLast) " last" else ""
        is Message.Ping -> "ping ${message.bytes.remaining()}"
        is Message.Pong -> "pong ${message.bytes.remaining()}"
        is Message.Close -> "close ${message.status} '${message.reason}'"
    }

/** The messages with their parts joined; control messages between the parts come before the whole. */
private fun joined(messages: List<String>): List<String> {
    val joined = ArrayList<String>()
    var text = ""
    var size = 0
    for (message in messages) {
        val isLast = message.endsWith(" last")
        when {
            message.startsWith("text") -> {
                text += message.substringAfter('\'').substringBeforeLast('\'')
                if (isLast) joined += "text '$text' last".also { text = "" }
            }
            message.startsWith("binary") -> {
                size += message.split(' ')[1].toInt()
                if (isLast) joined += "binary $size last".also { size = 0 }
            }
            else -> joined += message
        }
    }
    return joined
}
