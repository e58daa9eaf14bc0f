// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

/**
 * How a recipient knows where the body of a message ends. Source: RFC 9112, section 6.3.
 *
 * Heads that leave room for doubt are refused: with two lengths, or with a length for a body in chunks.
 */
public sealed interface BodyFraming {
    /** There is no body. */
    public object None : BodyFraming {
        override fun toString(): String = "None"
    }

    /** The body has as many bytes as `Content-Length` says: [bytes]. */
    public class Length(
        public val bytes: Long,
    ) : BodyFraming {
        override fun equals(other: Any?): Boolean = other is Length && bytes == other.bytes

        override fun hashCode(): Int = bytes.hashCode()

        override fun toString(): String = "Length($bytes)"
    }

    /** The body comes in chunks, each with its length; the last is empty, and trailer fields may follow it. */
    public object Chunked : BodyFraming {
        override fun toString(): String = "Chunked"
    }

    /** The body ends when the connection does. */
    public object UntilClose : BodyFraming {
        override fun toString(): String = "UntilClose"
    }

    /** What follows is no longer HTTP: the request was a `CONNECT`, or the status is 101. */
    public object Tunnel : BodyFraming {
        override fun toString(): String = "Tunnel"
    }

    public companion object {
        /** How the body of [request] ends. @throws BadMessageException if that is ambiguous, malformed or not supported. */
        @JvmStatic
        @Throws(BadMessageException::class)
        public fun of(request: RequestHead): BodyFraming = declared(request) ?: None

        /**
         * How the body of [response] ends.
         *
         * @param method of the request that it answers.
         * @throws BadMessageException if that is ambiguous, malformed or not supported.
         */
        @JvmStatic
        @Throws(BadMessageException::class)
        public fun of(
            response: ResponseHead,
            method: String,
        ): BodyFraming {
            val status = response.status
            return when {
                status == SWITCHING_PROTOCOLS || (method == "CONNECT" && status in 200..299) -> Tunnel
                status < 200 || status == NO_CONTENT || status == NOT_MODIFIED || method == "HEAD" -> None
                else -> declared(response) ?: UntilClose
            }
        }

        private fun declared(head: MessageHead): BodyFraming? {
            val headers = head.headers
            var length = -1L
            var codings = 0
            for (i in 0 until headers.size) {
                if (headers.isNamed(i, "Content-Length")) {
                    if (length >= 0) bad("there is more than one Content-Length")
                    length = length(headers.value(i))
                } else if (headers.isNamed(i, "Transfer-Encoding")) {
                    codings++
                }
            }
            if (codings == 0) return if (length < 0) null else Length(length)
            if (length >= 0) bad("there are both a Content-Length and a Transfer-Encoding")
            if (head.version == HttpVersion.HTTP_1_0) bad("a message of HTTP/1.0 has a Transfer-Encoding")
            requireChunked(headers.getAll("Transfer-Encoding").joinToString())
            return Chunked
        }

        private fun length(text: String): Long {
            if (text.isEmpty() || text.any { it !in '0'..'9' }) bad("the Content-Length is not a number: '${text.take(MOST_DIGITS)}'")
            return text.toLongOrNull() ?: bad("the Content-Length is too large: '${text.take(MOST_DIGITS)}'", CONTENT_TOO_LARGE)
        }

        private fun requireChunked(codings: String) {
            if (codings.equals("chunked", ignoreCase = true)) return
            val names = codings.split(',').map { it.trim(' ', '\t').lowercase() }
            if (names.indexOf("chunked") in 0 until names.lastIndex) bad("the Transfer-Encoding goes on after chunked: '$codings'")
            bad("the Transfer-Encoding is not supported: '$codings'", NOT_IMPLEMENTED)
        }

        private const val SWITCHING_PROTOCOLS = 101
        private const val NO_CONTENT = 204
        private const val NOT_MODIFIED = 304
        private const val CONTENT_TOO_LARGE = 413
        private const val NOT_IMPLEMENTED = 501
        private const val MOST_DIGITS = 40
    }
}
