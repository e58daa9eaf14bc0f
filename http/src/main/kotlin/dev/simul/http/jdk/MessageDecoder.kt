// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import java.nio.ByteBuffer
import java.nio.CharBuffer
import java.nio.charset.CharacterCodingException
import java.nio.charset.CoderResult
import java.nio.charset.CodingErrorAction

/**
 * Finds messages in the bytes that a server sends, which come in pieces of any size. It keeps nothing of messages but the bytes of a character
 * or a control frame that has not come as a whole: a long message is given in parts, as it comes. After an exception it must not be used again.
 */
internal class MessageDecoder {
    private enum class State { HEADER, PAYLOAD }

    private var state = State.HEADER
    private val header = ByteBuffer.allocate(LONGEST_HEADER)

    // The current frame.
    private var opcode = 0
    private var isFinal = false
    private var left = 0L
    private var control = NOTHING

    /** What the current message is; 0 between messages. */
    private var message = 0
    private val characters =
        Charsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)

    /** The bytes of a character that is not complete. */
    private val rest = ByteBuffer.allocate(LONGEST_CHARACTER).limit(0)

    /** The next message, or part of one, that is in [source]; null if more bytes are needed, and [source] is used up. */
    fun decode(source: ByteBuffer): Message? {
        while (true) {
            if (state == State.HEADER && !takeHeader(source)) return null
            val message = if (Opcode.isControl(opcode)) controlMessage(source) else dataMessage(source)
            if (message != null) return message
            if (state == State.PAYLOAD) return null
        }
    }

    // Headers.

    private fun takeHeader(source: ByteBuffer): Boolean {
        while (header.position() < headerSize()) {
            if (!source.hasRemaining()) return false
            header.put(source.get())
        }
        val first = header.get(0).toInt()
        val second = header.get(1).toInt() and 0x7F
        left =
            when (second) {
                IN_16_BITS -> header.getShort(2).toLong() and 0xFFFF
                IN_64_BITS -> header.getLong(2)
                else -> second.toLong()
            }
        if ((second == IN_16_BITS && left < IN_16_BITS) || (second == IN_64_BITS && left in 0..0xFFFF)) {
            bad("the length $left of a frame takes more bytes than it needs")
        }
        if (left < 0) bad("the length of a frame is negative")
        header.clear()
        isFinal = first and 0x80 != 0
        opcode = first and 0x0F
        begin()
        state = State.PAYLOAD
        return true
    }

    /** In bytes, as far as that is known. */
    private fun headerSize(): Int {
        if (header.position() == 1) checkFirst(header.get(0).toInt())
        if (header.position() < 2) return 2
        val second = header.get(1).toInt()
        if (second and 0x80 != 0) bad("a server has masked a frame")
        return when (second) {
            IN_16_BITS -> 2 + Short.SIZE_BYTES
            IN_64_BITS -> 2 + Long.SIZE_BYTES
            else -> 2
        }
    }

    private fun checkFirst(first: Int) {
        if (first and 0x70 != 0) bad("a frame has reserved bits, of an extension that was not agreed on")
        if (!Opcode.isKnown(first and 0x0F)) bad("the opcode ${first and 0x0F} is unknown")
    }

    private fun begin() {
        when {
            Opcode.isControl(opcode) -> {
                if (!isFinal) bad("a control frame is fragmented")
                if (left > FrameEncoder.MOST_CONTROL) bad("a control frame has $left bytes, more than ${FrameEncoder.MOST_CONTROL}")
                control = ByteBuffer.allocate(left.toInt())
            }
            opcode == Opcode.CONTINUATION -> if (message == 0) bad("a frame continues a message, and there is none")
            message != 0 -> bad("a message begins in the middle of another one")
            else -> message = opcode
        }
    }

    // Payloads.

    private fun controlMessage(source: ByteBuffer): Message? {
        val part = minOf(control.remaining(), source.remaining())
        control.put(source.slice(source.position(), part))
        source.position(source.position() + part)
        if (control.hasRemaining()) return null
        state = State.HEADER
        val payload = control.flip().asReadOnlyBuffer()
        control = NOTHING
        return when (opcode) {
            Opcode.PING -> Message.Ping(payload)
            Opcode.PONG -> Message.Pong(payload)
            else -> closeOf(payload)
        }
    }

    private fun closeOf(payload: ByteBuffer): Message {
        if (!payload.hasRemaining()) return Message.Close(CloseStatus.NONE, "")
        if (payload.remaining() == 1) bad("a close frame has one byte, half of a status")
        val status = payload.getShort().toInt() and 0xFFFF
        if (!CloseStatus.isFromServer(status)) bad("the status $status is not one that a server may close with")
        val reason =
            try {
                Charsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(payload)
                    .toString()
            } catch (e: CharacterCodingException) {
                throw WebSocketProtocolException("the reason of a close frame is not UTF-8").also { it.initCause(e) }
            }
        return Message.Close(status, reason)
    }

    /** Null if there is nothing to give yet, or nothing more in this frame. */
    private fun dataMessage(source: ByteBuffer): Message? {
        val size = minOf(left, source.remaining().toLong()).toInt()
        if (size == 0 && left > 0) return null
        val part = source.slice(source.position(), size)
        source.position(source.position() + size)
        left -= size
        val isText = message == Opcode.TEXT
        val isEndOfFrame = left == 0L
        if (isEndOfFrame) state = State.HEADER
        val isLast = isEndOfFrame && isFinal
        if (isLast) message = 0
        return if (isText) textOf(part, isLast) else binaryOf(part, isLast)
    }

    private fun binaryOf(
        part: ByteBuffer,
        isLast: Boolean,
    ): Message? {
        if (!part.hasRemaining() && !isLast) return null
        val copy = ByteBuffer.allocate(part.remaining()).put(part).flip()
        return Message.Binary(copy, isLast)
    }

    private fun textOf(
        part: ByteBuffer,
        isLast: Boolean,
    ): Message? {
        val bytes = if (rest.hasRemaining()) ByteBuffer.allocate(rest.remaining() + part.remaining()).put(rest).put(part).flip() else part
        val text = CharBuffer.allocate(bytes.remaining())
        check(characters.decode(bytes, text, isLast))
        if (isLast) {
            check(characters.flush(text))
            characters.reset()
        }
        rest.clear().put(bytes).flip()
        text.flip()
        return if (text.hasRemaining() || isLast) Message.Text(text, isLast) else null
    }

    private fun check(result: CoderResult) {
        if (result.isError) throw WebSocketProtocolException("a text message is not UTF-8", CloseStatus.NOT_CONSISTENT)
    }

    private fun bad(problem: String): Nothing = throw WebSocketProtocolException(problem)

    private companion object {
        const val IN_16_BITS = 126
        const val IN_64_BITS = 127
        const val LONGEST_HEADER = 10
        const val LONGEST_CHARACTER = 4
        val NOTHING: ByteBuffer = ByteBuffer.allocate(0)
    }
}
