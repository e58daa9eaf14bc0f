// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import java.nio.ByteBuffer

/** Puts a `Content-Length`. */
internal fun ByteBuffer.putContentLength(length: Long) {
    put(CONTENT_LENGTH)
    var divisor = 1L
    while (length / divisor >= 10) divisor *= 10
    while (divisor > 0) {
        put(('0'.code + (length / divisor % 10)).toByte())
        divisor /= 10
    }
    put(Octets.CR).put(Octets.LF)
}

/** Puts a `Transfer-Encoding` of chunks. */
internal fun ByteBuffer.putChunked() {
    put(CHUNKED)
}

/** Puts that the connection ends after this message, or, for HTTP/1.0, that it does not. */
internal fun ByteBuffer.putConnection(isPersistent: Boolean) {
    put(if (isPersistent) KEEP_ALIVE else CLOSE)
}

private val CONTENT_LENGTH = "Content-Length: ".toByteArray()
private val CHUNKED = "Transfer-Encoding: chunked\r\n".toByteArray()
private val KEEP_ALIVE = "Connection: keep-alive\r\n".toByteArray()
private val CLOSE = "Connection: close\r\n".toByteArray()
