// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.nio.ByteBuffer

/**
 * Parses heads out of bytes that come in pieces of any size. After an exception it must not be used again.
 *
 * It is as strict as RFC 9112 allows, since peers that read the same bytes differently can be played off against each other: each line ends
 * in CR LF, no line is folded, no blank is before a colon, and there are no control characters but tabs in values. What it makes of a
 * message does not depend on the pieces.
 *
 * Between heads it holds no bytes: an idle connection costs no more than this object.
 *
 * @param H what it makes: a [RequestHead], a [ResponseHead], or [Headers] alone.
 */
public sealed class HeadParser<H : Any>(
    internal val limits: HttpLimits,
    hasStartLine: Boolean,
) {
    /** What has come of the head, up to [size]; it becomes the head's own. */
    internal var bytes: ByteArray = NOTHING
        private set
    private var size = 0

    /** Where the line begins that is not complete yet, and up to where it is known to have no line feed. */
    private var lineStart = 0
    private var searched = 0

    /** Where the header fields begin; -1 before the start line is complete, if the head has one. */
    private val noFields = if (hasStartLine) -1 else 0
    private var fieldsStart = noFields
    private var bounds = NO_BOUNDS
    private var count = 0

    /** Whether some of a head has come, and not all. */
    public val isInHead: Boolean get() = size > 0

    /**
     * Takes bytes of [source] up to the end of the head, or all of them; what follows the head stays.
     *
     * @return the head; null if it is not complete.
     * @throws BadMessageException if it is malformed or exceeds a limit.
     */
    @Throws(BadMessageException::class)
    public fun parse(source: ByteBuffer): H? {
        while (true) {
            while (true) {
                val end = lineEnd()
                if (end < 0) break
                if (takeLine(end)) return takeHead(source)
            }
            checkIncomplete()
            if (!source.hasRemaining()) return null
            fill(source)
        }
    }

    private fun fill(source: ByteBuffer) {
        val available = source.remaining()
        if (size == bytes.size) bytes = bytes.copyOf(if (size == 0) available.coerceIn(SMALLEST, FIRST) else 2 * size)
        val taken = minOf(available, bytes.size - size)
        source.get(bytes, size, taken)
        size += taken
    }

    /** The index of the next line feed; -1 if it has not come. */
    private fun lineEnd(): Int {
        val bytes = bytes
        for (i in searched until size) if (bytes[i] == Octets.LF) return i
        searched = size
        return -1
    }

    /** Takes the line that ends with the line feed at [end]; returns whether it was the head's last. */
    private fun takeLine(end: Int): Boolean {
        val start = lineStart
        val isStartLine = fieldsStart < 0
        if (isStartLine) checkStartLine(start, end - 1) else checkFields(end + 1)
        if (end == start || bytes[end - 1] != Octets.CR) bad("a line ends in LF without CR: ${Octets.quote(bytes, start, end)}")
        lineStart = end + 1
        searched = end + 1
        when {
            isStartLine -> if (takeStartLine(start, end - 1)) fieldsStart = lineStart
            end - 1 == start -> return true
            else -> takeField(start, end - 1)
        }
        return false
    }

    private fun checkIncomplete() {
        when {
            size == lineStart && fieldsStart < 0 -> Unit
            fieldsStart < 0 -> checkStartLine(lineStart, size - 1)
            else -> checkFields(size + 1)
        }
    }

    private fun checkStartLine(
        start: Int,
        end: Int,
    ) {
        checkFirst(bytes[start])
        if (end - start > limits.startLine) startLineTooLong()
    }

    private fun checkFields(end: Int) {
        if (end - fieldsStart > limits.headers) bad("the header fields have more than ${limits.headers} bytes", TOO_LARGE)
    }

    /** Returns the head and forgets it. What was read of [source] beyond it goes back. */
    private fun takeHead(source: ByteBuffer): H {
        source.position(source.position() - (size - lineStart))
        val headers = if (count == 0) Headers.EMPTY else Headers(bytes, bounds, count)
        val head = head(headers)
        bytes = NOTHING
        size = 0
        lineStart = 0
        searched = 0
        bounds = NO_BOUNDS
        count = 0
        fieldsStart = noFields
        return head
    }

    // The header fields.

    private fun takeField(
        start: Int,
        end: Int,
    ) {
        val bytes = bytes
        var nameEnd = start
        while (nameEnd < end && Octets.isToken(bytes[nameEnd].toInt())) nameEnd++
        if (nameEnd == start || nameEnd == end || bytes[nameEnd] != Octets.COLON) badName(start, nameEnd, end)
        var valueStart = nameEnd + 1
        while (valueStart < end && Octets.isBlank(bytes[valueStart])) valueStart++
        var valueEnd = end
        while (valueEnd > valueStart && Octets.isBlank(bytes[valueEnd - 1])) valueEnd--
        for (i in valueStart until valueEnd) if (!Octets.isValue(bytes[i].toInt())) badValue(start, nameEnd, bytes[i])
        addField(start, nameEnd, valueStart, valueEnd)
    }

    private fun addField(
        name: Int,
        nameEnd: Int,
        value: Int,
        valueEnd: Int,
    ) {
        if (count == limits.fields) bad("there are more than ${limits.fields} header fields", TOO_LARGE)
        val at = count++ * Headers.BOUNDS
        if (at == bounds.size) bounds = bounds.copyOf(maxOf(2 * at, FIRST_FIELDS * Headers.BOUNDS))
        bounds[at + Headers.NAME] = name
        bounds[at + Headers.NAME_END] = nameEnd
        bounds[at + Headers.VALUE] = value
        bounds[at + Headers.VALUE_END] = valueEnd
    }

    private fun badName(
        start: Int,
        nameEnd: Int,
        end: Int,
    ): Nothing {
        val line = Octets.quote(bytes, start, end)
        when {
            Octets.isBlank(bytes[start]) -> bad("a header line begins with a blank, which would continue the one before it: $line")
            nameEnd == end -> bad("a header line has no colon: $line")
            nameEnd == start && bytes[start] == Octets.COLON -> bad("a header has no name: $line")
            Octets.isBlank(bytes[nameEnd]) -> bad("a blank is before the colon of a header: $line")
            else -> bad("the name of a header has a character that it must not have: $line")
        }
    }

    private fun badValue(
        name: Int,
        nameEnd: Int,
        octet: Byte,
    ): Nothing = bad("the value of the header ${Octets.quote(bytes, name, nameEnd)} has the control character \\x%02x".format(octet))

    // The start line.

    /** Refuses [octet], the first of a start line, if the line can only be malformed. */
    internal abstract fun checkFirst(octet: Byte)

    internal abstract fun startLineTooLong(): Nothing

    /** Takes the start line between [start] and [end]; returns whether it was one. */
    internal abstract fun takeStartLine(
        start: Int,
        end: Int,
    ): Boolean

    internal abstract fun head(headers: Headers): H

    internal fun text(
        start: Int,
        end: Int,
    ): String = String(bytes, start, end - start, Charsets.ISO_8859_1)

    /** The version that is between [start] and [end]. */
    internal fun version(
        start: Int,
        end: Int,
    ): HttpVersion {
        val isVersion =
            end - start == VERSION_SIZE &&
                matches(
                    start,
                    "HTTP/",
                ) && isDigit(start + MAJOR) && bytes[start + MAJOR + 1] == DOT && isDigit(end - 1)
        if (!isVersion) bad("the version is malformed: ${Octets.quote(bytes, start, end)}")
        if (bytes[start + MAJOR] != ONE) bad("the version ${text(start, end)} is not supported: send HTTP/1.1", VERSION_NOT_SUPPORTED)
        return if (bytes[end - 1] == ZERO) HttpVersion.HTTP_1_0 else HttpVersion.HTTP_1_1
    }

    internal fun isDigit(index: Int): Boolean = bytes[index] in ZERO..NINE

    /** Whether the bytes from [start] on are those of [text]; there must be as many. */
    internal fun matches(
        start: Int,
        text: String,
    ): Boolean {
        for (i in text.indices) if (bytes[start + i].toInt() != text[i].code) return false
        return true
    }

    internal companion object {
        const val VERSION_SIZE = 8
        private const val MAJOR = 5
        private const val DOT: Byte = 46
        private const val ZERO: Byte = 48
        private const val ONE: Byte = 49
        private const val NINE: Byte = 57

        const val TOO_LARGE = 431
        private const val VERSION_NOT_SUPPORTED = 505

        /** In bytes: how much room there is at first. */
        private const val SMALLEST = 128
        private const val FIRST = 512
        private const val FIRST_FIELDS = 12
        private val NOTHING = ByteArray(0)
        private val NO_BOUNDS = IntArray(0)
    }
}

internal fun bad(
    problem: String,
    status: Int = 400,
): Nothing = throw BadMessageException(problem, status)
