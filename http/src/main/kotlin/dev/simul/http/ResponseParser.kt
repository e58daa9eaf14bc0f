// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

/** Parses the heads of responses. A status line may end after the status, as some servers send it. */
public class ResponseParser(
    limits: HttpLimits = HttpLimits.DEFAULT,
) : HeadParser<ResponseHead>(limits, hasStartLine = true) {
    private var version = HttpVersion.HTTP_1_1
    private var status = 0
    private var reason = ""

    override fun checkFirst(octet: Byte) {
        if (octet != FIRST_LETTER) bad("a response begins with ${Octets.quote(byteArrayOf(octet), 0, 1)} and not with HTTP")
    }

    override fun startLineTooLong(): Nothing = bad("the status line has more than ${limits.startLine} bytes", TOO_LARGE)

    override fun takeStartLine(
        start: Int,
        end: Int,
    ): Boolean {
        val statusStart = start + VERSION_SIZE + 1
        val statusEnd = statusStart + STATUS_SIZE
        val isStatusLine =
            end >= statusEnd && bytes[statusStart - 1] == Octets.SPACE && (statusStart until statusEnd).all(::isDigit) &&
                (end == statusEnd || bytes[statusEnd] == Octets.SPACE)
        if (!isStatusLine) bad("the status line is malformed: ${Octets.quote(bytes, start, end)}")
        version = version(start, statusStart - 1)
        status = text(statusStart, statusEnd).toInt()
        if (status < 100) bad("the status is $status: it must be at least 100")
        reason = reason(minOf(statusEnd + 1, end), end)
        return true
    }

    private fun reason(
        start: Int,
        end: Int,
    ): String {
        val known = reasonPhrase(status)
        if (known.length == end - start && matches(start, known)) return known
        for (i in start until end) {
            if (!Octets.isValue(bytes[i].toInt())) bad("the reason phrase has the control character \\x%02x".format(bytes[i]))
        }
        return text(start, end)
    }

    override fun head(headers: Headers): ResponseHead = ResponseHead(status, headers, reason, version)

    private companion object {
        const val STATUS_SIZE = 3
        const val FIRST_LETTER: Byte = 72
    }
}
