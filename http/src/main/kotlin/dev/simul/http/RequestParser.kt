// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

/**
 * Parses the heads of requests.
 *
 * It skips one empty line before a request, which some clients send after a body. A request of HTTP/1.1 must have one `Host`.
 */
public class RequestParser(
    limits: HttpLimits = HttpLimits.DEFAULT,
) : HeadParser<RequestHead>(limits, hasStartLine = true) {
    private var method = ""
    private var target = ""
    private var version = HttpVersion.HTTP_1_1
    private var hasSkippedLine = false

    override fun checkFirst(octet: Byte) {
        if (Octets.isToken(octet.toInt()) || (octet == Octets.CR && !hasSkippedLine)) return
        if (octet == TLS_HANDSHAKE) bad("this is TLS and not HTTP: the port serves plain HTTP")
        bad("a request begins with \\x%02x and not with a method".format(octet))
    }

    override fun startLineTooLong(): Nothing = bad("the request line has more than ${limits.startLine} bytes", TARGET_TOO_LONG)

    override fun takeStartLine(
        start: Int,
        end: Int,
    ): Boolean {
        if (start == end) {
            hasSkippedLine = true
            return false
        }
        val methodEnd = spaceAfter(start, end)
        val targetEnd = spaceAfter(methodEnd + 1, end)
        if (targetEnd >= end) bad("the request line is not a method, a target and a version: ${Octets.quote(bytes, start, end)}")
        version = version(targetEnd + 1, end)
        method = method(start, methodEnd)
        target = target(methodEnd + 1, targetEnd)
        return true
    }

    private fun spaceAfter(
        start: Int,
        end: Int,
    ): Int {
        var i = start
        while (i < end && bytes[i] != Octets.SPACE) i++
        return i
    }

    private fun method(
        start: Int,
        end: Int,
    ): String {
        for (known in METHODS) if (known.length == end - start && matches(start, known)) return known
        for (i in start until end) if (!Octets.isToken(bytes[i].toInt())) bad("the method is malformed: ${Octets.quote(bytes, start, end)}")
        if (end - start > LONGEST_METHOD) bad("the method has more than $LONGEST_METHOD characters", NOT_IMPLEMENTED)
        return text(start, end)
    }

    private fun target(
        start: Int,
        end: Int,
    ): String {
        for (i in start until end) if (!Octets.isTarget(bytes[i].toInt())) badTarget(start, end)
        val target = text(start, end)
        val isOfItsForm =
            when {
                method == "CONNECT" -> AUTHORITY.matches(target)
                target.startsWith('/') -> true
                target == "*" -> method == "OPTIONS"
                else -> target.indexOf("://") > 0
            }
        if (!isOfItsForm) badTarget(start, end)
        return target
    }

    private fun badTarget(
        start: Int,
        end: Int,
    ): Nothing = bad("the target is malformed: ${Octets.quote(bytes, start, end)}")

    override fun head(headers: Headers): RequestHead {
        val host = headers.indexOf("Host")
        if (host < 0 && version == HttpVersion.HTTP_1_1) bad("the request has no Host")
        if (host >= 0 && headers.indexOf("Host", host + 1) >= 0) bad("the request has more than one Host")
        if (host >= 0 && headers.value(host).any { it <= ' ' || it in "/?#@\\," }) bad("the Host is malformed: '${headers.value(host)}'")
        hasSkippedLine = false
        return RequestHead(method, target, headers, version)
    }

    private companion object {
        const val LONGEST_METHOD = 32
        const val TARGET_TOO_LONG = 414
        const val NOT_IMPLEMENTED = 501
        const val TLS_HANDSHAKE: Byte = 22
        val METHODS = arrayOf("GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE")
        val AUTHORITY = Regex("""[^/?#@]+:\d{1,5}""")
    }
}
