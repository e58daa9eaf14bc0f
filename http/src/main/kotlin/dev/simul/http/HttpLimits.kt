// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

/**
 * How much of a message is accepted; a peer that sends more gets an error, and its connection is closed.
 *
 * @property startLine in bytes, of the request line or the status line without its end. Beyond it, a server answers 414.
 * @property headers in bytes, of all header fields together, and of all trailer fields. Beyond it, a server answers 431.
 * @property fields how many header fields, and how many trailer fields. Beyond it, a server answers 431.
 * @property body in bytes, of the content. Beyond it, a server answers 413.
 * @property chunkExtensions in bytes, of all extensions of a body's chunks together, which are ignored.
 */
public class HttpLimits(
    public val startLine: Int = 8 * 1024,
    public val headers: Int = 32 * 1024,
    public val fields: Int = 100,
    public val body: Long = Long.MAX_VALUE,
    public val chunkExtensions: Int = 4 * 1024,
) {
    init {
        require(startLine >= SHORTEST_START_LINE) { "startLine is $startLine: it must be at least $SHORTEST_START_LINE" }
        require(headers >= 2) { "headers is $headers: it must be at least 2, for the empty line" }
        require(fields >= 0) { "fields is $fields: it must not be negative" }
        require(body >= 0) { "body is $body: it must not be negative" }
        require(chunkExtensions >= 0) { "chunkExtensions is $chunkExtensions: it must not be negative" }
    }

    override fun toString(): String =
        "HttpLimits(startLine=$startLine, headers=$headers, fields=$fields, body=$body, chunkExtensions=$chunkExtensions)"

    public companion object {
        private const val SHORTEST_START_LINE = 16

        /** 8 KiB for the start line, 32 KiB and 100 fields for the headers, and no limit for the body. */
        @JvmField
        public val DEFAULT: HttpLimits = HttpLimits()
    }
}
