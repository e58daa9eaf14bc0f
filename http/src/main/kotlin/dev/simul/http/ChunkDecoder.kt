// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.nio.ByteBuffer

/** A body in chunks. Source: RFC 9112, section 7.1. */
internal class ChunkDecoder(
    private val limits: HttpLimits,
) : BodyDecoder() {
    private enum class State { SIZE, EXTENSION, SIZE_LF, CONTENT, CONTENT_CR, CONTENT_LF, TRAILERS, DONE }

    private var state = State.SIZE
    private var digits = 0

    /** How many bytes of the chunk are still to come; while its size is read, as much of that as has come. */
    private var left = 0L
    private var received = 0L
    private var extensions = 0
    private val trailerParser by lazy(LazyThreadSafetyMode.NONE) { TrailerParser(limits) }

    override val isDone: Boolean get() = state == State.DONE

    override var trailers: Headers = Headers.EMPTY
        private set

    override fun decode(
        source: ByteBuffer,
        sink: BodySink,
    ) {
        while (source.hasRemaining()) {
            when (state) {
                State.CONTENT -> if (!content(source, sink)) return
                State.TRAILERS -> trailers(source)
                State.DONE -> return
                else -> framing(source.get().toInt() and 0xFF)
            }
        }
    }

    /** Returns false if the sink has left bytes. */
    private fun content(
        source: ByteBuffer,
        sink: BodySink,
    ): Boolean {
        val offered = minOf(left, source.remaining().toLong())
        val taken = pass(source, left, sink)
        left -= taken
        received += taken
        if (left == 0L) state = State.CONTENT_CR
        return taken.toLong() == offered
    }

    private fun trailers(source: ByteBuffer) {
        trailers = trailerParser.parse(source) ?: return
        state = State.DONE
    }

    private fun framing(octet: Int) {
        when (state) {
            State.SIZE -> size(octet)
            State.EXTENSION -> extension(octet)
            State.SIZE_LF -> expect(LF, octet).also { beginChunk() }
            State.CONTENT_CR -> expect(CR, octet).also { state = State.CONTENT_LF }
            State.CONTENT_LF -> expect(LF, octet).also { state = State.SIZE }
            else -> error("$state has no framing")
        }
    }

    private fun size(octet: Int) {
        val digit = Octets.hexDigit(octet)
        when {
            digit >= 0 -> addDigit(digit)
            digits == 0 -> bad("a chunk has no size: it begins with \\x%02x".format(octet))
            octet == CR -> state = State.SIZE_LF
            octet == SEMICOLON || Octets.isBlank(octet.toByte()) -> extension(octet)
            else -> bad("the size of a chunk has the character \\x%02x".format(octet))
        }
    }

    private fun addDigit(digit: Int) {
        if (++digits > MOST_DIGITS) bad("the size of a chunk has more than $MOST_DIGITS digits")
        left = left * 16 + digit
    }

    /** Extensions are ignored, but for their number. */
    private fun extension(octet: Int) {
        state = State.EXTENSION
        when {
            octet == CR -> state = State.SIZE_LF
            !Octets.isValue(octet) -> bad("the extension of a chunk has the control character \\x%02x".format(octet))
            ++extensions > limits.chunkExtensions -> bad("the extensions of chunks have more than ${limits.chunkExtensions} bytes")
        }
    }

    private fun beginChunk() {
        digits = 0
        checkBody(received + left, limits)
        state = if (left == 0L) State.TRAILERS else State.CONTENT
    }

    private fun expect(
        expected: Int,
        octet: Int,
    ) {
        if (octet != expected) bad("a chunk or its size ends in \\x%02x and not in CR LF".format(octet))
    }

    override fun end() {
        if (!isDone) throw IncompleteMessageException("the connection ended in the middle of a body in chunks, after $received bytes")
    }

    private companion object {
        const val CR = 13
        const val LF = 10
        const val SEMICOLON = 59

        /** Of a number that a Long can hold, with room to add up some. */
        const val MOST_DIGITS = 15
    }
}
