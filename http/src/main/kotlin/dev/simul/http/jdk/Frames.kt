// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import java.net.ProtocolException
import java.nio.ByteBuffer
import java.nio.CharBuffer
import java.nio.charset.CharacterCodingException
import java.nio.charset.CodingErrorAction

/** What a frame of a WebSocket is. Source: RFC 6455, section 5.2. */
internal object Opcode {
    const val CONTINUATION = 0
    const val TEXT = 1
    const val BINARY = 2
    const val CLOSE = 8
    const val PING = 9
    const val PONG = 10

    fun isControl(opcode: Int): Boolean = opcode >= CLOSE

    fun isKnown(opcode: Int): Boolean = opcode in CONTINUATION..BINARY || opcode in CLOSE..PONG
}

/** Makes the frames that a client sends, which are masked. */
internal object FrameEncoder {
    /** In bytes: of a control frame's payload. */
    const val MOST_CONTROL = 125
    private const val IN_16_BITS = 126
    private const val IN_64_BITS = 127
    private const val FINAL = 0x80
    private const val MASKED = 0x80
    private const val MOST_IN_16_BITS = 0xFFFF
    private const val LONGEST_HEADER = 14

    /**
     * A frame with a copy of [payload], from its position to its limit, which stay.
     *
     * @param mask any number that a script in the sender could not have foreseen.
     */
    fun encode(
        opcode: Int,
        isFinal: Boolean,
        payload: ByteBuffer,
        mask: Int,
    ): ByteBuffer {
        val length = payload.remaining()
        val frame = ByteBuffer.allocate(LONGEST_HEADER + length)
        frame.put((opcode or if (isFinal) FINAL else 0).toByte())
        when {
            length < IN_16_BITS -> frame.put((MASKED or length).toByte())
            length <= MOST_IN_16_BITS -> frame.put((MASKED or IN_16_BITS).toByte()).putShort(length.toShort())
            else -> frame.put((MASKED or IN_64_BITS).toByte()).putLong(length.toLong())
        }
        frame.putInt(mask)
        val start = frame.position()
        frame.put(payload.duplicate())
        mask(frame, start, mask)
        return frame.flip()
    }

    /** Masks what [frame] has from [start] to its position. */
    private fun mask(
        frame: ByteBuffer,
        start: Int,
        mask: Int,
    ) {
        val end = frame.position()
        val twice = (mask.toLong() shl Int.SIZE_BITS) or (mask.toLong() and 0xFFFF_FFFFL)
        var i = start
        while (i + Long.SIZE_BYTES <= end) {
            frame.putLong(i, frame.getLong(i) xor twice)
            i += Long.SIZE_BYTES
        }
        while (i < end) {
            val shift = Byte.SIZE_BITS * (3 - ((i - start) and 3))
            frame.put(i, (frame.get(i).toInt() xor (mask ushr shift)).toByte())
            i++
        }
    }

    /** [text] as UTF-8. @throws IllegalArgumentException if it has half of a character. */
    fun utf8(text: CharSequence): ByteBuffer =
        try {
            Charsets.UTF_8
                .newEncoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .encode(CharBuffer.wrap(text))
        } catch (e: CharacterCodingException) {
            throw IllegalArgumentException("the text is malformed: it has half of a pair of surrogates", e)
        }
}

/** What the frames of a server amount to, for a listener. */
internal sealed interface Message {
    /** A part of a text; never ends in the middle of a character. */
    class Text(
        val text: CharSequence,
        val isLast: Boolean,
    ) : Message

    /** A part of a binary message. */
    class Binary(
        val bytes: ByteBuffer,
        val isLast: Boolean,
    ) : Message

    class Ping(
        val bytes: ByteBuffer,
    ) : Message

    class Pong(
        val bytes: ByteBuffer,
    ) : Message

    class Close(
        val status: Int,
        val reason: String,
    ) : Message
}

/** A server does not keep to RFC 6455; [status] tells it so. */
internal class WebSocketProtocolException(
    message: String,
    val status: Int = CloseStatus.PROTOCOL_ERROR,
) : ProtocolException(message)

/** Why a WebSocket is closed. Source: RFC 6455, section 7.4. */
internal object CloseStatus {
    const val NORMAL = 1000
    const val PROTOCOL_ERROR = 1002
    const val NONE = 1005
    const val ABNORMAL = 1006
    const val NOT_CONSISTENT = 1007

    private const val MANDATORY_EXTENSION = 1010
    private const val LAST_PRIVATE = 4999
    private const val LAST = 65_535

    /** Those that mean something in a frame; above 2999 users agree on them. */
    private fun isMeant(status: Int) = status in 1000..1003 || status in 1007..1014 || status in 3000..LAST

    /** Whether a server may say that. */
    fun isFromServer(status: Int): Boolean = isMeant(status) && status != MANDATORY_EXTENSION

    /** Whether a user of a client may say that; the others are for protocols and servers to say. */
    fun isFromUser(status: Int): Boolean =
        isMeant(status) && status <= LAST_PRIVATE && status != PROTOCOL_ERROR && status != 1003 && status != NOT_CONSISTENT &&
            status !in 1009..1010 && status !in 1012..1014
}
